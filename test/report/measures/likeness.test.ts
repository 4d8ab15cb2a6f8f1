/** Pictures unlike a training set: what is told apart, and what is not. */
import { expect, test } from "@jest/globals";
import { normal, stream } from "../../../src/base/random.js";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { leastKnown, traits, traitsOf, unlikeness } from "../../../src/report/measures/likeness.js";

const side = 32;

type Paint = (x: number, y: number, k: number) => readonly [number, number, number];

/**
 * `n` images of intensities in [0, 1] that `paint` makes of places in [0, 1] and the image's
 * number.
 */
const drawn = (n: number, paint: Paint): HostTensor => {
  const data = new Float32Array(n * side * side * 3);
  for (let k = 0; k < n; k++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        data.set(paint(x / side, y / side, k), 3 * ((k * side + y) * side + x));
  return { shape: [n, side, side, 3], data };
};

/** Soft blobs of a muted green, each of its own brightness, place and size. */
const meadow =
  (seed: number): Paint =>
  (x, y, k) => {
    const own = stream(seed, `meadow/${k}`);
    const [bright, cx, cy, width] = [0.3 + 0.25 * own(0), own(1), own(2), 0.2 + 0.3 * own(3)];
    const blob = Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / width ** 2);
    const level = bright + 0.3 * blob;
    return [0.8 * level, level, 0.6 * level];
  };

const unit = [0, 1] as const;
const known = traitsOf(drawn(48, meadow(1)), unit);
const said = (paint: Paint) => unlikeness(traitsOf(drawn(1, paint), unit)[0] ?? [], known);

test("further images of the same kind are passed: at most one in twenty is told", () => {
  const fresh = traitsOf(drawn(200, meadow(2)), unit);
  expect(fresh.filter((one) => unlikeness(one, known) !== undefined).length).toBeLessThanOrEqual(
    10,
  );
});

test.each<[string, Paint, RegExp]>([
  [
    "night",
    () => [0.01, 0.02, 0.01],
    /darker at the border than any \(brightness at the border 0\.0\d, theirs 0\.\d\d to 0\.\d\d\)/,
  ],
  ["snow", (x, y) => [0.9 + 0.05 * x, 0.9 + 0.05 * y, 0.95], /^brighter at the border than any/],
  ["another hue", (x) => [0.5 + 0.2 * x, 0.2, 0.1], /redder than any/],
  [
    "noise",
    (x, y) => {
      const level = Math.min(1, Math.max(0, 0.45 + 0.1 * noise(32 * (32 * y + x))));
      return [0.8 * level, level, 0.6 * level];
    },
    /of finer detail than any/,
  ],
])("%s is told, by what tells it apart", (_, paint, words) => {
  expect(said(paint)).toMatch(words);
});

const draws = normal(stream(3, "noise"));
const noise = (i: number): number => draws(i);

test("each trait lies among the others', and only their company is new", () => {
  const rows = Array.from({ length: 40 }, (_, k) => {
    const t = k / 39;
    return [t, t, 0, 0, 0.2, 0.1, 0.1, 0.5];
  });
  expect(unlikeness([0.5, 0.5, 0, 0, 0.2, 0.1, 0.1, 0.5], rows)).toBeUndefined();
  expect(unlikeness([0.9, 0.1, 0, 0, 0.2, 0.1, 0.1, 0.5], rows)).toBe(
    "none of them combines its brightness, contrast, colour and detail",
  );
});

test("of training images that are all equal, the same image is like them", () => {
  const equal = Array.from({ length: 20 }, () => known[0] ?? []);
  const same = (known[0] ?? []).map((value) => value + 1e-5);
  expect(unlikeness(same, equal)).toBeUndefined();
  expect(unlikeness(known[1] ?? [], equal)).toMatch(/ than any \(/);
});

test("too few training images say nothing, and grey ones and ranges of any kind do", () => {
  expect(
    unlikeness(
      traits.map(() => 9),
      known.slice(0, leastKnown - 1),
    ),
  ).toBeUndefined();
  const grey = (range: readonly [number, number]) => {
    const { shape, data } = drawn(20, meadow(4));
    const [low, high] = range;
    return traitsOf(
      {
        shape: [shape[0] ?? 0, side, side, 1],
        data: data.filter((_, i) => i % 3 === 1).map((v) => low + v * (high - low)),
      },
      range,
    );
  };
  expect(grey([0, 1])[0]?.[0]).toBeCloseTo(grey([-1, 1])[0]?.[0] ?? NaN, 5);
  expect(unlikeness([1, 0, 0, 0, 0, 0, 0, 0.5], grey([-1, 1]))).toMatch(/brighter than any/);
});
