/**
 * Convolution in groups and with gaps, and its two gradients: three kernels, each differentiable
 * through the other two. Images are NHWC, filters [kh, kw, in / groups, out]. Where each group has
 * one channel it is tfjs's depthwise convolution, else one convolution for each group. Gaps are
 * zeros in the filter: no backend of tfjs has the gradients of filters with gaps.
 */
import * as tf from "@tensorflow/tfjs";
import { defineKernel, type Kernel, only, runTfjsKernel } from "./backend.js";
import {
  type ConvGeometry,
  conv2d,
  convFilter2d,
  convInput2d,
  paddedShape,
  padZeros,
  unpadded,
} from "./conv.js";
import { along, areBoth, bothOf, type Sides } from "./sides.js";

/** Geometry of a convolution in groups. `groups` divides the channels and the filters. */
export interface GroupedGeometry extends ConvGeometry {
  readonly groups: number;
  /** Pixels from one place of the window to the next, at least 1. */
  readonly dilation: Sides;
}

interface Attributes extends GroupedGeometry {
  readonly inputShape: readonly number[];
  /** Of the filter with its gaps. */
  readonly filterShape: readonly number[];
}

const spread = (side: number, dilation: number): number => (side - 1) * dilation + 1;

const spreadShape = ([kh = 1, kw = 1, ...rest]: readonly number[], dilation: Sides): number[] => [
  spread(kh, along(dilation, 0)),
  spread(kw, along(dilation, 1)),
  ...rest,
];

/** Puts zeros between the rows and the columns of a filter; differentiable. */
const withGaps = (filter: tf.Tensor4D, dilation: Sides): tf.Tensor4D => {
  if (areBoth(dilation, 1)) return filter;
  const [down, across] = bothOf(dilation);
  const [kh, kw, seen, filters] = filter.shape;
  const apart = tf.reshape(filter, [kh, 1, kw, 1, seen * filters]);
  const none: [number, number] = [0, 0];
  const padded = tf.pad(apart, [none, [0, down - 1], none, [0, across - 1], none]);
  const whole = tf.reshape(padded, [kh * down, kw * across, seen, filters]);
  const [height, width] = [spread(kh, down), spread(kw, across)];
  return tf.slice(whole as tf.Tensor4D, [0, 0, 0, 0], [height, width, seen, filters]);
};

/** What `withGaps` has put in is taken out; differentiable. */
const withoutGaps = (
  filter: tf.Tensor4D,
  dilation: Sides,
  shape: readonly number[],
): tf.Tensor4D => {
  if (areBoth(dilation, 1)) return filter;
  const [down, across] = bothOf(dilation);
  const [kh = 1, kw = 1, seen = 1, filters = 1] = shape;
  const none: [number, number] = [0, 0];
  const whole = tf.pad(filter, [[0, down - 1], [0, across - 1], none, none]);
  const apart = tf.reshape(whole, [kh, down, kw, across, seen * filters]);
  const first = tf.slice(apart, [0, 0, 0, 0, 0], [kh, 1, kw, 1, seen * filters]);
  return tf.reshape(first, [kh, kw, seen, filters]) as tf.Tensor4D;
};

/**
 * Tells whether each group has a single channel, and tfjs's depthwise convolution takes it: that of
 * TensorFlow has one stride for both axes.
 */
const isDepthwise = ({ filterShape, stride }: Attributes): boolean =>
  filterShape[2] === 1 && along(stride, 0) === along(stride, 1);

/** Returns the shape of tfjs's depthwise filters, [kh, kw, in, out / in]. */
const depthwiseShape = ({ filterShape, groups }: Attributes): [number, number, number, number] => {
  const [kh = 1, kw = 1, , filters = 1] = filterShape;
  return [kh, kw, groups, filters / groups];
};

const tfjsAttributes = ({ stride }: Attributes) => ({
  strides: bothOf(stride),
  pad: "valid",
  dilations: [1, 1],
  dimRoundingMode: null,
});

/** Splits into groups along the channels, combines each with `by`, and joins the results. */
const eachGroup = (
  { groups }: Attributes,
  parts: readonly (tf.Tensor | undefined)[],
  by: (...parts: tf.Tensor4D[]) => tf.Tensor,
): tf.Tensor => {
  const split = parts.map((x) => tf.split(x as tf.Tensor, groups, 3) as tf.Tensor4D[]);
  const results = Array.from({ length: groups }, (_, g) =>
    by(...split.map((group) => group[g] as tf.Tensor4D)),
  );
  return tf.concat(results, 3);
};

/** Returns the shape with only one group's channels. */
const ofOneGroup = (shape: readonly number[], groups: number): readonly number[] =>
  shape.map((side, axis) => (axis === 3 ? side / groups : side));

