/** Weights so far apart that one term alone is felt. */
import { expect, test } from "@jest/globals";
import { analyseText } from "../support/specs.js";

const found = (objective: string, before = ""): readonly string[] => {
  const text = `import std.losses (lsgan, cycle)
domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(3, 1)
${before}
solve { min[G, F] lsgan.fool(G, D) ${objective} + cycle(G, F) min[D] lsgan.judge(D, G) }
train { optimizer: adam(2e-4) schedule: constant(2) }`;
  return analyseText(text).diagnostics.map(
    ({ code, span, message }) =>
      `${code} ${text.slice(span.start, span.end)}: ${/[\d.]+ \w+ times|10\^\d+ times/.exec(message)?.[0]}`,
  );
};

const l = "E[x ~ X] l1(G(x), x as Y)";

test("what weighs a hundred million times as much as another term is pointed at", () => {
  expect(found(`+ 1e9 * ${l}`)).toEqual([`GAN611 1e9 * ${l}: 1 billion times`]);
  expect(found(`+ 10^8 * ${l}`)).toEqual([`GAN611 10^8 * ${l}: 100 million times`]);
  expect(found(`- (${l}) / 1e-9`)).toEqual([
    `GAN611 (${l}) / 1e-9: 1 billion times`,
    "GAN608 min[G, F]: undefined",
  ]);
  expect(found(`+ w * (3 * ${l})`, "param w : Real = 1e9")).toEqual([
    `GAN611 3 * ${l}: 3 billion times`,
  ]);
  expect(found("+ 1e9 * cycle(G, F)")).toEqual([
    "GAN604 cycle(G, F): undefined",
    "GAN611 1e9 * cycle(G, F): 1 billion times",
  ]);
  const own = `loss near(G : a -> a) = E[x ~ a] 1e9 * l1(G(x), x)`;
  const apart = found("+ near(T)", `${own}\nnet T : Y -> Y = conv(3, 3, pad: 1)`);
  expect(apart.filter((one) => one.startsWith("GAN611"))).toEqual([]);
});

test("what weighs so much less is pointed at itself", () => {
  expect(found(`+ 1e-9 * ${l}`)).toEqual([`GAN611 1e-9 * ${l}: 1 billion times`]);
});

test("weights of papers are silent, and so are those of other networks or of sums", () => {
  for (const weight of ["10", "1e5", "2e-8", "1e7", "0"])
    expect([weight, found(`+ ${weight} * ${l}`).filter((w) => !w.startsWith("GAN603"))]).toEqual([
      weight,
      [],
    ]);
  expect(found("+ 1e-9 * E[x ~ X] total(G(x) ^ 2)")).toEqual([]);
  // Both terms of G alike, and another of F alone.
  expect(
    found("+ 0.5 * E[y ~ Y] l1(F(y), y as X)").filter((code) => code.startsWith("GAN611")),
  ).toEqual([]);
});

test("networks that no term moves together do not compete", () => {
  const text = `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net F : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G, F] 1e9 * E[x ~ X] l1(G(x), x) + E[x ~ X] l1(F(x), x) }
train { optimizer: adam(2e-4) schedule: constant(2) }`;
  expect(analyseText(text).diagnostics).toEqual([]);
});
