/** Compares each translation with its partner. */
import { right } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { l1PerImage } from "./baselines.js";
import { bootstrapMean, wilson } from "./intervals.js";
import { type Measure, tooWide } from "./measure.js";

const { abs, log10, max, round } = Math;

/** Mean absolute difference to the partner over pixels and channels, averaged over images. */
export const l1: Measure = {
  name: "l1",
  title: "L1",
  better: "lower",
  unit: "intensity",
  says: "mean absolute difference to the partner",
  source: "Isola, Zhu, Zhou, Efros, CVPR 2017, the reconstruction term of pix2pix",
  needs: ["partners"],
  compute: ({ made, partners }, { seed }) => {
    const errors = l1PerImage(made, partners);
    return right({ ...bootstrapMean(errors, seed), count: errors.length });
  },
  doubt: tooWide,
};

/** Mean squared difference below which two images count as equal: 100 dB. */
const leastSquare = 1e-10;

/**
 * Computes 10 log10(1 / mean squared difference) for each image, in dB; 100 if there is no
 * difference.
 */
export const psnrPerImage = (a: HostTensor, b: HostTensor): Float64Array => {
  const n = a.shape[0] ?? 0;
  const size = a.data.length / n;
  return Float64Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let i = k * size; i < (k + 1) * size; i++)
      sum += ((a.data[i] ?? 0) - (b.data[i] ?? 0)) ** 2;
    return -10 * log10(max(leastSquare, sum / size));
  });
};

/**
 * Peak signal-to-noise ratio for an intensity range of 1, averaged over images, as scikit-image's
 * `peak_signal_noise_ratio`.
 */
export const psnr: Measure = {
  name: "psnr",
  title: "PSNR",
  better: "higher",
  unit: "dB",
  says: "peak signal-to-noise ratio to the partner",
  source: "as scikit-image's peak_signal_noise_ratio, data_range 1",
  needs: ["partners"],
  compute: ({ made, partners }, { seed }) => {
    const each = psnrPerImage(made, partners);
    return right({ ...bootstrapMean(each, seed), count: each.length });
  },
  doubt: tooWide,
};

/** Tells for each image of `made` whether its own partner is nearer, by L1, than every other. */
export const hitsOf = (made: HostTensor, partners: HostTensor): readonly boolean[] => {
  const n = made.shape[0] ?? 0;
  const size = made.data.length / n;
  const distance = (k: number, j: number, below: number): number => {
    let sum = 0;
    for (let i = 0; i < size && sum < below; i++)
      sum += abs((made.data[k * size + i] ?? 0) - (partners.data[j * size + i] ?? 0));
    return sum;
  };
  return Array.from({ length: n }, (_, k) => {
    const own = distance(k, k, Infinity);
    for (let j = 0; j < n; j++) if (j !== k && distance(k, j, own) < own) return false;
    return true;
  });
};

/**
 * The share of translations whose nearest partner, by L1 over pixels and channels, is their own.
 * Chance is 1 in `n`; a tie counts as found. With Wilson's interval.
 */
export const retrieval: Measure = {
  name: "retrieval",
  title: "partner retrieval",
  better: "higher",
  unit: "share",
  says: "share of translations that are nearer to their own partner than to any other, by L1",
  source: "top-1 retrieval by nearest neighbour, as in Cover and Hart 1967",
  needs: ["partners"],
  compute: ({ made, partners }) => {
    const hits = hitsOf(made, partners);
    const found = hits.filter((hit) => hit).length;
    return right({ ...wilson(found, hits.length), count: hits.length });
  },
  doubt: ({ low, high, count }) =>
    high - low > 0.2
      ? `uncertain by ${round(50 * (high - low))} points of 100 with ${count} images; 100 would make that 10`
      : undefined,
};
