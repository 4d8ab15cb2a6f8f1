/**
 * Every size, held to trying all of them: what few values decide is what each value by itself says.
 */
import { expect, test } from "@jest/globals";
import { applyEdits, type Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { analyseText } from "../support/specs.js";

/** What is only warned of, as layers without an activation are, is of no size. */
const errorsIn = (text: string, set = {}): readonly Diagnostic[] =>
  analyseText(text, set).diagnostics.filter(({ severity }) => severity === "error");

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
net D : Y -> Scores = conv(4, 8, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(3, 1)
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
  "down and up again": `(conv(4, 4, stride: 2, pad: 1) >> max_pool(3) >> upsample(6)) * 3 >> ${end}`,
  "up between": `max_pool(4) >> upsample(6) >> max_pool(3) >> upsample(2) >> ${end}`,
  "a pool of the whole": `x => (${end})(max_pool(size)(x) + conv(4, 3, stride: 4)(x) * 0 + x)`,
  "pools that hardly fit": `x => (${end})(x * max_pool(size // 4)(max_pool(4)(x)))`,
  "halves the width": `conv((3, 4), 4, stride: (1, 2), pad: 1) >> upsample((1, 2)) >> ${end}`,
  "flat windows": `max_pool((3, 1)) >> upsample((3, 1)) >> conv((1, 5), 4, pad: (0, 2)) >> ${end}`,
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

/**
 * Whether the networks fit at one size, without a look at others: the whole spec with that size in
 * its place.
 */
const fits = (text: string, size: number): boolean => {
  const fixed = text.replace(/^param size.*$/m, `let size = ${size}`);
  return errorsIn(fixed).length === 0;
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

/** The verdict of few values is that of trying all; gives what it says, if anything. */
const decided = (text: string): Diagnostic | undefined => {
  const misfits = admitted(text).filter((size) => !fits(text, size));
  const diagnostics = errorsIn(text);
  expect(diagnostics.map(({ code }) => code)).toEqual(misfits.length > 0 ? ["GAN315"] : []);
  const [found] = diagnostics;
  if (found === undefined) return undefined;
  const witness = Number(/^at size = (\d+), /.exec(found.message)?.[1]);
  expect([witness, fits(text, witness)]).toEqual([witness, false]);
  return found;
};

test.each(cases.filter(([, text]) => fits(text, given)))("%s", (_, text) => {
  const found = decided(text);
  if (found?.suggestion === undefined) return;
  const mended = applyEdits("test.gan", text, found.suggestion.edits);
  expect(admitted(mended).filter((size) => !fits(text, size))).toEqual([]);
  expect(admitted(mended)).toContain(given);
  expect(errorsIn(mended)).toEqual([]);
});

test("numbers of channels and of blocks are sizes too, and what no spec could mean is not asked", () => {
  const codes = (body: string, lets: string) =>
    errorsIn(spec(body, "where size >= 8", lets)).map((d) => d.message.split(",")[0]);
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

const withGame = (lets: string, objective: string, where: string): string =>
  spec(`conv(3, 4, pad: 1) >> ${end}`, where, lets).replace(
    "solve { min[G] max[D] gan(G, D) }",
    `solve { min[G] gan(G, D) + E[x ~ X${/\by\b/.test(objective) ? ", y ~ Y" : ""}] ${objective} max[D] gan(G, D) }`,
  );

/** What shapes are asked outside of networks, each by its networks and its term. */
const games: Readonly<Record<string, readonly [lets: string, objective: string]>> = {
  "two discriminators": [
    'frozen net E : Y -> Scores = conv(3, 8, stride: 2, pad: 1) >> max_pool(2) >> conv(2, 1) from "e"',
    "l1(D(G(x)), E(y))",
  ],
  "two of other windows": [
    'frozen net E : Y -> Scores = conv(4, 8, stride: 2, pad: 1) >> avg_pool(3, stride: 1) from "e"',
    "mean(D(G(x)) - E(G(x)))",
  ],
  "a relabel": ["domain Z = image(size // 3 * 3)", "mean(G(x) as Z)"],
  "a relabel of halves": [
    'domain H = features(size // 2, size // 2, 4)\nfrozen net E : Y -> H = conv(2, 4, stride: 2) from "e"\nfrozen net Q : X -> Scores = conv(3, 4, stride: 2, pad: 1) from "q"',
    "l1(Q(x) as H, E(G(x)))",
  ],
  places: ["", "mean(positions(G(x), 30))"],
  "joined channels": [
    "frozen net E : Y -> Scores = max_pool(2) >> upsample(2)",
    "mean(concat(G(x), E(G(x))))",
  ],
};

const gameCases = Object.entries(games).flatMap(([name, [lets, objective]]) =>
  wheres.map((where) => [`${name} ${where}`, withGame(lets, objective, where)] as const),
);

test.each(gameCases.filter(([, text]) => fits(text, given)))("a game of %s", (_, text) => {
  decided(text);
});

test("the games that are tried fit at some sizes and at others not", () => {
  const at = (name: string): number => {
    const [lets = "", objective = ""] = games[name] ?? [];
    const text = withGame(lets, objective, "where size >= 8");
    return admitted(text).filter((size) => !fits(text, size)).length;
  };
  for (const name of Object.keys(games))
    expect([name, at(name) > 0 || name === "places"]).toEqual([name, true]);
});

test.each([
  ["resize(size + 2) >> random_crop(size)", "where size >= 8"],
  ["resize(50) >> random_crop(48)", "where size >= 8"],
  ["resize(50) >> random_crop(48)", "where size == 48"],
  ["resize(size * 9 // 8) >> random_crop(size)", "where size >= 8"],
  ["resize(size * 9 // 8 - 2) >> random_crop(size)", "where size >= 8"],
  ["resize(size // 2 * 2) >> random_flip", "where size >= 8"],
  ["resize(size // 2 * 2) >> random_flip", "where size >= 8 and size % 2 == 0"],
])("images through %s %s", (augment, where) => {
  const text = spec(`conv(3, 4, pad: 1) >> ${end}`, where).replace(
    "schedule:",
    `augment: ${augment} schedule:`,
  );
  decided(text);
});

/** Two params, each at every value up to 16. */
const pairsOf = (text: string): readonly (readonly [number, number])[] =>
  Array.from({ length: 256 }, (_, i) => [1 + Math.floor(i / 16), 1 + (i % 16)] as const).filter(
    ([a, b]) => !/GAN406|GAN403/.test(codesAt(text, a, b).join()),
  );

const codesAt = (text: string, a: number, b: number): readonly string[] => {
  const set = { a: String(a), b: String(b) };
  return errorsIn(text, set).map(({ code, message }) =>
    code === "GAN315" ? "other sizes" : `${code}: ${message}`,
  );
};

const ofTwo = (a: string, b: string, body: string): string =>
  spec(body, "").replace(
    /param size.*\n/,
    `param a : Int = 12 ${a}\nparam b : Int = 4 ${b}\nlet size = a\n`,
  );

test.each([
  [
    "a window as wide as the image",
    ofTwo(
      "where a >= 6",
      "where b >= 1 and b <= 6",
      `reflect_pad(b) >> conv(2 * b + 1, 4) >> ${end}`,
    ),
    true,
  ],
  [
    "one that is not",
    ofTwo(
      "where a >= 8",
      "where b >= 1 and b <= 6",
      `reflect_pad(b) >> conv(2 * b + 1, 4) >> ${end}`,
    ),
    false,
  ],
  [
    "a tie",
    ofTwo(
      "where a == 3 * b",
      "where b >= 1",
      `conv(3, 4, stride: 2, pad: 1) >> upsample(2) >> ${end}`,
    ),
    true,
  ],
  [
    "a tie that fits",
    ofTwo(
      "where a == 3 * b",
      "where b % 2 == 0 and b >= 2",
      `conv(3, 4, stride: 2, pad: 1) >> upsample(2) >> ${end}`,
    ),
    false,
  ],
  [
    "channels that must agree",
    ofTwo(
      "where a >= 8",
      "where b == 4 or b == 2 and a > 13",
      `conv(3, 4, pad: 1) >> residual(conv(1, b)) >> ${end}`,
    ),
    true,
  ],
])("two params: %s", (_, text, isRefused) => {
  const wrong = pairsOf(text).filter(([a, b]) =>
    codesAt(text, a, b).some((code) => code.startsWith("GAN3")),
  );
  expect(wrong.length > 0).toBe(isRefused);
  const diagnostics = errorsIn(text);
  expect(diagnostics.map(({ code }) => code)).toEqual(isRefused ? ["GAN315"] : []);
  const [, a, b] = /^at a = (\d+) and b = (\d+), /.exec(diagnostics[0]?.message ?? "") ?? [];
  if (isRefused) expect(wrong).toContainEqual([Number(a), Number(b)]);
});
