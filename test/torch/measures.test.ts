/** Every measure against a published implementation, on fixed images. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { normals, stream } from "../../src/base/random.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { resizeFloat } from "../../src/data/images/resize-float.js";
import { l1PerImage } from "../../src/report/measures/baselines.js";
import { type Material, type Measured, measureAll } from "../../src/report/measures/index.js";
import { type Features, thorough } from "../../src/report/measures/measure.js";
import { psnrPerImage } from "../../src/report/measures/paired.js";
import { laplacianPyramid } from "../../src/report/measures/pyramid.js";
import {
  directionsOf,
  patchStreams,
  placesIn,
  wasserstein,
} from "../../src/report/measures/sliced.js";
import { ssimPerImage } from "../../src/report/measures/ssim.js";
import { root } from "../support/specs.js";

type Arrays = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>
>;

const ask = <A>(task: string, arrays: Arrays, rest: object = {}): A => {
  const listed = Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [
      name,
      { shape, data: Array.from(data) },
    ]),
  );
  const answer = execFileSync(torchPython(), [join(root, "test/torch/measures.py")], {
    input: JSON.stringify({ task, arrays: listed, rest }),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(answer) as A;
};

/** Waves of many widths with noise, in [0, 1]: as photographs they have much at every scale. */
const pictures = (shape: readonly [number, number, number, number], name: string): HostTensor => {
  const [n, height, width, channels] = shape;
  const uniform = stream(3, `test/${name}`);
  const noise = normals(3, `test/${name}/noise`, n * height * width * channels, 0, 0.05);
  const data = noise.map((grain, i) => {
    const [c, x] = [i % channels, Math.floor(i / channels) % width];
    const y = Math.floor(i / (channels * width)) % height;
    const k = Math.floor(i / (channels * width * height));
    const wave = (f: number): number =>
      Math.sin(f * (x * uniform(4 * k) + y * uniform(4 * k + 1)) + 6 * uniform(4 * k + 2) + c);
    return Math.min(1, Math.max(0, 0.5 + 0.2 * wave(1) + 0.2 * wave(0.2) + grain));
  });
  return { shape, data };
};

/** The first with something of the second in it. */
const between = (a: HostTensor, b: HostTensor): HostTensor => ({
  shape: a.shape,
  data: a.data.map((v, i) => 0.6 * v + 0.4 * (b.data[i] ?? 0)),
});

const read = (material: Material): Readonly<Record<string, Measured>> =>
  Object.fromEntries(
    measureAll(material).readings.map(({ measure, measured }) => [measure.name, measured]),
  );

const near = (values: ArrayLike<number>, digits: number) =>
  Array.from(values, (value) => expect.closeTo(value, digits));

test.each([[[6, 24, 20, 3]], [[5, 33, 17, 1]]] as const)(
  "L1, SSIM, PSNR and retrieval of %j",
  (shape) => {
    const partners = pictures(shape, "partners");
    const made = between(pictures(shape, "made"), partners);
    const theirs = ask<
      Readonly<Record<"l1" | "psnr" | "ssim" | "wilson", number[]>> & { hits: number }
    >("paired", { made, partners });
    expect([...ssimPerImage(made, partners)]).toEqual(near(theirs.ssim, 10));
    expect([...psnrPerImage(made, partners)]).toEqual(near(theirs.psnr, 9));
    expect([...l1PerImage(made, partners)]).toEqual(near(theirs.l1, 10));
    const found = read({ made, partners });
    expect(found.retrieval?.mean).toBe(theirs.hits / shape[0]);
    expect([found.retrieval?.low, found.retrieval?.high]).toEqual(near(theirs.wilson, 12));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    for (const name of ["ssim", "psnr", "l1"] as const)
      expect(found[name]?.mean).toBeCloseTo(mean(theirs[name]), 9);
  },
);

