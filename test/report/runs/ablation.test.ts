/** Specs side by side: what is averaged over what. */
import { expect, test } from "@jest/globals";
import { studentMean } from "../../../src/report/measures/intervals.js";
import {
  ablationMarkdown,
  ablationRows,
  type RunResult,
  renderAblation,
} from "../../../src/report/runs/ablation.js";

const run = (spec: string, seed: number, value: number, best?: number): RunResult => {
  const measures = (of: number) => [
    {
      network: "G",
      name: "l1",
      value: of,
      low: of - 0.01,
      high: of + 0.03,
      count: 40,
      better: "lower" as const,
    },
  ];
  const last = { checkpoint: "last", step: 9, measures: measures(value) };
  return {
    spec,
    seed,
    checkpoints:
      best === undefined
        ? [last]
        : [last, { checkpoint: "best", step: 5, measures: measures(best) }],
  };
};

test("a mean of a few has Student's interval, as the tables have it", () => {
  // t.975: 12.7062, 4.30265, 3.18245, 2.77645, 2.22814, 1.98397
  for (const [n, t] of [
    [2, 12.7062],
    [3, 4.30265],
    [4, 3.18245],
    [5, 2.77645],
    [11, 2.22814],
    [101, 1.98397],
  ] as const) {
    const values = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i));
    const { mean, high } = studentMean(values);
    const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    expect((high - mean) / Math.sqrt(squares / (n - 1) / n) / t).toBeCloseTo(1, 2);
  }
  expect(studentMean([2])).toEqual({ mean: 2, low: 2, high: 2 });
});

test("a row is a mean over seeds, with an interval over seeds and one over images", () => {
  const rows = ablationRows([
    run("a", 0, 0.1),
    run("b", 0, 0.5),
    run("a", 1, 0.2),
    run("a", 2, 0.3),
  ]);
  expect(rows).toEqual([
    expect.objectContaining({
      spec: "a",
      checkpoint: "last",
      network: "G",
      name: "l1",
      mean: expect.closeTo(0.2, 12),
      runs: 3,
      images: 40,
      overImages: { low: expect.closeTo(0.19, 12), high: expect.closeTo(0.23, 12) },
    }),
    expect.objectContaining({ spec: "b", runs: 1, mean: 0.5, overSeeds: null }),
  ]);
  const { low = 0, high = 0 } = rows[0]?.overSeeds ?? {};
  expect((high - low) / 2).toBeCloseTo((4.30265 * 0.1) / Math.sqrt(3), 3);
});

test("last and best stand apart, in a table and in a report", () => {
  const rows = ablationRows([run("a", 0, 0.1, 0.05), run("b|c", 0, 0.5)]);
  const text = renderAblation(rows);
  expect(text).toContain("L1 of G, last checkpoint: lower is better");
  expect(text).toMatch(/L1 of G, best checkpoint.*\n.*\n {2}a +0\.0500 {3}- +0\.0400 0\.0800$/);
  const report = ablationMarkdown(rows, {
    command: "ganc ablate a b",
    facts: ["data: emoji"],
    runs: [{ spec: "a", seed: 0, folder: "out/a/seed-0" }],
    failures: ["b, seed 1: lost"],
  });
  expect(report).toContain("| b\\|c | 1 | 0.5000 |");
  expect(report).toContain("- b, seed 1: lost");
  expect(report).toContain("- a, seed 0: `out/a/seed-0`");
});
