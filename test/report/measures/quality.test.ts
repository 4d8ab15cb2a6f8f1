import { expect, test } from "@jest/globals";
import { normals } from "../../../src/base/random.js";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import {
  blur,
  histogramMatch,
  l1PerImage,
  toUnit,
} from "../../../src/report/measures/baselines.js";
import { bootstrapMean, quantile } from "../../../src/report/measures/intervals.js";
import { evaluateDirection, renderQuality } from "../../../src/report/measures/quality.js";

const tensor = (shape: readonly number[], data: Iterable<number>): HostTensor => ({
  shape,
  data: Float32Array.from(data),
});

/** Smooth pictures in [0.2, 0.8], with noise of the given deviation. */
const pictures = (n: number, noise: number, seed: number): HostTensor => {
  const size = 8 * 8 * 3;
  const jitter = normals(seed, "test/jitter", n * size, 0, noise);
  return tensor(
    [n, 8, 8, 3],
    jitter.map((v, i) =>
      Math.min(1, Math.max(0, 0.5 + 0.3 * Math.sin(Math.floor(i / size) + (i % 8)) + v)),
    ),
  );
};

test("intensities are brought from the range to [0, 1] and clamped", () => {
  const { data } = toUnit(tensor([1, 1, 5, 1], [-1, 0, 1, -2, 3]), [-1, 1]);
  expect([...data]).toEqual([0, 0.5, 1, 0, 1]);
});

test("L1 is a mean over pixels and channels, one for each image", () => {
  const a = tensor([2, 1, 2, 1], [0, 0.5, 1, 1]);
  const b = tensor([2, 1, 2, 1], [0.5, 0.5, 0, 0.5]);
  expect([...l1PerImage(a, b)]).toEqual([0.25, 0.75]);
});

