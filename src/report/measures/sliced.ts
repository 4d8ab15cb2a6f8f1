/** Computes the sliced Wasserstein distance of patches. */
import { left, right } from "fp-ts/lib/Either.js";
import { normals, pick, stream } from "../../base/random.js";
import { bootstrapSets } from "./intervals.js";
import { biased, type Effort, type Measure } from "./measure.js";
import { type Level, laplacianPyramid } from "./pyramid.js";

const { abs, floor, max, min, sqrt } = Math;

const SIDE = 7;

/** Most patches of one image, as in the paper. */
const mostPatches = 128;

export const patchStreams = "measures/patches";

/** Patches of a level, a row each, with the image of each. */
export interface Patches {
  readonly size: number;
  readonly data: Float64Array;
  readonly image: Int32Array;
}

/** Where a patch is cut: its image and upper left corner. */
export interface Place {
  readonly image: number;
  readonly y: number;
  readonly x: number;
}

/** Draws `each` places in every image of a level, by the seed. */
export const placesIn = (
  { count, height, width }: Pick<Level, "count" | "height" | "width">,
  each: number,
  seed: number,
  name: string,
): readonly Place[] => {
  const [ys, xs] = [stream(seed, `${name}/y`), stream(seed, `${name}/x`)];
  return Array.from({ length: count * each }, (_, p) => ({
    image: floor(p / each),
    y: pick(ys, p, height - SIDE + 1),
    x: pick(xs, p, width - SIDE + 1),
  }));
};

/**
 * Cuts 7 x 7 pixels at each place, and normalises every channel to mean 0 and deviation 1 over all
 * of them.
 */
export const patchesAt = (
  { height, width, channels, data }: Level,
  places: readonly Place[],
): Patches => {
  const size = SIDE * SIDE * channels;
  const out = new Float64Array(places.length * size);
  for (const [p, { image, y, x }] of places.entries())
    for (let row = 0; row < SIDE; row++) {
      const from = ((image * height + y + row) * width + x) * channels;
      out.set(data.subarray(from, from + SIDE * channels), p * size + row * SIDE * channels);
    }
  for (let c = 0; c < channels; c++) standardise(out, c, channels);
  return { size, data: out, image: Int32Array.from(places, ({ image }) => image) };
};

const standardise = (data: Float64Array, first: number, stride: number): void => {
  const n = data.length / stride;
  let sum = 0;
  for (let i = first; i < data.length; i += stride) sum += data[i] ?? 0;
  const mean = sum / n;
  let squares = 0;
  for (let i = first; i < data.length; i += stride) squares += ((data[i] ?? 0) - mean) ** 2;
  // A flat channel has no deviation to divide by.
  const deviation = sqrt(squares / n) || 1;
  for (let i = first; i < data.length; i += stride) data[i] = ((data[i] ?? 0) - mean) / deviation;
};

/** Draws directions of length 1, `[projections, size]`. */
export const directionsOf = (size: number, projections: number, seed: number): Float64Array => {
  const drawn = normals(seed, "measures/directions", size * projections);
  const out = Float64Array.from(drawn);
  for (let p = 0; p < projections; p++) {
    const row = out.subarray(p * size, (p + 1) * size);
    const length = sqrt(row.reduce((sum, v) => sum + v * v, 0));
    for (let i = 0; i < size; i++) row[i] = (row[i] ?? 0) / length;
  }
  return out;
};

const projected = ({ data, size }: Patches, direction: Float64Array): Float64Array => {
  const out = new Float64Array(data.length / size);
  for (let p = 0; p < out.length; p++) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (data[p * size + i] ?? 0) * (direction[i] ?? 0);
    out[p] = sum;
  }
  return out;
};

/**
 * The sorted values of two sets. With it, the distance for any weights of the members is one pass.
 */
interface Walk {
  /** Indices of values in ascending order; the second set's follow the first's. */
  readonly order: Uint32Array;
  /** Distance from each value to the next. */
  readonly gaps: Float64Array;
}

const walkOf = (first: Float64Array, second: Float64Array): Walk => {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  const order = Uint32Array.from(all, (_, i) => i).sort((a, b) => (all[a] ?? 0) - (all[b] ?? 0));
  const gaps = Float64Array.from(order, (at, i) => (all[order[i + 1] ?? at] ?? 0) - (all[at] ?? 0));
  return { order, gaps };
};

