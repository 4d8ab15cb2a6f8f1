/** `ganc summary`: what it says of networks that are nearly the same. */
import { expect, test } from "@jest/globals";
import { summary } from "../../../src/report/specs/summary.js";
import { modelOf } from "../../support/specs.js";

const networks = (second: string): string =>
  summary(
    modelOf(`
domain X = image(8)
net J : (X, X) -> X = (x, y) => tanh(conv(3, 3, pad: 1)(concat(x, y)))
net A : X -> X = x => J(x, tanh(x))
net B : X -> X = x => ${second}
solve { min[J] E[x ~ X] l1(A(x), B(x)) }
train { optimizer: adam(2e-4) schedule: constant(1) }`),
  );

test("networks share a table where each layer reads the same ones", () => {
  expect(networks("J(x, tanh(x))")).toContain("the same layers: B : X -> X");
  expect(networks("J(tanh(x), x)")).not.toContain("the same layers");
});

test("the recipe tells which monitors end a run", () => {
  const stop = "stop: (collapse, explosion)";
  const told = summary(
    modelOf(`
domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(2e-4) schedule: constant(1) ${stop} }`),
  );
  expect(told).toMatch(/^ {2}stop +\(collapse, explosion\)$/m);
});

test("schedules of params and phases in some steps are told", () => {
  const told = summary(
    modelOf(`
param weight = 3
domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve {
  every 4 { min[G] weight * E[x ~ X] l2(G(x), 1) }
  then min[G] E[x ~ X] l1(G(x), x)
}
train {
  optimizer: adam(2e-4) schedule: constant(1) schedule[weight]: warmup(5) >> constant(3)
}`),
  );
  expect(told).toContain("  first, every 4 steps:\n");
  expect(told).toMatch(/^ {2}schedule\[weight\] +warmup\(5\) >> constant\(3\)$/m);
});
