/**
 * What measures say of sets of which one knows it; test/torch holds their numbers to published
 * implementations.
 */
import { expect, test } from "@jest/globals";
import { normals } from "../../../src/base/random.js";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { eigenvalues } from "../../../src/report/measures/eigenvalues.js";
import { type Material, measureAll, measures, quick } from "../../../src/report/measures/index.js";
import { bootstrapSets, wilson } from "../../../src/report/measures/intervals.js";
import type { Features, Measured } from "../../../src/report/measures/measure.js";

const clamp = (v: number): number => Math.min(1, Math.max(0, v));

/** Noise about `grey`. */
const noise = (
  n: number,
  side: number,
  name: string,
  grey = 0.5,
  deviation = 0.1,
  channels = 3,
): HostTensor => ({
  shape: [n, side, side, channels],
  data: normals(1, `test/${name}`, n * side * side * channels, grey, deviation).map(clamp),
});

const read = (material: Material): Readonly<Record<string, Measured>> =>
  Object.fromEntries(
    measureAll(material, quick).readings.map(({ measure, measured }) => [measure.name, measured]),
  );

test("names are unlike, and each entry says what it is", () => {
  expect(new Set(measures.map(({ name }) => name)).size).toBe(measures.length);
  for (const { title, says, source, unit, needs } of measures)
    expect([title, says, source, unit].every((text) => text.length > 1) && needs.length > 0).toBe(
      true,
    );
});

test("a perfect translation is told by all measures of pairs, and of sets", () => {
  const partners = noise(12, 20, "partners");
  const found = read({ made: partners, partners, real: partners });
  expect(found.l1?.mean).toBe(0);
  expect(found.ssim?.mean).toBeCloseTo(1, 12);
  expect(found.psnr?.mean).toBe(100);
  expect(found.retrieval?.mean).toBe(1);
  expect(found.retrieval?.low).toBeCloseTo(12 / (12 + 1.96 ** 2), 3);
  for (const name of ["colour_mean", "colour_spread", "colour_histogram"])
    expect(found[name]?.mean).toBe(0);
  expect(found.diversity?.mean).toBeCloseTo(1, 12);
});

test("each measure of sets tells what it is there for", () => {
  const real = noise(12, 32, "real");
  const base = read({ made: noise(12, 32, "other"), real });
  const darker = read({ made: noise(12, 32, "other", 0.3), real });
  expect(darker.colour_mean?.mean).toBeCloseTo(0.2, 2);
  expect(darker.colour_histogram?.mean).toBeCloseTo(0.2, 2);
  expect(darker.colour_spread?.mean).toBeLessThan(0.01);
  const calmer = read({ made: noise(12, 32, "other", 0.5, 0.05), real });
  expect(calmer.colour_spread?.mean).toBeCloseTo(0.05, 2);
  expect(calmer.colour_mean?.mean).toBeLessThan(0.01);
  const one = noise(1, 32, "other");
  const data = Float32Array.from(
    { length: real.data.length },
    (_, i) => one.data[i % one.data.length] ?? 0,
  );
  const collapsed = read({ made: { shape: real.shape, data }, real });
  expect(collapsed.diversity?.mean).toBe(0);
  expect(base.diversity?.mean).toBeCloseTo(1, 1);
  // Stripes instead of grain: other patches, the same colours
  const stripes = {
    shape: real.shape,
    data: real.data.map((_, i) => (Math.floor(i / 3) % 8 < 4 ? 0.4 : 0.6)),
  };
  const striped = read({ made: stripes, real });
  expect(striped.swd?.mean).toBeGreaterThan(4 * (base.swd?.mean ?? Infinity));
  expect(striped.colour_mean?.mean).toBeLessThan(0.01);
});

test("what fails to be there is not measured, and what cannot be is said", () => {
  const made = noise(3, 6, "made");
  const { readings, remarks } = measureAll(
    { made, partners: made, real: noise(3, 7, "real") },
    quick,
  );
  // Real images of another size are no images of the domain
  expect(readings.map(({ measure }) => measure.name)).toEqual(["l1", "psnr", "retrieval"]);
  expect(remarks).toEqual(["SSIM: its window is of 11 x 11 pixels, and the images are of 6 x 6."]);
  const alone = measureAll({ made: noise(1, 6, "made"), real: noise(1, 6, "made") }, quick);
  expect(alone.remarks).toEqual([
    "sliced Wasserstein: its patches are of 7 x 7 pixels, and the images are of 6 x 6.",
    "diversity: it needs at least two images.",
  ]);
  expect(measureAll({ made: { shape: [0, 6, 6, 3], data: new Float32Array() } }).readings).toEqual(
    [],
  );
});

