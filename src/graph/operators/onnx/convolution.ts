/** Lowering of convolutions to ONNX. */
import { bothOf, type Axis as ImageAxis, type Pair } from "../../../base/sides.js";
import type { Node } from "../../graph.js";
import type { OnnxAttribute, OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf, type Shape4, shape4, sidesOf } from "./attributes.js";
import { padded, reshaped } from "./shaping.js";

interface Geometry {
  /** Height and width of the kernel. */
  readonly kernel: Pair;
  readonly stride: Pair;
  /** Zeros above and below, and left and right. */
  readonly pads: Pair;
}

const window = ({ kernel, stride, pads }: Geometry): Record<string, OnnxAttribute> => ({
  kernel_shape: { ints: kernel },
  strides: { ints: stride },
  pads: { ints: [...pads, ...pads] },
});

/** A value and its shape. */
interface Value {
  readonly name: string;
  readonly shape: Shape4;
}

/**
 * Below this many output channels a convolution's matrix product has too few rows to be fast. Each
 * row of the kernel then gets output channels of its own, and their images are added, one row
 * apart. Measured for 7 x 7 from 64 channels to 3: 2.7 times as fast, for 4 x 4 from 256 to 1:
 * twice.
 */
const FEW = 8;

const convolveByRows = (
  emitter: OnnxEmitter,
  x: string,
  w: Value,
  geometry: Geometry,
  height: number,
): string => {
  const [o, i, kh, kw] = w.shape;
  const rowsFirst = emitter.node("Transpose", [w.name], { perm: { ints: [2, 0, 1, 3] } });
  const weights = reshaped(emitter, rowsFirst, [kh * o, i, 1, kw]);
  const all = emitter.node("Conv", [x, weights], window({ ...geometry, kernel: [1, kw] }));
  const axes = emitter.ints([1, 2]);
  const images = Array.from({ length: kh }, (_, row) => {
    const begin = emitter.ints([row * o, row]);
    return emitter.node("Slice", [all, begin, emitter.ints([row * o + o, row + height]), axes]);
  });
  return emitter.node("Sum", images);
};

/** Whether the window leaves out no place. */
const isDense = ({ stride }: Pick<Geometry, "stride">): boolean => stride.every((n) => n === 1);

const geometryOf = (node: Node, kernel: Pair): Geometry => ({
  kernel,
  stride: bothOf(sidesOf(node, "stride")),
  pads: bothOf(sidesOf(node, "pad")),
});

/** The convolution whose value has this height. */
const convolve = (
  emitter: OnnxEmitter,
  x: string,
  w: Value,
  geometry: Geometry,
  height: number,
): string =>
  emitter.anySize !== true && isDense(geometry) && w.shape[0] < FEW && w.shape[2] > 1
    ? convolveByRows(emitter, x, w, geometry, height)
    : emitter.node("Conv", [x, w.name], window(geometry));

export const conv: OnnxLowering = (emitter, node, [x, w]) => {
  const weights = { name: w as string, shape: shape4(node, 1) };
  const [, , kh, kw] = weights.shape;
  const geometry = geometryOf(node, [kh, kw]);
  return convolve(emitter, x as string, weights, geometry, node.shape[2] as number);
};

/** Weights turned by half a turn, their channels exchanged: [o, i, kh, kw] to [i, o, kh, kw]. */
const turned = (emitter: OnnxEmitter, w: Value): Value => {
  const [o, i, kh, kw] = w.shape;
  const places = kh * kw;
  const exchanged = emitter.node("Transpose", [w.name], { perm: { ints: [1, 0, 2, 3] } });
  const flat = reshaped(emitter, exchanged, [i, o, places]);
  // from the last one down to before the first; a Gather takes 2 to 3 times as long
  const backwards = [-1, -places - 1, 2, -1].map((value) => emitter.ints([value]));
  const shape: Shape4 = [i, o, kh, kw];
  return { name: reshaped(emitter, emitter.node("Slice", [flat, ...backwards]), shape), shape };
};

