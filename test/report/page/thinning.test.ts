import { expect, test } from "@jest/globals";
import { mostPoints, rateName, Thinning } from "../../../src/report/page/thinning.js";

const line = (step: number, metrics: Readonly<Record<string, number>>) => ({
  step,
  epoch: Math.floor(step / 100),
  rate: 1e-3,
  elapsed: 10 * (step + 1),
  metrics,
});

test("few steps stay as they are", () => {
  const thinning = new Thinning();
  for (let step = 0; step < 7; step++) thinning.add(line(step, { a: step * step }));
  expect(thinning.curvesIn(100)).toEqual({
    steps: [0, 1, 2, 3, 4, 5, 6],
    epochs: [0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06],
    hours: [0.0, 0.00001, 0.00001, 0.00001, 0.00001, 0.00002, 0.00002],
    curves: [
      { name: "a", mean: [0, 1, 4, 9, 16, 25, 36] },
      { name: rateName, mean: Array(7).fill(0.001) },
    ],
  });
});

test("a million steps stay within a few MB, and no peak is lost", () => {
  const thinning = new Thinning();
  for (let step = 0; step < 1_000_000; step++) {
    const value = Math.sin(step / 9000);
    const peak = step === 777_777 ? 50 : step === 123_456 ? -40 : value;
    thinning.add(line(step, { value, "peaked(G, F)": peak }));
  }
  const curves = thinning.curvesIn(1000);
  const { steps = [], curves: all = [] } = curves ?? {};
  expect(steps.length).toBeGreaterThan(mostPoints / 2);
  expect(steps.length).toBeLessThanOrEqual(mostPoints);
  // Three curves: thirty, which is many, make a page of 2 MB.
  expect(JSON.stringify(curves).length).toBeLessThan(2e5);
  const peaked = all.find(({ name }) => name === "peaked(G, F)");
  const width = (steps[1] ?? 0) - (steps[0] ?? 0);
  expect(peaked?.high?.[Math.floor(777_777 / width)]).toBe(50);
  expect(peaked?.low?.[Math.floor(123_456 / width)]).toBe(-40);
  const point = 500;
  const own = Array.from({ length: width }, (_, i) => Math.sin((point * width + i) / 9000));
  const mean = own.reduce((a, b) => a + b, 0) / width;
  expect(all[0]?.mean[point]).toBeCloseTo(mean, 4);
});

test("what is drawn depends on the steps, not on how many came before it was first looked at", () => {
  const [once, often] = [new Thinning(50), new Thinning(50)];
  for (let step = 0; step < 1000; step++) {
    const logged = line(step, step % 3 === 0 ? { a: step, b: -step } : { a: step });
    once.add(logged);
    often.add(logged);
    if (step % 7 === 0) often.curvesIn(10);
  }
  expect(often.curvesIn(10)).toEqual(once.curvesIn(10));
});

test("a quantity that came later, and one that is no number, leave gaps", () => {
  const thinning = new Thinning();
  thinning.add(line(0, { a: 1 }));
  thinning.add(line(2, { a: Number.NaN, b: 3 }));
  expect(thinning.curvesIn(undefined)?.curves).toEqual([
    { name: "a", mean: [1, null] },
    { name: "b", mean: [null, 3] },
    { name: rateName, mean: [0.001, 0.001] },
  ]);
  expect(new Thinning().curvesIn(1)).toBeUndefined();
});