/**
 * Computes the 1-Wasserstein distance, the area between the distribution functions. `weights` has a
 * weight for each value, signed by its set.
 */
const walked = ({ order, gaps }: Walk, weights: Float64Array): number => {
  let [behind, area] = [0, 0];
  for (let i = 0; i < order.length; i++) {
    behind += weights[order[i] ?? 0] ?? 0;
    area += abs(behind) * (gaps[i] ?? 0);
  }
  return area;
};

/** Computes the 1-Wasserstein distance of two lists of numbers. */
export const wasserstein = (first: Float64Array, second: Float64Array): number => {
  const weights = new Float64Array(first.length + second.length);
  weights.fill(1 / first.length, 0, first.length).fill(-1 / second.length, first.length);
  return walked(walkOf(first, second), weights);
};

/** Gives each patch its image's share; shares of the second set are negative. */
const shares = (sets: readonly [Patches, Patches], of: readonly Float64Array[]): Float64Array => {
  const lists = sets.map(({ image }, s) => {
    const each = Float64Array.from(image, (k) => of[s]?.[k] ?? 0);
    const sum = each.reduce((a, b) => a + b, 0);
    return each.map((w) => (s === 0 ? w : -w) / sum);
  });
  return Float64Array.from(lists.flatMap((list) => [...list]));
};

/** Prepares one level of both pyramids, and returns its distance for any weights of the images. */
const levelDistance = (sets: readonly [Patches, Patches], { projections, seed }: Effort) => {
  const [first, second] = sets;
  const directions = directionsOf(first.size, projections, seed);
  const walks = Array.from({ length: projections }, (_, p) => {
    const direction = directions.subarray(p * first.size, (p + 1) * first.size);
    return walkOf(projected(first, direction), projected(second, direction));
  });
  return (a: Float64Array, b: Float64Array): number => {
    const weights = shares(sets, [a, b]);
    return walks.reduce((sum, walk) => sum + walked(walk, weights), 0) / projections;
  };
};

/**
 * The sliced Wasserstein distance of Karras et al. At every level of a Laplacian pyramid, down to
 * 16 pixels, patches of 7 x 7 pixels are normalised to mean 0 and deviation 1 for each channel of
 * each set and projected onto random directions; the result is the mean 1-Wasserstein distance over
 * directions and levels, times 1000 as in the paper. The paper draws 128 patches of each image;
 * here there are fewer if there are many images. Colours themselves are left to the measures of
 * colour. Places and directions come from a fixed seed, so that values of equal counts are
 * comparable.
 */
export const sliced: Measure = {
  name: "swd",
  title: "sliced Wasserstein",
  better: "lower",
  unit: "10^-3 deviations",
  says: "distance of the results' patches, at all scales, from patches of the target",
  source: "Karras, Aila, Laine, Lehtinen, ICLR 2018, section 5",
  needs: ["real"],
  compute: ({ made, real }, effort) => {
    const [n = 0, height = 0, width = 0] = made.shape;
    const [m = 0] = real.shape;
    if (min(height, width) < SIDE)
      return left(`its patches are of 7 x 7 pixels, and the images are of ${width} x ${height}`);
    const [pyramid, others] = [laplacianPyramid(made), laplacianPyramid(real)];
    const each = (count: number): number => min(mostPatches, max(1, floor(effort.patches / count)));
    const distances = pyramid.map((level, l) => {
      const other = others[l] ?? level;
      const sets = [
        patchesAt(level, placesIn(level, each(n), effort.seed, `${patchStreams}/made/${l}`)),
        patchesAt(other, placesIn(other, each(m), effort.seed, `${patchStreams}/real/${l}`)),
      ] as const;
      return levelDistance(sets, effort);
    });
    const statistic = (a: Float64Array, b: Float64Array): number =>
      (1000 * distances.reduce((sum, distance) => sum + distance(a, b), 0)) / distances.length;
    const { seed, resamples } = effort;
    const interval = bootstrapSets([n, m], statistic, { seed, resamples, least: 0 });
    return right({ ...interval, count: min(n, m) });
  },
  doubt: biased(100, "they make the distance larger than it is, so compare equal counts only"),
};
