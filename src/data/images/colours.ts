/**
 * Brightness, contrast, saturation and hue of images, as torchvision defines them on fractions. The
 * sums are those of the Python projects, operation by operation, so that both give the same bits.
 */
import type { Raster } from "./image.js";

const clamped = (level: number): number => Math.max(0, Math.min(255, level));

/** Levels not yet rounded: of colour, or of grey. */
interface Levels {
  readonly channels: number;
  readonly data: Float64Array;
}

/** torchvision's `rgb_to_grayscale` of pixel i. */
const greyAt = ({ data, channels }: Levels, i: number): number => {
  const at = i * channels;
  return channels === 3
    ? 0.2989 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)
    : (data[at] ?? 0);
};

/** `f v + (1 - f) other`, within [0, 255]. */
const blended = (levels: Levels, factor: number, other: (pixel: number) => number): Levels => {
  const { data, channels } = levels;
  const made = new Float64Array(data.length);
  for (let i = 0; i * channels < data.length; i++) {
    const beside = (1 - factor) * other(i);
    for (let c = i * channels; c < (i + 1) * channels; c++)
      made[c] = clamped(factor * (data[c] ?? 0) + beside);
  }
  return { channels, data: made };
};

/** The mean grey, from 256ths of a level: sums of whole numbers do not depend on their order. */
const meanGrey = (levels: Levels): number => {
  const count = levels.data.length / levels.channels;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.floor(greyAt(levels, i) * 256 + 0.5);
  return sum / 256 / count;
};

const fraction = (value: number): number => value - Math.floor(value);

/** The hue of a pixel, in [0, 1). */
const hueOf = (r: number, g: number, b: number, most: number, span: number): number => {
  const by = span === 0 ? 1 : span;
  const [rc, gc, bc] = [(most - r) / by, (most - g) / by, (most - b) / by];
  const sixths = most === r ? bc - gc : most === g ? 2 + rc - bc : 4 + gc - rc;
  return fraction(sixths / 6 + 1);
};

/** Turns the hue of each pixel by a share of the circle. Grey has none. */
const turned = (levels: Levels, by: number): Levels => {
  const { data, channels } = levels;
  if (channels !== 3) return levels;
  const made = new Float64Array(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
    const most = Math.max(r, g, b);
    const span = most - Math.min(r, g, b);
    const saturation = span === 0 ? 0 : span / most;
    const sixths = fraction(hueOf(r, g, b, most, span) + by) * 6;
    const sector = Math.floor(sixths);
    const f = sixths - sector;
    const p = clamped(most * (1 - saturation));
    const q = clamped(most * (1 - saturation * f));
    const t = clamped(most * (1 - saturation * (1 - f)));
    const all = [
      [most, t, p],
      [q, most, p],
      [p, most, t],
      [p, q, most],
      [t, p, most],
      [most, p, q],
    ];
    made.set(all[sector % 6] ?? [], at);
  }
  return { channels, data: made };
};

/** The changes that torchvision's `ColorJitter` makes, by their place in its options. */
const changes: readonly ((levels: Levels, by: number) => Levels)[] = [
  (levels, factor) => blended(levels, factor, () => 0),
  (levels, factor) => {
    const mean = meanGrey(levels);
    return blended(levels, factor, () => mean);
  },
  (levels, factor) =>
    levels.channels === 3 ? blended(levels, factor, (i) => greyAt(levels, i)) : levels,
  turned,
];

/** One change: 0 brightness, 1 contrast, 2 saturation, each by a factor; 3 hue, by a turn. */
export interface Change {
  readonly kind: number;
  readonly by: number;
}

/** Makes the changes in a row on an image of grey or colour, and rounds levels once. */
export const changeColours = (image: Raster, row: readonly Change[]): Raster => {
  const first: Levels = { channels: image.channels, data: Float64Array.from(image.data) };
  const { data } = row.reduce(
    (levels, { kind, by }) => changes[kind]?.(levels, by) ?? levels,
    first,
  );
  const isWhole = image.data instanceof Uint8Array;
  const levels = isWhole
    ? Uint8Array.from(data, (level) => Math.floor(level + 0.5))
    : Float32Array.from(data);
  return { ...image, data: levels };
};