test("too few images are told, with the count that would do", () => {
  const doubts = (n: number): readonly (string | undefined)[] => {
    const partners = noise(n, 16, "partners");
    const made = noise(n, 16, "made");
    // Of every second image a tenth of the error
    const data = made.data.map((v, i) =>
      Math.floor(i / 768) % 2 === 0 ? v : 0.9 * (partners.data[i] ?? 0) + 0.1 * v,
    );
    return measureAll({ made: { ...made, data }, partners, real: partners }, quick)
      .readings.filter(({ measure }) =>
        ["l1", "retrieval", "swd", "diversity"].includes(measure.name),
      )
      .map(({ measure, measured }) => measure.doubt(measured));
  };
  expect(doubts(8)).toEqual([
    expect.stringMatching(/^uncertain by \d\d % with 8 images; about \d+ would make that 10 %$/),
    expect.stringMatching(
      /^uncertain by \d\d points of 100 with 8 images; 100 would make that 10$/,
    ),
    "8 images are few: they make the distance larger than it is, so compare equal counts only; from about 100 on that matters little",
    "8 images are few: pairs of a few images say little; from about 30 on that matters little",
  ]);
  const partners = noise(1, 16, "one");
  const [one] = measureAll({ made: noise(1, 16, "two"), partners }, quick).readings;
  expect(one?.measure.doubt(one.measured)).toBe("one image tells nothing: at least 30 are needed");
});

test("colours that are near the target's are no cause for doubt, however uncertain what is left", () => {
  const { readings } = measureAll({ made: noise(60, 8, "a"), real: noise(60, 8, "b") }, quick);
  const [mean] = readings.filter(({ measure }) => measure.name === "colour_mean");
  expect(mean?.measured.mean).toBeLessThan(0.01);
  expect(mean?.measure.doubt(mean.measured)).toBeUndefined();
});

test("a standard error of a mean of sets is that of the textbook", () => {
  const values = normals(2, "test/values", 200);
  const mean = (weights: Float64Array): number =>
    weights.reduce((sum, w, i) => sum + w * (values[i] ?? 0), 0) /
    weights.reduce((a, b) => a + b, 0);
  const options = { seed: 0, resamples: 400, least: -Infinity };
  const interval = bootstrapSets([200, 200], (a, b) => mean(a) - 0 * mean(b), options);
  const centre = values.reduce((a, b) => a + b, 0) / 200;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / 199);
  const half = (1.96 * deviation) / Math.sqrt(200);
  expect(interval.mean).toBeCloseTo(centre, 12);
  expect((interval.high - interval.low) / 2 / half).toBeGreaterThan(0.88);
  expect((interval.high - interval.low) / 2 / half).toBeLessThan(1.12);
});

test("a share of none or of all is not certain", () => {
  expect(wilson(0, 20)).toEqual({ mean: 0, low: 0, high: expect.closeTo(0.1611, 4) });
  expect(wilson(20, 20)).toEqual({ mean: 1, low: expect.closeTo(0.8389, 4), high: 1 });
});

test("eigenvalues are those of matrices of which they are known", () => {
  // -1 2 -1: 2 - 2 cos(k pi / (n + 1)), here behind a reflection
  const n = 12;
  const lengths = Float64Array.from({ length: n }, (_, i) => Math.sin(1 + i * i));
  const square = lengths.reduce((sum, v) => sum + v * v, 0);
  const h = (i: number, j: number) =>
    (i === j ? 1 : 0) - (2 * (lengths[i] ?? 0) * (lengths[j] ?? 0)) / square;
  const t = (i: number, j: number) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0);
  const all = Array.from({ length: n }, (_, i) => i);
  const entry = (i: number, j: number) =>
    all.reduce(
      (sum, k) => sum + all.reduce((inner, l) => inner + h(i, k) * t(k, l) * h(l, j), 0),
      0,
    );
  const matrix = Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n));
  const expected = all.map((k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
  expect([...eigenvalues(matrix, n)]).toEqual(expected.map((v) => expect.closeTo(v, 12)));
  expect([...eigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
  expect([...eigenvalues(Float64Array.of(3), 1)]).toEqual([expect.closeTo(3, 12)]);
});

test("FID of one set with itself is 0, and grows by the square of a shift", () => {
  const [count, size] = [30, 8];
  const set = (shift: number): Features => ({
    count,
    size,
    data: Float64Array.from(normals(4, "test/features", count * size), (v) => v + shift),
  });
  const made = noise(1, 4, "none");
  const same = read({ made, features: { made: set(0), real: set(0) } });
  expect(same.fid?.mean).toBeCloseTo(0, 6);
  const moved = read({ made, features: { made: set(0.5), real: set(0) } });
  expect(moved.fid?.mean).toBeCloseTo(size * 0.25, 6);
  expect(moved.kid?.mean).toBeGreaterThan(same.kid?.mean ?? Infinity);
});

test("distances by EfficientNet-Lite0 are named after it, and say what few images cannot tell", () => {
  const [count, size] = [30, 8];
  const set = (seed: number): Features => ({
    count,
    size,
    data: Float64Array.from(normals(seed, "test/features", count * size)),
  });
  const sets = { made: set(4), real: set(5) };
  const made = noise(1, 4, "none");
  const [theirs, ours] = [read({ made, features: sets }), read({ made, lite0: sets })];
  expect(ours.frechet_efficientnet_lite0).toEqual(theirs.fid);
  expect(ours.kernel_efficientnet_lite0).toEqual(theirs.kid);
  expect(Object.keys(ours).filter((name) => /fid|kid/.test(name))).toEqual([]);
  const doubt = (many: number) =>
    measures
      .find(({ name }) => name === "frechet_efficientnet_lite0")
      ?.doubt({ mean: 5, low: 4.9, high: 5.1, count: many });
  expect(doubt(1280)).toMatch(/^1280 images are fewer than the 1280 features.*equal counts only/);
  expect(doubt(2000)).toMatch(/^2000 images are few/);
  expect(doubt(20_000)).toBeUndefined();
});
