/** The structural similarity index. */
import { left, right } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { bootstrapMean } from "./intervals.js";
import { type Measure, tooWide } from "./measure.js";

const { exp, min } = Math;

const SIGMA = 1.5;
/**
 * Radius of the window: scikit-image cuts the Gaussian at 3.5 standard deviations, which gives 11
 * pixels as in the paper.
 */
const RADIUS = 5;
/** (0.01 L)^2 and (0.03 L)^2 with L = 1. */
const [C1, C2] = [1e-4, 9e-4] as const;

const window = (() => {
  const raw = Array.from({ length: 2 * RADIUS + 1 }, (_, i) =>
    exp(-((i - RADIUS) ** 2) / (2 * SIGMA * SIGMA)),
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  return Float64Array.from(raw, (w) => w / sum);
})();

interface Plane {
  readonly height: number;
  readonly width: number;
  readonly data: Float64Array;
}

/**
 * Computes weighted means over windows that lie completely inside: `RADIUS` fewer pixels on each
 * side.
 */
const smoothed = ({ height, width, data }: Plane): Plane => {
  const [h, w] = [height - 2 * RADIUS, width - 2 * RADIUS];
  const rows = new Float64Array(height * w);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let k = 0; k < window.length; k++)
        sum += (window[k] ?? 0) * (data[y * width + x + k] ?? 0);
      rows[y * w + x] = sum;
    }
  const out = new Float64Array(h * w);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let k = 0; k < window.length; k++)
        sum += (window[k] ?? 0) * (rows[(y + k) * w + x] ?? 0);
      out[y * w + x] = sum;
    }
  return { height: h, width: w, data: out };
};

const product = (a: Plane, b: Plane): Plane => ({
  ...a,
  data: a.data.map((v, i) => v * (b.data[i] ?? 0)),
});

/** Computes the mean index of one channel. */
const ofPlanes = (a: Plane, b: Plane): number => {
  const [ma, mb] = [smoothed(a).data, smoothed(b).data];
  const [aa, bb, ab] = [product(a, a), product(b, b), product(a, b)].map((p) => smoothed(p).data);
  let sum = 0;
  for (let i = 0; i < ma.length; i++) {
    const [u, v] = [ma[i] ?? 0, mb[i] ?? 0];
    const [va, vb] = [(aa?.[i] ?? 0) - u * u, (bb?.[i] ?? 0) - v * v];
    const covariance = (ab?.[i] ?? 0) - u * v;
    sum += ((2 * u * v + C1) * (2 * covariance + C2)) / ((u * u + v * v + C1) * (va + vb + C2));
  }
  return sum / ma.length;
};

const planeOf = ({ shape, data }: HostTensor, image: number, channel: number): Plane => {
  const [, height = 0, width = 0, channels = 1] = shape;
  const start = image * height * width * channels + channel;
  const plane = Float64Array.from(
    { length: height * width },
    (_, i) => data[start + i * channels] ?? 0,
  );
  return { height, width, data: plane };
};

/** Computes SSIM of each image, averaged over channels. Both sides must be at least 11 pixels. */
export const ssimPerImage = (a: HostTensor, b: HostTensor): Float64Array => {
  const [n = 0, , , channels = 1] = a.shape;
  return Float64Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += ofPlanes(planeOf(a, k, c), planeOf(b, k, c));
    return sum / channels;
  });
};

/**
 * SSIM with the paper's Gaussian window (11 x 11, sigma 1.5), K = (0.01, 0.03), L = 1, for each
 * channel by itself, over windows completely inside the image, averaged over windows, channels and
 * images. As scikit-image's `structural_similarity` with gaussian_weights, sigma 1.5,
 * use_sample_covariance False, data_range 1, channel_axis -1.
 */
export const ssim: Measure = {
  name: "ssim",
  title: "SSIM",
  better: "higher",
  unit: "index up to 1",
  says: "structural similarity to the partner",
  source: "Wang, Bovik, Sheikh, Simoncelli, IEEE Transactions on Image Processing 13 (2004)",
  needs: ["partners"],
  compute: ({ made, partners }, { seed }) => {
    const [, height = 0, width = 0] = made.shape;
    if (min(height, width) <= 2 * RADIUS)
      return left(`its window is of 11 x 11 pixels, and the images are of ${width} x ${height}`);
    const each = ssimPerImage(made, partners);
    return right({ ...bootstrapMean(each, seed), count: each.length });
  },
  doubt: tooWide,
};
