/**
 * Baselines for a translation: simple images that do not know the pairing, except where a choice in
 * hindsight is stated. Images are tensors `[n, h, w, c]` of intensities in [0, 1].
 */
import type { HostTensor } from "../../contracts/tensor.js";

const { abs, max, min, round } = Math;

/** Maps a domain's range to [0, 1], and clamps. */
export const toUnit = (images: HostTensor, range: readonly [number, number]): HostTensor => ({
  shape: images.shape,
  data: images.data.map((v) => min(1, max(0, (v - range[0]) / (range[1] - range[0])))),
});

/** Computes the mean of |a - b| over pixels and channels, for each image. */
export const l1PerImage = (a: HostTensor, b: HostTensor): Float64Array => {
  const n = a.shape[0] ?? 0;
  const size = a.data.length / n;
  return Float64Array.from({ length: n }, (_, k) => {
    let sum = 0;
    for (let i = k * size; i < (k + 1) * size; i++) sum += abs((a.data[i] ?? 0) - (b.data[i] ?? 0));
    return sum / size;
  });
};

const kernel = (sigma: number): readonly number[] => {
  const radius = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
};

/**
 * Convolves along an axis of `length` samples that lie `stride` apart. Edge samples are repeated
 * outwards.
 */
const convolve = (
  data: Float32Array,
  weights: readonly number[],
  length: number,
  stride: number,
): Float32Array => {
  const taps = weights.length;
  const radius = (taps - 1) / 2;
  const sources = Int32Array.from({ length: length * taps }, (_, i) => {
    const at = Math.floor(i / taps) + (i % taps) - radius;
    return stride * min(length - 1, max(0, at));
  });
  const factors = Float64Array.from(weights);
  const out = new Float32Array(data.length);
  for (let block = 0; block < data.length; block += length * stride)
    for (let at = 0; at < length; at++)
      for (let offset = 0; offset < stride; offset++) {
        const start = block + offset;
        let sum = 0;
        for (let k = 0; k < taps; k++)
          sum += (factors[k] ?? 0) * (data[start + (sources[at * taps + k] ?? 0)] ?? 0);
        out[start + at * stride] = sum;
      }
  return out;
};

/**
 * Blurs height and width with a Gaussian of standard deviation `sigma` in pixels, cut at three of
 * them.
 */
export const blur = (images: HostTensor, sigma: number): HostTensor => {
  const [, height = 1, width = 1, channels = 1] = images.shape;
  const weights = kernel(sigma);
  const across = convolve(images.data, weights, width, channels);
  return { shape: images.shape, data: convolve(across, weights, height, width * channels) };
};

const LEVELS = 256;

/**
 * Counts how many samples of a channel lie at or below each of 256 levels. `from` and `to` count
 * samples of one channel.
 */
const cumulative = (
  data: Float32Array,
  channel: number,
  channels: number,
  from: number,
  to: number,
): Float64Array => {
  const counts = new Float64Array(LEVELS);
  for (let i = from; i < to; i++) {
    const level = round((data[i * channels + channel] ?? 0) * (LEVELS - 1));
    counts[level] = (counts[level] ?? 0) + 1;
  }
  for (let level = 1; level < LEVELS; level++)
    counts[level] = (counts[level] ?? 0) + (counts[level - 1] ?? 0);
  return counts;
};

/**
 * Maps each level of `source` to the lowest intensity at or below which `target` has at least the
 * same share. Shares are compared as products of counts, which are exact.
 */
const transfer = (source: Float64Array, target: Float64Array): Float64Array => {
  const ofSource = source[LEVELS - 1] ?? 0;
  const ofTarget = target[LEVELS - 1] ?? 0;
  let level = 0;
  return source.map((count) => {
    while (level < LEVELS - 1 && (target[level] ?? 0) * ofSource < count * ofTarget) level++;
    return level / (LEVELS - 1);
  });
};

/**
 * Gives each image the channel distributions of all `targets` together (256 levels): what colour
 * alone can do, unpaired.
 */
export const histogramMatch = (images: HostTensor, targets: HostTensor): HostTensor => {
  const [n = 0, height = 1, width = 1, channels = 1] = images.shape;
  const pixels = height * width;
  const data = new Float32Array(images.data.length);
  for (let c = 0; c < channels; c++) {
    const target = cumulative(targets.data, c, channels, 0, targets.data.length / channels);
    for (let k = 0; k < n; k++) {
      const source = cumulative(images.data, c, channels, k * pixels, (k + 1) * pixels);
      const levels = transfer(source, target);
      for (let i = k * pixels; i < (k + 1) * pixels; i++) {
        const at = i * channels + c;
        data[at] = levels[round((images.data[at] ?? 0) * (LEVELS - 1))] ?? 0;
      }
    }
  }
  return { shape: images.shape, data };
};