test("a blurred point is the Gaussian, and the sum is kept", () => {
  const point = tensor(
    [1, 15, 15, 1],
    Array.from({ length: 225 }, (_, i) => (i === 112 ? 1 : 0)),
  );
  const { data } = blur(point, 1);
  const at = (y: number, x: number) => data[y * 15 + x] ?? 0;
  expect(data.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  expect(at(7, 8) / at(7, 7)).toBeCloseTo(Math.exp(-0.5), 5);
  expect(at(6, 9) / at(7, 7)).toBeCloseTo(Math.exp(-2.5), 5);
});

test("a blur mixes neither channels nor images, and leaves a flat image alone", () => {
  const flat = tensor(
    [2, 4, 5, 2],
    Array.from({ length: 80 }, (_, i) => (i < 40 ? 0.25 : 0.5) * (i % 2 === 0 ? 1 : 2)),
  );
  const blurred = blur(flat, 2);
  blurred.data.forEach((v, i) => {
    expect(v).toBeCloseTo(flat.data[i] ?? 0, 6);
  });
});

test("a histogram match takes the targets' values and keeps the order", () => {
  const images = tensor([1, 1, 4, 1], [0, 51 / 255, 102 / 255, 1]);
  const targets = tensor(
    [2, 1, 4, 1],
    [10, 10, 20, 20, 30, 30, 40, 40].map((v) => v / 255),
  );
  const matched = histogramMatch(images, targets);
  expect([...matched.data].map((v) => Math.round(v * 255))).toEqual([10, 20, 30, 40]);
});

test("shares that differ by rounding alone do not reach the next level", () => {
  // thirds, sevenths and the like have no exact float: 21 pixels against 7 and 3 values
  const ramp = (values: readonly number[], n: number) =>
    tensor(
      [1, 1, n, 1],
      Array.from({ length: n }, (_, i) => (values[Math.floor((i * values.length) / n)] ?? 0) / 255),
    );
  for (const values of [
    [5, 9, 200],
    [1, 2, 30, 40, 50, 60, 70],
  ]) {
    const matched = histogramMatch(
      ramp(
        Array.from({ length: 21 }, (_, i) => 12 * i),
        21,
      ),
      ramp(values, 42),
    );
    expect([...matched.data].map((v) => Math.round(v * 255))).toEqual(
      Array.from({ length: 21 }, (_, i) => values[Math.floor((i * values.length) / 21)]),
    );
  }
});

test("images matched to themselves stay what they are, in each channel", () => {
  const images = pictures(1, 0.1, 1);
  const matched = histogramMatch(images, images);
  matched.data.forEach((v, i) => {
    expect(Math.abs(v - (images.data[i] ?? 0))).toBeLessThan(0.5 / 255 + 1e-6);
  });
});

test("quantiles are linear between neighbours", () => {
  expect([0, 0.125, 0.5, 1].map((q) => quantile([1, 2, 3, 4, 9], q))).toEqual([1, 1.5, 3, 9]);
});

test("the bootstrap interval of normal values is the textbook one", () => {
  const n = 400;
  const values = normals(2, "test/values", n, 0.3, 1);
  const { mean, low, high } = bootstrapMean(values, 1);
  const half = 1.96 / Math.sqrt(n);
  expect(Math.abs(mean - 0.3)).toBeLessThan(0.2);
  expect(Math.abs(high - mean - half)).toBeLessThan(0.15 * half);
  expect(Math.abs(mean - low - half)).toBeLessThan(0.15 * half);
  expect(bootstrapMean(values, 1)).toEqual({ mean, low, high });
  expect(bootstrapMean(values, 2)).not.toEqual({ mean, low, high });
  expect(bootstrapMean([2, 2, 2], 1)).toEqual({ mean: 2, low: 2, high: 2 });
});

test("95 % intervals hold the true mean about 95 times in 100", () => {
  let held = 0;
  for (let k = 0; k < 200; k++) {
    const { low, high } = bootstrapMean(normals(k, "test/coverage", 50, 1, 1), k, 500);
    if (low <= 1 && 1 <= high) held++;
  }
  // five standard deviations of a binomial of 200 and 0.94 (small samples cover a little less)
  expect(Math.abs(held - 188)).toBeLessThan(17);
});

const partners = pictures(40, 0, 1);
const inputs = pictures(40, 0.1, 2);

test("the partners themselves beat every baseline, and the input copied ties with itself", () => {
  const perfect = evaluateDirection(
    { name: "X -> Y by G", inputs, translated: partners, partners, targets: partners },
    1,
  );
  expect([perfect.error, perfect.pairs]).toEqual([0, 40]);
  for (const { error, difference } of perfect.comparisons) {
    expect(difference.high).toBeLessThan(0);
    expect(difference.mean).toBeCloseTo(-error, 12);
  }
  const copied = evaluateDirection(
    { name: "copy", inputs, translated: inputs, partners, targets: partners },
    1,
  );
  expect(copied.comparisons[0]?.difference).toEqual({ mean: 0, low: 0, high: 0 });
  // noise on smooth pictures: some blur is nearer than the copy
  expect(copied.comparisons[1]?.error).toBeLessThan(copied.error);
});

test("where the domains differ in size there is nothing to copy", () => {
  const small = tensor([40, 1, 1, 3], new Float32Array(120));
  const { comparisons } = evaluateDirection(
    { name: "F", inputs: small, translated: partners, partners, targets: partners },
    1,
  );
  expect(comparisons).toEqual([]);
});

test("the table fits 80 columns and says what is better", () => {
  const of = (low: number, high: number) => ({ mean: (low + high) / 2, low, high });
  const text = renderQuality([
    {
      name: "X -> Y by G",
      pairs: 200,
      error: 0.12345,
      comparisons: [
        { baseline: "input copied", error: 0.2, difference: of(-0.02, -0.01) },
        { baseline: "input blurred (best sigma: 0.5)", error: 0.1, difference: of(0.01, 0.03) },
        { baseline: "input, histogram matched", error: 0.3, difference: of(-0.01, 0.01) },
      ],
    },
  ]);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text.split("\n").slice(4)).toEqual([
    "X -> Y by G, 200 pairs                        L1  95 % interval",
    "  translation                             0.1235",
    "  input copied                            0.2000  -0.0200 -0.0100     better",
    "  input blurred (best sigma: 0.5)         0.1000  +0.0100 +0.0300     worse",
    "  input, histogram matched                0.3000  -0.0100 +0.0100     unclear",
  ]);
});

test("grey beside colour has baselines, two sizes have none and say so", () => {
  const colours = pictures(3, 0.1, 4);
  const grey = tensor(
    [3, 8, 8, 1],
    colours.data.filter((_, i) => i % 3 === 0),
  );
  const of = (inputs: HostTensor, partners: HostTensor) =>
    evaluateDirection(
      { name: "X -> Y by G", inputs, translated: partners, partners, targets: partners },
      1,
    );
  const coloured = of(grey, colours);
  expect(coloured.comparisons.map(({ baseline }) => baseline)).toHaveLength(3);
  const repeated = tensor(
    [3, 8, 8, 3],
    colours.data.map((_, i) => grey.data[Math.floor(i / 3)] ?? 0),
  );
  expect(coloured.comparisons[0]?.error).toBeCloseTo(
    l1PerImage(repeated, colours).reduce((a, b) => a + b) / 3,
    6,
  );
  expect(of(colours, grey).comparisons).toHaveLength(3);
  const small = of(tensor([3, 4, 4, 3], new Float32Array(144)), colours);
  expect(small.comparisons).toEqual([]);
  const report = renderQuality([small]);
  expect(report).toContain("no baseline: inputs and partners differ in size");
  expect(report).not.toContain("The blur");
});
