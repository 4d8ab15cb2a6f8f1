/** Inputs that nothing reads are not asked for, and all others stay as they are. */
import { expect, test } from "@jest/globals";
import { add } from "../../../src/graph/operators/arithmetic.js";
import { exp } from "../../../src/graph/operators/functions.js";
import { input } from "../../../src/graph/operators/sources.js";
import { eliminateDeadInputs } from "../../../src/graph/passes/dce.js";

const [x, y, z] = [input("x", [2]), input("y", [2]), input("z", [2])] as const;

test("an input that no output needs goes, in whatever place", () => {
  const outputs = new Map([["value", exp(y)]]);
  expect(eliminateDeadInputs({ name: "g", inputs: [x, y, z], outputs })).toEqual({
    name: "g",
    inputs: [y],
    outputs,
  });
});

test("one that is an output itself, or is needed by way of others, stays, in its order", () => {
  const outputs = new Map([
    ["x", x],
    ["value", add(exp(z), exp(y))],
  ]);
  expect(eliminateDeadInputs({ name: "g", inputs: [z, x, y], outputs }).inputs).toEqual([z, x, y]);
});