export const convInput: OnnxLowering = (emitter, node, [dy, w]) => {
  const weights = { name: w as string, shape: shape4(node, 1) };
  const [, , kh, kw] = weights.shape;
  const [height, width] = [numberOf(node, "height"), numberOf(node, "width")];
  const geometry = geometryOf(node, [kh, kw]);
  const { stride, pads } = geometry;
  if (isDense(geometry) && pads[0] < kh && pads[1] < kw) {
    const within: Geometry = { ...geometry, pads: [kh - 1 - pads[0], kw - 1 - pads[1]] };
    return convolve(emitter, dy as string, turned(emitter, weights), within, height);
  }
  const [, , oh, ow] = shape4(node, 0);
  const reached = (size: number, places: number, axis: ImageAxis) =>
    (size - 1) * stride[axis] - 2 * pads[axis] + places;
  return emitter.node("ConvTranspose", [dy as string, weights.name], {
    ...window(geometry),
    output_padding: { ints: [height - reached(oh, kh, 0), width - reached(ow, kw, 1)] },
  });
};

/** Channels of images side by side: [channels, rows of all samples, width]. */
interface Planes {
  readonly value: string;
  readonly channels: number;
  readonly samples: number;
  readonly height: number;
  readonly width: number;
}

const planesOf = (emitter: OnnxEmitter, x: string, [n, c, h, w]: Shape4): Planes => {
  const apart = n === 1 ? x : emitter.node("Transpose", [x], { perm: { ints: [1, 0, 2, 3] } });
  const value = reshaped(emitter, apart, [c, n * h, w]);
  return { value, channels: c, samples: n, height: h, width: w };
};

/**
 * Which rows or columns of an image meet kernel place k: from `first(k)` on, `count` of them,
 * `step` apart.
 */
interface Shifts {
  readonly places: number;
  readonly first: (place: number) => number;
  readonly count: number;
  readonly step: number;
}

/** Whether a single place meets the whole side. */
const meetsAll = ({ places, first, count, step }: Shifts, side: number): boolean =>
  places === 1 && first(0) === 0 && count === side && step === 1;

/**
 * The columns for each kernel place, zeros outside of the image: [places * channels, rows, count].
 */
const columns = (emitter: OnnxEmitter, x: Planes, shifts: Shifts): Planes => {
  if (meetsAll(shifts, x.width)) return x;
  const { places, first, count, step } = shifts;
  const firsts = Array.from({ length: places }, (_, place) => first(place));
  const low = Math.max(0, -Math.min(...firsts));
  const length = (count - 1) * step + 1;
  const high = Math.max(0, Math.max(...firsts) + length - x.width);
  const wide = padded(emitter, x.value, [0, 0, low], [0, 0, high]);
  const slices = firsts.map((start) => {
    const [begin, end] = [[start + low], [start + low + length]].map((at) => emitter.ints(at));
    const along = [begin as string, end as string, emitter.ints([2]), emitter.ints([step])];
    return emitter.node("Slice", [wide, ...along]);
  });
  const value = emitter.node("Concat", slices, { axis: { int: 0 } });
  return { ...x, value, channels: places * x.channels, width: count };
};

/** The rows for each kernel place, zeros outside of the image: [channels, places * rows, width]. */
const rows = (emitter: OnnxEmitter, x: Planes, shifts: Shifts): string => {
  if (meetsAll(shifts, x.height)) return x.value;
  const { places, first, count, step } = shifts;
  const zero = x.samples * x.height;
  const indices = Array.from({ length: places * x.samples * count }, (_, i) => {
    const place = Math.floor(i / (x.samples * count));
    const sample = Math.floor(i / count) % x.samples;
    const row = first(place) + (i % count) * step;
    return row >= 0 && row < x.height ? sample * x.height + row : zero;
  });
  const source = padded(emitter, x.value, [0, 0, 0], [0, indices.includes(zero) ? 1 : 0, 0]);
  return emitter.node("Gather", [source, emitter.ints(indices)], { axis: { int: 1 } });
};

/** Axes of the gradient: output and input channel, row and column of the kernel. */
type Axis = "o" | "i" | "a" | "b";

