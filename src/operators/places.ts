/**
 * Layers that know of places: what stands at each one, whatever comes in, and parts of what comes
 * in. Added to a value, or joined to it, they tell a network where it is.
 */
import { left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { broadcast } from "../graph/operators/arithmetic.js";
import { reshape, slice, transpose } from "../graph/operators/shaping.js";
import { tensor } from "../graph/operators/sources.js";
import { type Layer, type Misfit, noParameters, pointwise, type Shape } from "./layer.js";
import { anything, closed, unchanged } from "./range.js";
import type { Reach } from "./reach.js";
import { bool, int, number } from "./signature.js";

/** Where a place lies is known of the whole image only. */
const whole: Reach = (_, side) => ({ from: 0, to: side });

/** Values [h, w, c] for every sample of x, as [n, c, h, w]. */
const forEach = (x: Node, values: Node): Node => {
  const [h = 1, w = 1, c = 1] = values.shape;
  const image = transpose(reshape(values, [1, h, w, c]), [0, 3, 1, 2]);
  return broadcast(image, [x.shape[0] ?? 1, c, h, w]);
};

/** Known numbers for every place of a shape. */
const known = (
  [height, width, channels]: Shape,
  at: (row: number, column: number, channel: number) => number,
): Node => {
  const data = Array.from({ length: height * width * channels }, (_, i) => {
    const place = Math.floor(i / channels);
    return at(Math.floor(place / width), place % width, i % channels);
  });
  return tensor(data, [height, width, channels]);
};

const learnt: Layer = {
  name: "learnt",
  options: [
    int("height", "pixels", { least: 1 }),
    int("width", "pixels", { least: 1 }),
    int("channels", "of the output", { least: 1 }),
    bool("zero", "whether they begin as 0, and are not drawn", { defaultValue: false }),
  ],
  doc: "The same learnt numbers for every sample, whatever comes in: what StyleGAN begins with (Karras et al. 2019) and, added as in `x => x + learnt(16, 16, 64)(x)`, learnt positions (Dosovitskiy et al. 2021). `x + learnt(1, 1, 1, zero: true)(x) * f(x)` adds f with a strength that begins as 0 (Bachlechner et al. 2021).",
  shape: (_, o) => right([number(o, "height"), number(o, "width"), number(o, "channels")]),
  parameters: (_, o) => [
    {
      name: o.zero === true ? "gain" : "constant",
      shape: [number(o, "height"), number(o, "width"), number(o, "channels")],
    },
  ],
  window: pointwise,
  reach: whole,
  range: anything,
  torch: {
    of: "Learnt",
    takes: ["height", "width", "channels"],
    named: { zero: "zero" },
    gives: "channels",
  },
  positional: 3,
  graph: (x, { constant, gain }) => forEach(x, constant ?? gain ?? impossible("nothing is learnt")),
};

/** From -1 to 1 along a side, and 0 on a side of one pixel. */
const between = (at: number, side: number): number => (side === 1 ? 0 : (2 * at) / (side - 1) - 1);

const coordinates: Layer = {
  name: "coordinates",
  options: [],
  doc: "The row and the column of each place, from -1 to 1, whatever comes in. `x => conv(3, 64)(concat(x, coordinates(x)))` is CoordConv (Liu et al. 2018).",
  shape: ([height, width]) => right([height, width, 2]),
  parameters: noParameters,
  window: pointwise,
  reach: whole,
  range: () => closed(-1, 1),
  torch: { of: "Coordinates", gives: "=2" },
  positional: 0,
  graph: (x, _, __, shape) => {
    const [height, width] = shape;
    return forEach(
      x,
      known(shape, (row, column, channel) =>
        channel === 0 ? between(row, height) : between(column, width),
      ),
    );
  },
};

/** The wave of a channel at place `at` of one axis, of `count` channels. */
const wave = (at: number, channel: number, count: number): number => {
  const angle = at / 10_000 ** ((2 * Math.floor(channel / 2)) / count);
  return channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
};

const sinusoids: Layer = {
  name: "sinusoids",
  options: [],
  doc: "Sines and cosines of each place, of wave lengths from 2 pi to 20,000 pi pixels, whatever comes in (Vaswani et al. 2017): the first half of the channels tells the row, the second the column. `x => x + sinusoids(x)` tells a transformer of places.",
  shape: ([height, width, channels]) =>
    channels % 4 === 0
      ? right([height, width, channels])
      : left(
          `its ${channels} channels are no multiple of 4: a sine and a cosine of the row and of the column`,
        ),
  parameters: noParameters,
  window: pointwise,
  reach: whole,
  range: () => closed(-1, 1),
  torch: { of: "Sinusoids" },
  positional: 0,
  graph: (x, _, __, shape) => {
    const half = shape[2] / 2;
    return forEach(
      x,
      known(shape, (row, column, channel) =>
        channel < half ? wave(row, channel, half) : wave(column, channel - half, half),
      ),
    );
  },
};

/** Why a part does not lie within a side. */
const outside = (what: string, from: number, count: number, side: number, option: string) =>
  ({
    reason: `it takes ${what} ${from} to ${from + count - 1}, counted from 0, of ${side}`,
    option,
    hint: `${from < side ? `From ${from} on there are ${side - from}` : `The last is ${side - 1}`}.`,
  }) satisfies Misfit;

const takeChannels: Layer = {
  name: "take_channels",
  options: [
    int("first", "the first channel, counted from 0", { least: 0 }),
    int("count", "how many channels", { least: 1 }),
  ],
  doc: "Some neighbouring channels of the input.",
  shape: ([height, width, all], o) => {
    const [first, count] = [number(o, "first"), number(o, "count")];
    return first + count > all
      ? left(outside("channels", first, count, all, first < all ? "count" : "first"))
      : right([height, width, count]);
  },
  parameters: noParameters,
  window: pointwise,
  moves: () => true,
  range: unchanged,
  torch: { of: "TakeChannels", takes: ["first", "count"], gives: "count" },
  positional: 2,
  graph: (x, _, o) => {
    const [n = 1, , h = 1, w = 1] = x.shape;
    const [first, count] = [number(o, "first"), number(o, "count")];
    return slice(x, [0, first, 0, 0], [n, first + count, h, w]);
  },
};

const crop: Layer = {
  name: "crop",
  options: [
    int("top", "the first row, counted from 0", { least: 0 }),
    int("left", "the first column, counted from 0", { least: 0 }),
    int("height", "pixels", { least: 1 }),
    int("width", "pixels", { sameAs: "height", least: 1 }),
  ],
  doc: "A rectangle of the input.",
  shape: ([rows, columns, all], o) => {
    const [top, first] = [number(o, "top"), number(o, "left")];
    const [height, width] = [number(o, "height"), number(o, "width")];
    if (top + height > rows)
      return left(outside("rows", top, height, rows, top < rows ? "height" : "top"));
    return first + width > columns
      ? left(outside("columns", first, width, columns, first < columns ? "width" : "left"))
      : right([height, width, all]);
  },
  parameters: noParameters,
  window: pointwise,
  reach: whole,
  moves: () => true,
  range: unchanged,
  torch: { of: "Crop", takes: ["top", "left", "height"], named: { width: "width" } },
  positional: 3,
  graph: (x, _, o) => {
    const [n = 1, c = 1] = x.shape;
    const [top, first] = [number(o, "top"), number(o, "left")];
    const end = [n, c, top + number(o, "height"), first + number(o, "width")];
    return slice(x, [0, 0, top, first], end);
  },
};

export const placeLayers: readonly Layer[] = [learnt, coordinates, sinusoids, takeChannels, crop];
