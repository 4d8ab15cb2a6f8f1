/** A term that stands twice in an objective is found by what it means. */
import { expect, test } from "@jest/globals";
import { analyseText } from "../support/specs.js";

const found = (objective: string): readonly string[] => {
  const text = `import std.losses (cycle)
domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
loss there(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
loss both(G : a -> b, F : b -> a) = there(G, F) + there(F, G)
solve { min[G, F] ${objective} }
train { optimizer: adam(2e-4) schedule: constant(2) }`;
  return analyseText(text).diagnostics.flatMap(({ code, span }) =>
    code === "GAN602" || code === "GAN601" ? [] : [`${code} ${text.slice(span.start, span.end)}`],
  );
};

test("the same set of terms, in another order, under other names or with another factor", () => {
  expect(found("cycle(G, F) + cycle(F, G)")).toEqual(["GAN604 cycle(F, G)"]);
  expect(found("10 * cycle(G, F) + cycle(F, G) * 10")).toEqual(["GAN604 cycle(F, G) * 10"]);
  expect(found("both(F, G) + cycle(G, F)")).toEqual(["GAN604 cycle(G, F)"]);
  expect(found("cycle(G, F) + both(G, F)")).toEqual(["GAN604 both(G, F)"]);
  expect(found("there(F, G) + (E[x ~ X] l1(F(G(x)), x) + E[img ~ X] l1(img, F(G(img))))")).toEqual([
    "GAN604 E[img ~ X] l1(img, F(G(img)))",
  ]);
  expect(found("2 * there(F, G) + there(G, F) + E[y ~ Y] 2 * l1(y, G(F(y)))")).toEqual([
    "GAN604 E[y ~ Y] 2 * l1(y, G(F(y)))",
  ]);
});

test("a weight for each direction of a loss that has both is one weight", () => {
  expect(found("10 * cycle(G, F) + 5 * cycle(F, G)")).toEqual(["GAN604 5 * cycle(F, G)"]);
  expect(found("cycle(G, F) + 10 * cycle(G, F)")).toEqual(["GAN604 10 * cycle(G, F)"]);
  expect(found("both(G, F) + 3 * cycle(F, G)")).toEqual(["GAN604 3 * cycle(F, G)"]);
});

test("other terms are other terms", () => {
  expect(found("there(G, F) + there(F, G)")).toEqual([]);
  expect(found("there(F, G) + there(G, F) + E[x ~ X] l2(F(G(x)), x)")).toEqual([]);
  expect(found("cycle(G, F) + E[x ~ X, w ~ X] l1(F(G(w)), x)")).toEqual(["GAN606 l1(F(G(w)), x)"]);
  expect(found("cycle(G, F) + E[x ~ X] l1(F(stop(G(x))), x)")).toEqual([]);
  expect(found("cycle(G, F) - 2 * there(F, G)")).toEqual([]);
  expect(found("2 * there(G, F) + 3 * there(F, G)")).toEqual([]);
  expect(found("cycle(G, F) - 0.5 * cycle(F, G)")).toEqual(["GAN511 min[G, F]"]);
});