test("colours and diversity, of sets of two sizes", () => {
  const made = pictures([7, 20, 16, 3], "made");
  const real = between(pictures([5, 20, 16, 3], "real"), pictures([5, 20, 16, 3], "darker"));
  const theirs = ask<Readonly<Record<string, number>>>("unpaired", { made, real });
  const found = read({ made, real });
  for (const [name, value] of Object.entries(theirs))
    expect([name, found[name]?.mean]).toEqual([name, expect.closeTo(value, 10)]);
  expect(Object.keys(theirs)).toHaveLength(4);
});

test.each([
  [64, 64, 3],
  [48, 70, 1],
  [20, 31, 3],
])("the sliced Wasserstein distance at %i x %i x %i", (height, width, channels) => {
  const made = pictures([4, height, width, channels], "made");
  const real = pictures([3, height, width, channels], "real");
  const { seed, projections } = thorough;
  const placesOf = (of: HostTensor, set: string) =>
    laplacianPyramid(of).map((level, l) =>
      placesIn(level, 128, seed, `${patchStreams}/${set}/${l}`).map(({ image, y, x }) => [
        image,
        y,
        x,
      ]),
    );
  const directions = {
    shape: [projections, 49 * channels],
    data: directionsOf(49 * channels, projections, seed),
  };
  const places = [placesOf(made, "made"), placesOf(real, "real")];
  const theirs = ask<{ swd: number; levels: number[]; lists: number[][] }>(
    "sliced",
    { made, real, directions },
    { places },
  );
  expect(places[0]).toHaveLength(theirs.levels.length);
  expect(read({ made, real }).swd?.mean).toBeCloseTo(theirs.swd, 8);
  const [first = [], second = []] = theirs.lists;
  expect(wasserstein(Float64Array.from(first), Float64Array.from(second))).toBeGreaterThan(0);
});

/** Correlated features with a mean, `[n, d]`. */
const featuresOf = (count: number, size: number, name: string, shift: number): Features => {
  const raw = normals(5, `test/features/${name}`, count * (size + 1));
  const data = Float64Array.from({ length: count * size }, (_, at) => {
    const [i, k] = [Math.floor(at / size), at % size];
    const own = raw[i * (size + 1) + k] ?? 0;
    return shift + 0.5 * own + 0.4 * (raw[i * (size + 1) + k + 1] ?? 0) * (k % 3);
  });
  return { count, size, data };
};

test.each([
  // Fewer images than features, as with Inception; and more
  [12, 12, 40],
  [60, 60, 6],
])("FID and KID of %i and %i images by %i features", (n, m, size) => {
  const [made, real] = [featuresOf(n, size, "made", 0.3), featuresOf(m, size, "real", 0)];
  const arrays = {
    made: { shape: [n, size], data: made.data },
    real: { shape: [m, size], data: real.data },
  };
  const theirs = ask<{ fid: number; kid: number }>("features", arrays, { subset: n });
  const found = read({ made: pictures([1, 8, 8, 1], "none"), features: { made, real } });
  expect(Math.abs((found.fid?.mean ?? Number.NaN) / theirs.fid - 1)).toBeLessThan(1e-6);
  expect(Math.abs((found.kid?.mean ?? Number.NaN) / theirs.kid - 1)).toBeLessThan(1e-5);
});

test.each([
  [64, 64, 299, 299],
  [40, 90, 33, 17],
  [310, 299, 299, 299],
])("a picture of %i x %i resized to %i x %i as clean-fid does", (height, width, to, across) => {
  const uniform = stream(9, "test/resize");
  const data = Float32Array.from({ length: height * width * 3 }, (_, i) =>
    Math.floor(256 * uniform(i)),
  );
  const image = { shape: [height, width, 3], data };
  const theirs = ask<{ resized: number[] }>("resized", { image }, { size: [across, to] });
  const own = resizeFloat({ shape: [1, height, width, 3], data }, to, across);
  const clipped = own.data.map((v) => Math.min(255, Math.max(0, v)));
  expect(clipped.length).toBe(theirs.resized.length);
  const worst = clipped.reduce(
    (most, v, i) => Math.max(most, Math.abs(v - (theirs.resized[i] ?? 0))),
    0,
  );
  expect(worst).toBeLessThan(1e-4);
});
