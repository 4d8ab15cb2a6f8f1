/** Compares how much results differ from each other with how much the target's images do. */
import { left, right } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { bootstrapSets } from "./intervals.js";
import { biased, type Measure } from "./measure.js";

const { abs, floor, max, min, sqrt } = Math;

/** Most differences of numbers over all pairs: about a second. */
const most = 5e8;

/** Computes the mean L1 of every pair of images, `[n, n]`. */
const distancesOf = ({ data }: HostTensor, n: number, size: number): Float64Array => {
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++)
    for (let j = 0; j < k; j++) {
      let sum = 0;
      for (let i = 0; i < size; i++)
        sum += abs((data[k * size + i] ?? 0) - (data[j * size + i] ?? 0));
      out[k * n + j] = sum / size;
      out[j * n + k] = sum / size;
    }
  return out;
};

/**
 * Averages over pairs of two images, weighted by how often each is drawn. An image does not pair
 * with its own copy.
 */
const meanPair = (distances: Float64Array, weights: Float64Array): number => {
  const n = weights.length;
  let [sum, pairs] = [0, 0];
  for (let k = 0; k < n; k++)
    for (let j = 0; j < k; j++) {
      const weight = (weights[k] ?? 0) * (weights[j] ?? 0);
      sum += weight * (distances[k * n + j] ?? 0);
      pairs += weight;
    }
  return sum / pairs;
};

/**
 * The mean L1 between two results, as a ratio to that between two images of the target. 1 means
 * equal variety; near 0 all results look alike (mode collapse). More than 1 is not better: noise
 * has it. Compares at most as many images as a second allows.
 */
export const diversity: Measure = {
  name: "diversity",
  title: "diversity",
  better: "higher",
  unit: "ratio to the target's",
  says: "mean difference between two results, as a ratio to that between two images of the target; 1 is enough",
  source:
    "mean pairwise distance, as Zhu et al., NIPS 2017 (BicycleGAN), section 5, but with another distance",
  needs: ["real"],
  compute: ({ made, real }, { seed, resamples }) => {
    const size = made.data.length / max(1, made.shape[0] ?? 1);
    const atMost = max(2, floor(sqrt((2 * most) / size)));
    const [n, m] = [made, real].map(({ shape }) => min(atMost, shape[0] ?? 0)) as [number, number];
    if (min(n, m) < 2) return left("it needs at least two images");
    const [first, second] = [distancesOf(made, n, size), distancesOf(real, m, size)];
    if (!(meanPair(second, new Float64Array(m).fill(1)) > 0))
      return left("the target's images are all the same");
    const statistic = (a: Float64Array, b: Float64Array): number =>
      meanPair(first, a) / meanPair(second, b);
    return right({
      ...bootstrapSets([n, m], statistic, { seed, resamples, least: 0 }),
      count: min(n, m),
    });
  },
  doubt: biased(30, "pairs of a few images say little"),
};