/** A factor of the product: a matrix of these axes by all positions. */
interface Factor {
  readonly value: string;
  readonly axes: readonly Axis[];
}

/** The rows and columns of the image and of the gradient that meet each place of the kernel. */
interface Meetings {
  readonly imageRows: Shifts;
  readonly imageColumns: Shifts;
  readonly gradientRows: Shifts;
  readonly gradientColumns: Shifts;
}

const meetingsOf = (
  x: Planes,
  dy: Planes,
  { kernel: [kh, kw], stride, pads }: Geometry,
): Meetings => {
  const ofImage = (places: number, count: number, axis: ImageAxis): Shifts => ({
    places,
    first: (place) => place - pads[axis],
    count,
    step: stride[axis],
  });
  const ofGradient = (places: number, count: number, axis: ImageAxis): Shifts => ({
    places,
    first: (place) => pads[axis] - place,
    count,
    step: 1,
  });
  return {
    imageRows: ofImage(kh, dy.height, 0),
    imageColumns: ofImage(kw, dy.width, 1),
    gradientRows: ofGradient(kh, x.height, 0),
    gradientColumns: ofGradient(kw, x.width, 1),
  };
};

/**
 * The gradient is a product of two matrices over all positions, repeated for the places of the
 * kernel: both the rows and the columns of one, or the rows of one and the columns of the other,
 * whatever takes the fewest numbers. (The gradient for the value can take part in this at stride 1
 * only.) Whole rows are cheap to copy, columns are not, and single numbers cost most of all: one
 * Gather of them is 2 to 6 times as slow.
 */
const factors = (
  emitter: OnnxEmitter,
  x: Planes,
  dy: Planes,
  geometry: Geometry,
): readonly [Factor, Factor] => {
  const meetings = meetingsOf(x, dy, geometry);
  const [kh, kw] = geometry.kernel;
  const [i, o] = [x.channels, dy.channels];
  const imageColumns = () => columns(emitter, x, meetings.imageColumns);
  const gradientColumns = () => columns(emitter, dy, meetings.gradientColumns);
  const both = kh * kw * Math.min(i, o);
  const shared = kh * Math.max(i, o) + kw * Math.min(i, o);
  if (!isDense(geometry) || (both <= shared && i <= o))
    return [
      { value: dy.value, axes: ["o"] },
      { value: rows(emitter, imageColumns(), meetings.imageRows), axes: ["b", "i", "a"] },
    ];
  if (both <= shared)
    return [
      { value: x.value, axes: ["i"] },
      { value: rows(emitter, gradientColumns(), meetings.gradientRows), axes: ["b", "o", "a"] },
    ];
  if (i <= o)
    return [
      { value: rows(emitter, dy, meetings.gradientRows), axes: ["o", "a"] },
      { value: imageColumns().value, axes: ["b", "i"] },
    ];
  return [
    { value: rows(emitter, x, meetings.imageRows), axes: ["i", "a"] },
    { value: gradientColumns().value, axes: ["b", "o"] },
  ];
};

export const convWeight: OnnxLowering = (emitter, node, [x, dy]) => {
  const images = planesOf(emitter, x as string, shape4(node, 0));
  const gradients = planesOf(emitter, dy as string, shape4(node, 1));
  const [o, i, a, b] = node.shape as Shape4;
  const geometry = geometryOf(node, [a, b]);
  const [left, right] = factors(emitter, images, gradients, geometry);
  const sides: Readonly<Record<Axis, number>> = { o, i, a, b };
  const matrix = ({ value, axes }: Factor): string =>
    reshaped(emitter, value, [axes.reduce((size, axis) => size * sides[axis], 1), -1]);
  const product = emitter.node("Gemm", [matrix(left), matrix(right)], { transB: { int: 1 } });
  const axes = [...left.axes, ...right.axes];
  const apart = axes.map((axis) => sides[axis]);
  const order = (["o", "i", "a", "b"] as const).map((axis) => axes.indexOf(axis));
  return emitter.node("Transpose", [reshaped(emitter, product, apart)], { perm: { ints: order } });
};
