/**
 * Distances between sets of features that a network extracts from images: the user's own, usually
 * Inception, or EfficientNet-Lite0.
 */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { permutation, stream } from "../../base/random.js";
import { eigenvalues } from "./eigenvalues.js";
import { bootstrapSets } from "./intervals.js";
import {
  biased,
  type Effort,
  type FeatureSets,
  type Features,
  type Measure,
  type Measured,
  tooWide,
} from "./measure.js";

const { floor, max, min, sqrt } = Math;

/** Computes the dot product of every row of `a` with every row of `b`: `[n, m]`. */
const products = (a: Features, b: Features): Float64Array => {
  const { size } = a;
  const out = new Float64Array(a.count * b.count);
  for (let i = 0; i < a.count; i++)
    for (let j = 0; j < b.count; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++)
        sum += (a.data[i * size + k] ?? 0) * (b.data[j * size + k] ?? 0);
      out[i * b.count + j] = sum;
    }
  return out;
};

/** The products from which means and covariances are computed. */
interface Gram {
  readonly made: Float64Array;
  readonly real: Float64Array;
  readonly cross: Float64Array;
}

/**
 * Computes the products relative to the mean of the real features, so that later subtractions are
 * of small numbers.
 */
const gramOf = (made: Features, real: Features): Gram => {
  const origin = new Float64Array(real.size);
  for (let i = 0; i < real.data.length; i++) {
    const k = i % real.size;
    origin[k] = (origin[k] ?? 0) + (real.data[i] ?? 0) / real.count;
  }
  const moved = (of: Features): Features => ({
    ...of,
    data: of.data.map((v, i) => v - (origin[i % of.size] ?? 0)),
  });
  const [a, b] = [moved(made), moved(real)];
  return { made: products(a, a), real: products(b, b), cross: products(a, b) };
};

const total = (weights: Float64Array): number => weights.reduce((a, b) => a + b, 0);

/** Averages each row of `[n, m]` over its columns, with weights. */
const rowMeans = (of: Float64Array, n: number, weights: Float64Array): Float64Array => {
  const [m, sum] = [weights.length, total(weights)];
  return Float64Array.from({ length: n }, (_, i) => {
    let mean = 0;
    for (let j = 0; j < m; j++) mean += (weights[j] ?? 0) * (of[i * m + j] ?? 0);
    return mean / sum;
  });
};

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);

/** Computes the squared length of a set's mean, and the trace of its covariance. */
const momentsOf = (gram: Float64Array, weights: Float64Array) => {
  const [n, sum] = [weights.length, total(weights)];
  const square = dot(weights, rowMeans(gram, n, weights)) / sum;
  const diagonal = Float64Array.from(weights, (_, i) => gram[i * n + i] ?? 0);
  return { square, trace: (dot(weights, diagonal) - sum * square) / (sum - 1) };
};

/** Computes the products of one set's centred, weighted rows with the other's: `[n, m]`. */
const centred = (cross: Float64Array, a: Float64Array, b: Float64Array): Float64Array => {
  const [n, m] = [a.length, b.length];
  const rows = rowMeans(cross, n, b);
  const mean = dot(a, rows) / total(a);
  const columns = new Float64Array(m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++)
      columns[j] = (columns[j] ?? 0) + ((a[i] ?? 0) * (cross[i * m + j] ?? 0)) / total(a);
  const scale = 1 / sqrt((total(a) - 1) * (total(b) - 1));
  return cross.map((value, at) => {
    const [i, j] = [floor(at / m), at % m];
    const weight = sqrt((a[i] ?? 0) * (b[j] ?? 0));
    return scale * weight * (value - (rows[i] ?? 0) - (columns[j] ?? 0) + mean);
  });
};

/**
 * Computes the sum of the singular values of `[n, m]`, from the eigenvalues of its smaller square.
 */
const nuclearNorm = (matrix: Float64Array, n: number, m: number): number => {
  const [side, long] = [min(n, m), max(n, m)];
  const at = (i: number, k: number): number => (n <= m ? i * m + k : k * m + i);
  const rows = new Float64Array(side * long);
  for (let i = 0; i < side; i++)
    for (let k = 0; k < long; k++) rows[i * long + k] = matrix[at(i, k)] ?? 0;
  const set = { count: side, size: long, data: rows };
  const values = eigenvalues(products(set, set), side);
  // The root would magnify what rounding leaves of a 0.
  const noise = 4 * side * Number.EPSILON * (values.at(-1) ?? 0);
  return values.reduce((sum, v) => sum + (v > noise ? sqrt(v) : 0), 0);
};

