/** Every size, held to trying all of them: what few values decide is what each value by itself says. */
import { expect, test } from "@jest/globals";
import { applyEdits } from "../../src/diagnostics/diagnostic.js";
import { analyseText } from "../support/specs.js";

const largest = 72;
const given = 48;

const spec = (
  body: string,
  where: string,
  lets = "",
): string => `param size : Int = ${given} ${where}
domain X = image(size, size, 3)
domain Y = image(size, size, 3)
${lets}
net G : X -> Y = ${body}
net D : Y -> Scores = conv(4, 8, stride: 2, pad: 1) >> conv(3, 1)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { min[G] max[D] gan(G, D) }
train { optimizer: adam(2e-4) schedule: constant(1) }
`;

const end = "conv(1, 3) >> tanh";
const bodies: Readonly<Record<string, string>> = {
  plain: `conv(3, 4, pad: 1) >> ${end}`,
  halves: `conv(3, 4, stride: 2, pad: 1) >> upsample(2) >> ${end}`,
  "halves twice": `conv(4, 4, stride: 2, pad: 1) * 2 >> conv_transpose(4, 4, stride: 2, pad: 1) * 2 >> ${end}`,
  thirds: `max_pool(3) >> upsample(3) >> ${end}`,
  sixths: `max_pool(3) >> conv(3, 4, stride: 2, pad: 1) >> upsample(6) >> ${end}`,
  "a wide reflection": `reflect_pad(9) >> conv(19, 4) >> ${end}`,
  "a window that shrinks": `conv(7, 4) >> conv(1, 4, pad: 3) >> ${end}`,
  skips: `x => tanh(conv(1, 3)(concat(x, upsample(2)(max_pool(2)(x)))))`,
  residuals: `residual(conv(3, 3, stride: 2, pad: 1) >> conv_transpose(3, 3, stride: 2, pad: 1, output_pad: 1)) >> ${end}`,
  norms: `conv(4, 4, stride: 4) >> instance_norm >> upsample(4) >> ${end}`,
  "a window of half the size": `conv(size // 2, 4) >> zero_pad(size // 4) >> avg_pool(2, stride: 1) >> zero_pad(1) >> avg_pool(2, stride: 1) >> ${end}`,
};
const wheres = [
  "",
  "where size >= 8",
  "where size % 2 == 0",
  "where size % 4 == 0 and size >= 12",
  "where size % 12 == 0",
  "where size == 48 or size == 50",
  "where size >= 40 and size <= 50",
  "where size >= 12 and (size % 4 == 0 or size % 30 == 10)",
  "where size % 3 == 0 and size >= 12",
  "where not (size % 2 == 1) and size != 46",
];

/** Whether the networks fit at one size, without a look at others: the whole spec with that size in its place. */
const fits = (text: string, size: number): boolean => {
  const fixed = text.replace(/^param size.*$/m, `let size = ${size}`);
  return analyseText(fixed).diagnostics.length === 0;
};

const admitted = (text: string): readonly number[] => {
  const where = /where (.*)$/m.exec(text)?.[1] ?? "true";
  const js = where.replaceAll(" and ", " && ").replaceAll(" or ", " || ").replaceAll("not ", "!");
  const holds = new Function("size", `return ${js}`) as (size: number) => boolean;
  return Array.from({ length: largest }, (_, i) => i + 1).filter((size) => holds(size));
};

const cases = Object.entries(bodies).flatMap(([name, body]) =>
  wheres.map((where) => [`${name} ${where}`, spec(body, where)] as const),
);

test.each(cases.filter(([, text]) => fits(text, given)))("%s", (_, text) => {
  const misfits = admitted(text).filter((size) => !fits(text, size));
  const { diagnostics } = analyseText(text);
  expect(diagnostics.map(({ code }) => code)).toEqual(misfits.length > 0 ? ["GAN315"] : []);
  const [found] = diagnostics;
  if (found === undefined) return;
  const witness = Number(/^at size = (\d+), /.exec(found.message)?.[1]);
  expect([witness, fits(text, witness)]).toEqual([witness, false]);
  if (found.fix === undefined) return;
  const mended = applyEdits("test.gan", text, found.fix.edits);
  expect(admitted(mended).filter((size) => !fits(text, size))).toEqual([]);
  expect(admitted(mended)).toContain(given);
  expect(analyseText(mended).diagnostics).toEqual([]);
});

test("numbers of channels and of blocks are sizes too, and what no spec could mean is not asked", () => {
  const codes = (body: string, lets: string) =>
    analyseText(spec(body, "where size >= 8", lets)).diagnostics.map(
      (d) => d.message.split(",")[0],
    );
  const blocks = "param blocks : Int = 2";
  expect(codes(`residual(conv(3, 3, pad: 1)) * blocks >> ${end}`, blocks)).toEqual([]);
  expect(
    codes(`conv(3, 3, pad: 1) * (blocks - 2) >> conv(3, 3) * 2 >> zero_pad(2) >> ${end}`, blocks),
  ).toEqual([]);
  expect(codes(`conv(3, 4) * blocks >> zero_pad(2) >> ${end}`, blocks)).toEqual(["at blocks = 3"]);
  const width = "param width : Int = 4";
  expect(codes(`conv(3, width, pad: 1) >> ${end}`, width)).toEqual([]);
  expect(codes(`conv(3, width, pad: 1) >> residual(conv(3, 4, pad: 1)) >> ${end}`, width)).toEqual([
    "at width = 5",
  ]);
  expect(codes(`conv(3, 8 // width, pad: 1) >> ${end}`, `${width} where width >= 0`)).toEqual([
    "at width = 0",
  ]);
});
