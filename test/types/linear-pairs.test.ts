/** Two linear layers in a row are warned of, and what people train is not. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { analyseText, sources, specNames } from "../support/specs.js";

/** What is underlined by each warning of a pair; other diagnostics by their codes. */
const found = (g: string, before = "", d = "conv(3, 1)"): readonly string[] => {
  const text = `import std.losses (lsgan)
domain X = image(8)
${before}
net G : X -> X = ${g} >> tanh
net D : X -> Scores = ${d}
solve { min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G) }
train { optimizer: adam(2e-4) schedule: constant(2) }`;
  return analyseText(text).diagnostics.map(({ code, span }) =>
    code === "GAN613" ? text.slice(span.start, span.end) : code,
  );
};

test("convolutions, transposed ones and dense layers, each behind another", () => {
  const end = "conv(3, 3, pad: 1)";
  expect(found(`conv(3, 8, pad: 1) >> ${end}`)).toEqual([end]);
  expect(found(`conv(5, 8) >> reflect_pad(1) >> zero_pad(1) >> ${end}`)).toEqual([end]);
  expect(found(`conv(4, 8, stride: 2, pad: 1) >> conv_transpose(4, 3, stride: 2, pad: 1)`)).toEqual(
    ["conv_transpose(4, 3, stride: 2, pad: 1)"],
  );
  expect(found(`dense(192) >> dense(192) >> reshape(8, 8, 3)`)).toEqual(["dense(192)"]);
  expect(
    found(`conv(3, 4, stride: 4) >> relu >> dense(32) >> dense(192) >> reshape(8, 8, 3)`),
  ).toEqual(["dense(192)"]);
  expect(found(end, "", "conv(3, 8) >> dense(1)")).toEqual(["dense(1)"]);
  expect(found(`conv(3, 8, pad: 1) * 3 >> relu >> ${end}`)).toEqual(["conv(3, 8, pad: 1)"]);
  expect(
    found(`u >> relu >> ${end}`, "let u = c(8) >> c(8)\nlet c(k) = conv(3, k, pad: 1)"),
  ).toEqual(["conv(3, k, pad: 1)"]);
  expect(found(`spectral_norm(conv(3, 8, pad: 1) >> ${end})`)).toEqual([end]);
  expect(found(`(x => ${end}(conv(3, 8, pad: 1)(x)))`)).toEqual([end]);
});

test("nothing is said where something stands between, or where the pair is less than one layer", () => {
  const end = "conv(3, 3, pad: 1)";
  for (const g of [
    `conv(3, 8, pad: 1) >> relu >> ${end}`,
    `conv(3, 8, pad: 1) >> instance_norm >> ${end}`,
    `conv(3, 8, pad: 1) >> identity >> ${end}`,
    `conv(3, 8, pad: 1) >> dropout >> ${end}`,
    // Windows of one pixel.
    `conv(1, 8) >> ${end}`,
    `conv(3, 8, pad: 1) >> conv(1, 3)`,
    // Few channels between many.
    `conv(3, 8, pad: 1) >> relu >> conv(3, 2, pad: 1) >> ${end}`,
    `conv(3, 8, pad: 1) >> relu >> dense(4) >> dense(192) >> reshape(8, 8, 3)`,
    // A code of a whole image: fewer numbers, if not fewer channels.
    `conv(3, 16, stride: 2, pad: 1) >> relu >> dense(32) >> dense(192) >> reshape(8, 8, 3)`,
    `conv(3, 16, stride: 2, pad: 1) >> relu >> flatten >> dense(32) >> dense(192) >> reshape(8, 8, 3)`,
    `dense(16) >> dense(192) >> reshape(8, 8, 3)`,
    // Pixels that change their places, or are many.
    `conv(3, 12, pad: 1) >> pixel_shuffle(2) >> conv(4, 3, stride: 2, pad: 1)`,
    `conv(3, 8, pad: 1) >> upsample(2) >> conv(4, 3, stride: 2, pad: 1)`,
    // The first is read by others too.
    `conv(3, 3, pad: 1) >> residual(${end})`,
    `conv(3, 3, pad: 1) >> (x => x + ${end}(relu(x)))`,
  ])
    expect([g, found(g)]).toEqual([g, []]);
  expect(found(end, "", "conv(3, 1) >> dense(1)")).toEqual([]);
});

test("a network that was trained elsewhere is as it is, and a code that two networks pass on is none of either", () => {
  const end = "conv(3, 3, pad: 1)";
  const nets = `domain H = features(4, 4, 8)
net E : X -> H = conv(4, 8, stride: 2, pad: 1)`;
  const g = "E >> conv_transpose(4, 3, stride: 2, pad: 1)";
  expect(found(g, nets).filter((code) => code !== "GAN502")).toEqual([]);
  const frozen = `frozen net P : X -> X = conv(3, 8, pad: 1) >> ${end} from "p.safetensors"`;
  expect(found(end, frozen)).not.toContain(end);
});

test("the project's specs say nothing of it", () => {
  for (const name of specNames) {
    const { diagnostics } = analyse(name, sources());
    expect([name, diagnostics.filter(({ code }) => code === "GAN613")]).toEqual([name, []]);
  }
});
