/**
 * Resamples images without rounding to 8 bits, each channel by itself, as clean-fid does for
 * Inception (Parmar, Zhang, Zhu, CVPR 2022). Same sums as Pillow's `Image.resize(…, BICUBIC)` in
 * mode "F".
 */
import type { HostTensor } from "../../contracts/tensor.js";
import { taps } from "./bicubic.js";

/**
 * Resamples an axis of `from` samples that lie `stride` apart to `to` samples, rounded to float32
 * as Pillow does.
 */
const along = (data: Float32Array, from: number, to: number, stride: number): Float32Array => {
  const { first, count, weights, width } = taps(from, to);
  const blocks = data.length / (from * stride);
  const out = new Float32Array(blocks * to * stride);
  for (let block = 0; block < blocks; block++)
    for (let at = 0; at < to; at++)
      for (let offset = 0; offset < stride; offset++) {
        const start = (block * from + (first[at] ?? 0)) * stride + offset;
        let sum = 0;
        for (let k = 0; k < (count[at] ?? 0); k++)
          sum += (weights[at * width + k] ?? 0) * (data[start + k * stride] ?? 0);
        out[(block * to + at) * stride + offset] = sum;
      }
  return out;
};

/**
 * Resizes `[n, h, w, c]` of any range to `[n, height, width, c]`, not keeping the aspect ratio;
 * columns before rows.
 */
export const resizeFloat = (images: HostTensor, height: number, width: number): HostTensor => {
  const [n = 0, h = 0, w = 0, c = 1] = images.shape;
  const wide = w === width ? images.data : along(images.data, w, width, c);
  const data = h === height ? wide : along(wide, h, height, width * c);
  return { shape: [n, height, width, c], data };
};