/**
 * Computes |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) with unbiased covariances. The trace of the
 * root is the sum of the singular values of A B', where C1 = A'A and C2 = B'B: a matrix with a row
 * and column for each image, not for each feature.
 */
const frechet = ({ made, real, cross }: Gram, a: Float64Array, b: Float64Array): number => {
  const [first, second] = [momentsOf(made, a), momentsOf(real, b)];
  const between = dot(a, rowMeans(cross, a.length, b)) / total(a);
  const means = first.square + second.square - 2 * between;
  const root = nuclearNorm(centred(cross, a, b), a.length, b.length);
  return means + first.trace + second.trace - 2 * root;
};

/** Most multiplications for all resamples together: some seconds. */
const spend = 2e10;

const resamplesFor = (asked: number, each: number): number =>
  max(10, min(asked, floor(spend / each)));

const [few, many] = [2, 2000] as const;

const outOfReach = (made: Features, real: Features): string | undefined => {
  const [least, greatest] = [min(made.count, real.count), max(made.count, real.count)];
  if (least < few) return "it needs at least two images";
  return greatest > many ? `it is computed for at most ${many} images` : undefined;
};

/**
 * Computes the Fréchet distance between two normal distributions with the features' means and
 * covariances.
 */
const frechetDistance = (
  { made, real }: FeatureSets,
  { seed, resamples }: Effort,
): Either<string, Measured> => {
  const obstacle = outOfReach(made, real);
  if (obstacle !== undefined) return left(obstacle);
  const gram = gramOf(made, real);
  const each = 3 * min(made.count, real.count) ** 2 * max(made.count, real.count);
  const interval = bootstrapSets([made.count, real.count], (a, b) => frechet(gram, a, b), {
    seed,
    resamples: resamplesFor(resamples, each),
    least: 0,
  });
  return right({ ...interval, count: min(made.count, real.count) });
};

/**
 * The Fréchet distance of features of the user's network. Published values use Inception's 2048
 * pooled features and at least 10,000 images; fewer images make it larger.
 */
export const fid: Measure = {
  name: "fid",
  title: "FID",
  better: "lower",
  unit: "squared distance of features",
  says: "Fréchet distance between the features of the results and of the target",
  source:
    "Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, NIPS 2017; images resized as clean-fid, Parmar, Zhang, Zhu, CVPR 2022",
  needs: ["features"],
  compute: ({ features }, effort) => frechetDistance(features, effort),
  doubt: biased(10_000, "they make FID larger than it is, so compare equal counts only"),
};

/** Number of images in a subset, and of subsets, as in torch-fidelity and torchmetrics. */
const [subsetSize, subsets] = [1000, 100] as const;

/**
 * Chooses the images of each subset. If there are no more than one subset takes, it is all of them,
 * once.
 */
const subsetsOf = (n: number, seed: number, name: string): readonly (readonly boolean[])[] =>
  n <= subsetSize
    ? [new Array<boolean>(n).fill(true)]
    : Array.from({ length: subsets }, (_, s) => {
        const order = permutation(stream(seed, `${name}/${s}`), n);
        const isIn = new Array<boolean>(n).fill(false);
        for (const i of order.subarray(0, subsetSize)) isIn[i] = true;
        return isIn;
      });

/**
 * Averages a kernel over pairs of different images of one set (`isOne`), or over all pairs of two
 * sets.
 */
const meanKernel = (
  kernel: Float64Array,
  a: Float64Array,
  b: Float64Array,
  isOne: boolean,
): number => {
  let [sum, pairs] = [0, 0];
  const m = b.length;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 0) continue;
    for (let j = 0; j < m; j++) {
      if (isOne && i === j) continue;
      const weight = (a[i] ?? 0) * (b[j] ?? 0);
      sum += weight * (kernel[i * m + j] ?? 0);
      pairs += weight;
    }
  }
  return sum / pairs;
};

