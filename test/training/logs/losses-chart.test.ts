/** What of a log is in its chart. */
import { expect, test } from "@jest/globals";
import { linesOf } from "../../../src/training/logs/losses-chart.js";

const log = (...steps: readonly Readonly<Record<string, number>>[]) =>
  steps.map((metrics, step) => ({ step, metrics }));

const labels = (...steps: readonly Readonly<Record<string, number>>[]) =>
  linesOf(log(...steps)).map(({ label }) => label);

test.each<readonly [string, readonly Readonly<Record<string, number>>[], readonly string[]]>([
  ["terms, and not their sums", [{ "min[G]": 11, "cycle(G, F)": 1 }], ["cycle(G, F)"]],
  ["a sum alone", [{ "min[G]": 11 }, { "min[G]": 9 }], ["min[G]"]],
  [
    "objectives that are terms, and not one that is all",
    [
      { "min[G]": 11, all: 11, flat: 11, "cycle(G, F)": 1 },
      { "min[G]": 9, all: 9, flat: 1, "cycle(G, F)": 2 },
    ],
    ["flat", "cycle(G, F)"],
  ],
  [
    "expectations by their formulas",
    [{ "max[D]": 1, "E[x ~ X, t ~ T] D(G(x, t))": 1 }],
    ["D(G(x, t))"],
  ],
  [
    "what came later too",
    [
      { "min[G]": 1, a: 2 },
      { "min[G]": 1, a: 2, b: 3 },
    ],
    ["a", "b"],
  ],
])("%s", (_, steps, expected) => {
  expect(labels(...steps)).toEqual(expected);
});

test("what a step does not have is left out: a phase may run in some steps only", () => {
  const [, later] = linesOf(log({ a: 1 }, { a: 2, b: 3 }));
  expect(later?.points).toEqual([[1, 3]]);
});
