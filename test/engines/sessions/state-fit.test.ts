import { expect, test } from "@jest/globals";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { type StateForm, stateFault } from "../../../src/engines/sessions/state-fit.js";

const form: StateForm = {
  tensors: new Map([
    ["param/G.w", [2, 3]],
    ["buffer/G.u", [3]],
    ["adam.m/G.w", [2, 3]],
    ["adam.v/G.w", [2, 3]],
  ]),
  updated: [{ count: "adam.t/G", slots: ["adam.m/G.w", "adam.v/G.w"] }],
  histories: [{ key: "D/x", shape: [2, 4, 4, 1], capacity: 3 }],
};

const tensor = (shape: readonly number[], value = 0): HostTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

const fresh: readonly (readonly [string, HostTensor])[] = [
  ["param/G.w", tensor([2, 3])],
  ["buffer/G.u", tensor([3])],
];

const trained: typeof fresh = [
  ...fresh,
  ["adam.m/G.w", tensor([2, 3])],
  ["adam.v/G.w", tensor([2, 3])],
  ["adam.t/G", tensor([], 7)],
  ["history/D/x/0", tensor([3, 4, 4, 1])],
  ["history/D/x/1", tensor([1, 4, 4, 1])],
];

test("a state fits before its first update and after, its histories as full as they are", () => {
  expect(stateFault(form, new Map(fresh))).toBeUndefined();
  expect(stateFault(form, new Map(trained))).toBeUndefined();
  expect(stateFault(form, new Map([...fresh, ["adam.t/G", tensor([])]]))).toBeUndefined();
});

test.each<readonly [string, HostTensor | undefined, string]>([
  ["param/G.w", undefined, "lacks param/G.w"],
  ["param/G.w", tensor([3, 2]), "holds param/G.w as [3, 2], but it must be [2, 3]"],
  ["param/G.w", tensor([6]), "holds param/G.w as [6], but it must be [2, 3]"],
  ["buffer/G.u", undefined, "lacks buffer/G.u"],
  ["adam.v/G.w", undefined, "lacks adam.v/G.w"],
  ["adam.v/G.w", tensor([]), "holds adam.v/G.w as [], but it must be [2, 3]"],
  ["adam.t/G", undefined, "holds adam.m/G.w, which has no place here"],
  ["adam.t/G", tensor([], 1.5), "counts 1.5 updates as adam.t/G"],
  ["adam.t/G", tensor([], -1), "counts -1 updates as adam.t/G"],
  ["adam.t/G", tensor([], Number.NaN), "counts NaN updates as adam.t/G"],
  ["adam.t/G", tensor([2], 1), "holds adam.t/G as [2], but it must be []"],
  ["history/D/x/1", undefined, "lacks history/D/x/1"],
  [
    "history/D/x/0",
    tensor([4, 4, 4, 1]),
    "holds history/D/x/0 as [4, 4, 4, 1], but it must be [3, 4, 4, 1]",
  ],
  [
    "history/D/x/0",
    tensor([1, 4, 4, 3]),
    "holds history/D/x/0 as [1, 4, 4, 3], but it must be [1, 4, 4, 1]",
  ],
  ["history/D/x/2", tensor([1, 4, 4, 1]), "holds history/D/x/2, which has no place here"],
  ["param/H.w", tensor([1]), "holds param/H.w, which has no place here"],
])("a state that has %s otherwise does not", (name, changed, fault) => {
  const state = new Map(trained);
  if (changed === undefined) state.delete(name);
  else state.set(name, changed);
  expect(stateFault(form, state)).toBe(fault);
});