/** Estimates the squared maximum mean discrepancy without bias. */
const discrepancy = (kernels: Gram, a: Float64Array, b: Float64Array): number =>
  meanKernel(kernels.made, a, a, true) +
  meanKernel(kernels.real, b, b, true) -
  2 * meanKernel(kernels.cross, a, b, false);

const kernelsOf = (made: Features, real: Features): Gram => {
  const kernel = (of: Float64Array): Float64Array => of.map((v) => (v / made.size + 1) ** 3);
  return {
    made: kernel(products(made, made)),
    real: kernel(products(real, real)),
    cross: kernel(products(made, real)),
  };
};

/**
 * Computes the squared maximum mean discrepancy of features under the kernel (x'y / d + 1)^3,
 * unbiased: the mean over 100 random subsets of 1000 images, or over all images if there are no
 * more. It may be below 0.
 */
const kernelDistance = (
  { made, real }: FeatureSets,
  { seed, resamples }: Effort,
): Either<string, Measured> => {
  const obstacle = outOfReach(made, real);
  if (obstacle !== undefined) return left(obstacle);
  const kernels = kernelsOf(made, real);
  const first = subsetsOf(made.count, seed, "measures/kid/made");
  const second = subsetsOf(real.count, seed, "measures/kid/real");
  const rounds = max(first.length, second.length);
  const within = (of: Float64Array, isIn: readonly boolean[] | undefined): Float64Array =>
    of.map((w, i) => (isIn?.[i] === true ? w : 0));
  const statistic = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let s = 0; s < rounds; s++)
      sum += discrepancy(
        kernels,
        within(a, first[s % first.length]),
        within(b, second[s % second.length]),
      );
    return sum / rounds;
  };
  const each = 3 * rounds * max(made.count, real.count) ** 2;
  const interval = bootstrapSets([made.count, real.count], statistic, {
    seed,
    resamples: resamplesFor(resamples, 4 * each),
    least: -Infinity,
  });
  return right({ ...interval, count: min(made.count, real.count) });
};

/** The kernel distance of features of the user's network. */
export const kid: Measure = {
  name: "kid",
  title: "KID",
  better: "lower",
  unit: "squared discrepancy",
  says: "kernel distance between the features of the results and of the target, which few images do not make larger",
  source: "Bińkowski, Sutherland, Arbel, Gretton, ICLR 2018",
  needs: ["features"],
  compute: ({ features }, effort) => kernelDistance(features, effort),
  doubt: tooWide,
};

/** Numbers that EfficientNet-Lite0 makes of an image. */
const lite0Size = 1280;

/**
 * Doubts a Fréchet distance of fewer images than features: the covariance of a set is then unknown
 * in most directions.
 */
const singular = (measured: Measured): string | undefined =>
  measured.count <= lite0Size
    ? `${measured.count} images are fewer than the ${lite0Size} features, so that their covariance is unknown in most directions, and the value is larger than it should be: compare equal counts only, or go by the kernel distance`
    : biased(10_000, "they make it larger than it is, so compare equal counts only")(measured);

/** The Fréchet distance of EfficientNet-Lite0's features. No published value is of this network. */
export const lite0Frechet: Measure = {
  name: "frechet_efficientnet_lite0",
  title: "Fréchet distance, EfficientNet-Lite0",
  better: "lower",
  unit: "squared distance of features",
  says: "Fréchet distance between EfficientNet-Lite0's features of the results and of the target; no FID, whose features are Inception's",
  source:
    "distance: Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter, NIPS 2017; features: Tan, Le, ICML 2019",
  needs: ["lite0"],
  compute: ({ lite0 }, effort) => frechetDistance(lite0, effort),
  doubt: singular,
};

/** The kernel distance of EfficientNet-Lite0's features. */
export const lite0Kernel: Measure = {
  name: "kernel_efficientnet_lite0",
  title: "kernel distance, EfficientNet-Lite0",
  better: "lower",
  unit: "squared discrepancy",
  says: "kernel distance between EfficientNet-Lite0's features of the results and of the target, as KID has it of Inception's; few images do not make it larger",
  source:
    "distance: Bińkowski, Sutherland, Arbel, Gretton, ICLR 2018; features: Tan, Le, ICML 2019",
  needs: ["lite0"],
  compute: ({ lite0 }, effort) => kernelDistance(lite0, effort),
  doubt: tooWide,
};
