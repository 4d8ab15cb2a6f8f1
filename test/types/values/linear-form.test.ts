/** An objective as a weighted sum, and terms by what they mean. */
import { expect, test } from "@jest/globals";
import { resolve } from "../../../src/names/resolve.js";
import { loadSources } from "../../../src/names/sources.js";
import { builtinNames } from "../../../src/operators/index.js";
import { check } from "../../../src/types/check.js";
import { linearForm } from "../../../src/types/values/linear-form.js";
import type { Term } from "../../../src/types/values/term.js";
import { keyOf } from "../../../src/types/values/term-key.js";
import { analyseText, sources } from "../../support/specs.js";

const spec = (objective: string): string => `
domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
loss a(G : a -> b) = E[x ~ a] norm(G(x))
loss b(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
solve { min[G, F] ${objective} }
train { optimizer: adam(2e-4) schedule: constant(1) }`;

const objectiveOf = (text: string): Term => {
  const files = { "test.gan": spec(text) };
  const { sourceSet } = loadSources("test.gan", sources(files));
  const { resolved } = resolve(sourceSet, builtinNames);
  const { checked } = check(
    resolved,
    new Map(),
    { file: "test.gan", start: 0, end: 0 },
    (file) => sourceSet.files.get(file)?.text ?? "",
  );
  const found = checked?.phases[0]?.players[0]?.objective;
  if (found === undefined) throw new Error(analyseText(spec(text)).diagnostics[0]?.message);
  return found;
};

const weights = (text: string): readonly number[] =>
  linearForm(objectiveOf(text))
    .map(({ weight }) => weight)
    .sort((p, q) => p - q);

test("sums, differences, signs and products with numbers are opened", () => {
  expect(weights("a(G) + b(G, F)")).toEqual([1, 1]);
  expect(weights("a(G) - 2 * b(G, F)")).toEqual([-2, 1]);
  expect(weights("-(a(G) - b(G, F) / 4) * 8")).toEqual([-8, 2]);
  expect(weights("0 * a(G) + b(G, F) + a(F)")).toEqual([0, 1, 1]);
});

test("within expectations and losses too, with the weights around them", () => {
  expect(weights("3 * (E[x ~ X] (norm(G(x)) - 2 * l1(F(G(x)), x)))")).toEqual([-6, 3]);
});

test("terms have one key where they mean the same, whatever draws are called", () => {
  const key = (text: string): string => keyOf(objectiveOf(text));
  expect(key("a(G) + b(G, F)")).toBe(key("b(G, F) + a(G)"));
  expect(key("E[x ~ X] l1(F(G(x)), x)")).toBe(key("E[v ~ X] l1(v, F(G(v)))"));
  expect(key("b(G, F)")).toBe(key("E[x ~ X] l1(F(G(x)), x)"));
  expect(key("2 * b(G, F)")).toBe(key("b(G, F) * 2"));
  expect(key("b(G, F)")).not.toBe(key("b(F, G)"));
  expect(key("a(G) - b(G, F)")).not.toBe(key("b(G, F) - a(G)"));
});