const forward: Kernel<Attributes> = defineKernel({
  name: "GancGroupedConv2D",
  portable: ({ x, filter }, attributes) => {
    if (!isDepthwise(attributes))
      return [eachGroup(attributes, [x, filter], (a, b) => conv2d(a, b, attributes))];
    const padded = padZeros(x as tf.Tensor, attributes.pad);
    const depthwise = tf.reshape(filter as tf.Tensor, depthwiseShape(attributes));
    return [
      tf.depthwiseConv2d(padded, depthwise as tf.Tensor4D, bothOf(attributes.stride), "valid"),
    ];
  },
  savesInputs: ["x", "filter"],
  gradient: (dy, [x, filter], attributes) => ({
    x: () => only(inputGradient({ dy, filter: filter as tf.Tensor }, attributes)),
    filter: () => only(filterGradient({ x: x as tf.Tensor, dy }, attributes)),
  }),
});

const inputGradient: Kernel<Attributes> = defineKernel({
  name: "GancGroupedConv2DInputGradient",
  portable: ({ dy, filter }, attributes) => {
    const { inputShape, pad, groups } = attributes;
    if (!isDepthwise(attributes)) {
      const shape = ofOneGroup(inputShape, groups);
      return [eachGroup(attributes, [dy, filter], (a, b) => convInput2d(a, b, attributes, shape))];
    }
    const padded = runTfjsKernel<tf.Tensor4D>(
      "DepthwiseConv2dNativeBackpropInput",
      {
        dy: dy as tf.Tensor,
        filter: tf.reshape(filter as tf.Tensor, depthwiseShape(attributes)),
      },
      { ...tfjsAttributes(attributes), inputShape: paddedShape(inputShape, pad) },
    );
    return [unpadded(padded, pad, inputShape)];
  },
  savesInputs: ["dy", "filter"],
  gradient: (d, [dy, filter], attributes) => ({
    dy: () => only(forward({ x: d, filter: filter as tf.Tensor }, attributes)),
    filter: () => only(filterGradient({ x: d, dy: dy as tf.Tensor }, attributes)),
  }),
});

const filterGradient: Kernel<Attributes> = defineKernel({
  name: "GancGroupedConv2DFilterGradient",
  portable: ({ x, dy }, attributes) => {
    const { filterShape, groups } = attributes;
    if (!isDepthwise(attributes)) {
      const shape = ofOneGroup(filterShape, groups);
      return [eachGroup(attributes, [x, dy], (a, b) => convFilter2d(a, b, attributes, shape))];
    }
    const gradient = runTfjsKernel(
      "DepthwiseConv2dNativeBackpropFilter",
      { x: padZeros(x as tf.Tensor, attributes.pad), dy: dy as tf.Tensor },
      { ...tfjsAttributes(attributes), filterShape: depthwiseShape(attributes) },
    );
    return [tf.reshape(gradient, [...filterShape])];
  },
  savesInputs: ["x", "dy"],
  gradient: (d, [x, dy], attributes) => ({
    x: () => only(inputGradient({ dy: dy as tf.Tensor, filter: d }, attributes)),
    dy: () => only(forward({ x: x as tf.Tensor, filter: d }, attributes)),
  }),
});

const attributesOf = ({ stride, pad, groups, dilation }: GroupedGeometry): GroupedGeometry => ({
  stride,
  pad,
  groups,
  dilation,
});

/**
 * Convolves x [n, h, w, in] with a filter [kh, kw, in / groups, out] in groups. The result is [n,
 * floor((h + 2 pad - reach) / stride) + 1, …, out], where the reach is (kh - 1) dilation + 1.
 */
export const groupedConv2d = (
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: GroupedGeometry,
): tf.Tensor4D =>
  tf.tidy(() => {
    const whole = withGaps(filter, geometry.dilation);
    const shapes = { inputShape: x.shape, filterShape: whole.shape };
    return only(forward({ x, filter: whole }, { ...attributesOf(geometry), ...shapes }));
  });

/**
 * Computes the gradient of `groupedConv2d` for an image of shape `inputShape`, from the filter and
 * dy, which has the shape of the result.
 */
export const groupedConvInput2d = (
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: GroupedGeometry,
  inputShape: readonly number[],
): tf.Tensor4D =>
  tf.tidy(() => {
    const whole = withGaps(filter, geometry.dilation);
    const shapes = { inputShape, filterShape: whole.shape };
    return only(inputGradient({ dy, filter: whole }, { ...attributesOf(geometry), ...shapes }));
  });

/**
 * Computes the gradient of `groupedConv2d` for a filter of shape `filterShape`, from the image and
 * dy, which has the shape of the result.
 */
export const groupedConvFilter2d = (
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  geometry: GroupedGeometry,
  filterShape: readonly number[],
): tf.Tensor4D =>
  tf.tidy(() => {
    const { dilation } = geometry;
    const shapes = { inputShape: x.shape, filterShape: spreadShape(filterShape, dilation) };
    const whole = only<tf.Tensor4D>(
      filterGradient({ x, dy }, { ...attributesOf(geometry), ...shapes }),
    );
    return withoutGaps(whole, dilation, filterShape);
  });
