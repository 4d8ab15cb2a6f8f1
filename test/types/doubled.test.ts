/** One mistake, one error: what two checks see, one says. */
import { expect, test } from "@jest/globals";
import { analyseText } from "../support/specs.js";

const codes = (text: string): readonly string[] =>
  analyseText(text).diagnostics.map(({ code }) => code);

const spec = (
  generator: string,
  judge: string,
): string => `import std.losses (${judge.includes("wgan") ? "lsgan, wgan" : "lsgan"})
domain X = image(8, low: 0, high: 1)
domain Y = image(8, low: 0, high: 1)
net G : X -> Y = conv(3, 3, pad: 1) >> ${generator}
net D : Y -> Scores = conv(3, 1)
solve { min[G] lsgan.fool(G, D) ${judge} }
train { optimizer: adam(1e-4) schedule: constant(2) }`;

test("two sigmoids at the end of a network of images are one too many", () => {
  expect(codes(spec("sigmoid >> sigmoid", "min[D] lsgan.judge(D, G)"))).toEqual(["GAN314"]);
  expect(codes(spec("sigmoid", "min[D] lsgan.judge(D, G)"))).toEqual([]);
});

test("the generator's loss in the discriminator's place is another loss than was meant", () => {
  expect(codes(spec("sigmoid", "min[D] lsgan.fool(G, D)"))).toEqual(["GAN512"]);
  expect(codes(spec("sigmoid", "max[D] lsgan.judge(D, G)"))).toEqual(["GAN511"]);
});

test("a critic is held by a penalty, by clipping, by spectral normalisation, or by bounds of its values", () => {
  const held = (judge: string, critic = "conv(3, 1)", recipe = ""): readonly string[] =>
    codes(
      spec("sigmoid", judge)
        .replace("Scores = conv(3, 1)", `Scores = ${critic}`)
        .replace("train {", `train { ${recipe}`),
    );
  expect(held("min[D] wgan.judge(D, G)")).toEqual(["GAN608"]);
  expect(held("min[D] wgan.judge(D, G) + 10 * wgan.penalty(D, G)")).toEqual([]);
  expect(held("min[D] wgan.judge(D, G)", "conv(3, 1)", "clip[D]: 0.01")).toEqual([]);
  expect(held("min[D] wgan.judge(D, G)", "spectral_norm(conv(3, 1))")).toEqual([]);
  expect(held("min[D] wgan.judge(D, G)", "conv(3, 1) >> tanh")).toEqual([]);
  expect(held("max[D] E[y ~ Y] 2 * mean(D(y)) / 3 - E[x ~ X] D(G(x))")).toEqual(["GAN608"]);
  expect(held("max[D] E[y ~ Y] D(y) - E[x ~ X] D(G(x)) ^ 2")).toEqual([]);
  const far = "E[y ~ Y] l2(D(y), 1) + E[x ~ X] l2(D(G(x)), 0)";
  expect(held(`max[D] ${far}`)).toEqual(["GAN608"]);
  expect(held(`min[D] -(${far}) / 2`)).toEqual(["GAN608"]);
  expect(held("max[D] E[y ~ Y] D(y) + E[x ~ X] square(D(G(x)))")).toEqual(["GAN608"]);
  expect(held("max[D] E[y ~ Y] norm(D(y)) - E[x ~ X] D(G(x))")).toEqual(["GAN608"]);
  // Between 0 and 1 that is a game of real at 0 and made at 1, and `fool` says the same of made.
  expect(held(`max[D] ${far}`, "conv(3, 1) >> sigmoid")).toEqual(["GAN612"]);
  expect(held(`max[D] ${far}`, "conv(3, 1)", "clip[D]: 0.1")).toEqual([]);
  expect(held(`max[D] ${far} - E[y ~ Y] square(D(y))`)).toEqual([]);
  expect(held("min[D] E[y ~ Y] relu(1 - l2(D(y), 0)) + E[x ~ X] l2(D(G(x)), 0)")).toEqual([]);
  expect(held(`min[D] ${far}`)).toEqual([]);
});

test("of what a network in error gives nothing is known, and nothing said", () => {
  const judged = (critic: string): readonly string[] =>
    codes(
      spec("sigmoid", "max[D] E[y ~ Y] log(D(y)) + E[x ~ X] sqrt(D(G(x))) / D(G(x))").replace(
        "Scores = conv(3, 1)",
        `Scores = ${critic}`,
      ),
    );
  expect(judged("(conv(3, 1) >> sigmoid) * 2.5")).toEqual(["GAN402"]);
  expect(judged("conv(3, 1) >> tanh").toSorted()).toEqual(["GAN312", "GAN312", "GAN316"]);
});
