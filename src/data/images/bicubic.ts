/**
 * The weights of bicubic resampling along an axis: a = -0.5, over a window that widens when an
 * image shrinks, as in Pillow's `Image.resize(…, BICUBIC)`.
 */

const A = -0.5;
const SUPPORT = 2;

/** Keys' cubic convolution kernel. */
const cubic = (at: number): number => {
  const x = Math.abs(at);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * A;
  return 0;
};

export interface Taps {
  /** First source index that each output index reads. */
  readonly first: Int32Array;
  /** How many source samples each output index reads. */
  readonly count: Int32Array;
  /** Their weights, `width` slots for each output index; the sum is 1. */
  readonly weights: Float64Array;
  readonly width: number;
}

/**
 * Computes the source samples and weights of each of `to` output samples, along an axis of `from`.
 */
export const taps = (from: number, to: number): Taps => {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = SUPPORT * stretch;
  const width = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * width);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const row = Array.from({ length: end - start }, (_, k) =>
      cubic((start + k + 0.5 - centre) / stretch),
    );
    const sum = row.reduce((a, b) => a + b, 0);
    first[i] = start;
    count[i] = end - start;
    row.forEach((w, k) => {
      weights[i * width + k] = w / sum;
    });
  }
  return { first, count, weights, width };
};
