/**
 * Terms behind a factor of 0: told where the 0 is written, and not where one use of a function
 * gives it.
 */
import { expect, test } from "@jest/globals";
import { analyseText } from "../support/specs.js";

const found = (lets: string, g: string, d: string): readonly string[] => {
  const text = `import std.losses (lsgan)
domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(3, 1)
${lets}
solve { min[G] ${g} min[D] ${d} }
train { optimizer: adam(2e-4) schedule: constant(2) }`;
  return analyseText(text)
    .diagnostics.map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`)
    .filter((one) => one !== "GAN602 lsgan");
};

const real = "E[y ~ Y]";
const made = "E[x ~ X]";
const fool = "lsgan.fool(G, D)";
const judge = "lsgan.judge(D, G)";

test("a label of 0 or 1 that a function or a loss is given", () => {
  const bce = "let bce(p, t) = -(t * log(sigmoid(p)) + (1 - t) * log(1 - sigmoid(p)))";
  expect(
    found(bce, `${made} bce(D(G(x)), 1)`, `${real} bce(D(y), 1) + ${made} bce(D(stop(G(x))), 0)`),
  ).toEqual([]);
  const loss = `loss weighted(G : a -> b, D : b -> Scores, w) = w * lsgan.fool(G, D) + ${made} l1(G(x), x as Y)`;
  expect(
    found(
      loss.replaceAll("X]", "a]").replace("as Y", "as b"),
      "weighted(G, D, 0) + lsgan.fool(G, D)",
      judge,
    ),
  ).toEqual([]);
});

test("a 0 that is written, or that a param or a let of the spec is", () => {
  const term = `${made} l1(G(x), x as Y)`;
  expect(found("", `${fool} + 0 * (${term})`, judge)).toEqual([`GAN603 0 * (${term})`]);
  expect(found("", `${fool} + (${term}) * (1 - 1)`, judge)).toEqual([`GAN603 (${term}) * (1 - 1)`]);
  expect(found("param w : Real = 0", `${fool} + w * ${term}`, judge)).toEqual([
    `GAN603 w * ${term}`,
  ]);
  expect(found("let w = 0", `${fool} + 3 * w * ${term}`, judge)).toEqual([
    `GAN603 3 * w * ${term}`,
  ]);
});

test("a 0 that a `let … in` gives is written there; one that it makes of an argument is not", () => {
  const term = `${made} l1(G(x), x as Y)`;
  expect(found("", `let k = 0 in ${fool} + k * (${term})`, judge)).toEqual([
    `GAN603 k * (${term})`,
  ]);
  expect(found("", `let k = 1 in let h = 2 * k - 2 in ${fool} + h * (${term})`, judge)).toEqual([
    `GAN603 h * (${term})`,
  ]);
  const loss = (value: string): string =>
    `loss more(G : a -> b, w) = let k = ${value} in k * E[x ~ a] l1(G(x), x as b)`;
  expect(found(loss("0 * w"), `${fool} + more(G, 0) + more(G, 1)`, judge)).toEqual([]);
  expect(found(loss("w - 1"), `${fool} + more(G, 1) + more(G, 3)`, judge)).toEqual([]);
  expect(
    found(loss("w").replace(", w)", ")").replace("= w in", "= 0 in"), `${fool} + more(G)`, judge),
  ).toEqual(["GAN603 k * E[x ~ a] l1(G(x), x as b)"]);
});
