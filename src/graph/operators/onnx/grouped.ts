/** Lowering of convolutions in groups and with gaps to ONNX. */
import { type Axis, bothOf, type Pair } from "../../../base/sides.js";
import type { Node } from "../../graph.js";
import type { OnnxAttribute, OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf, type Shape4, shape4, sidesOf } from "./attributes.js";
import { padded, reshaped } from "./shaping.js";

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pads: Pair;
  readonly groups: number;
  readonly dilation: Pair;
}

const attributesOf = (window: Window): Record<string, OnnxAttribute> => {
  const { kernel, stride, pads, groups, dilation } = window;
  return {
    kernel_shape: { ints: kernel },
    strides: { ints: stride },
    pads: { ints: [...pads, ...pads] },
    group: { int: groups },
    ...(dilation.every((gap) => gap === 1) ? {} : { dilations: { ints: dilation } }),
  };
};

const windowOf = (node: Node, kernel: Pair): Window => ({
  kernel,
  stride: bothOf(sidesOf(node, "stride")),
  pads: bothOf(sidesOf(node, "pad")),
  groups: numberOf(node, "groups"),
  dilation: bothOf(sidesOf(node, "dilation")),
});

export const groupedConv: OnnxLowering = (emitter, node, [x, w]) => {
  const [, , kh, kw] = shape4(node, 1);
  return emitter.node("Conv", [x as string, w as string], attributesOf(windowOf(node, [kh, kw])));
};

/**
 * Weights turned by half a turn, the channels of each group exchanged: [o, i / groups, kh, kw] to
 * [i, o / groups, kh, kw].
 */
const turned = (emitter: OnnxEmitter, w: string, shape: Shape4, groups: number): string => {
  const [o, seen, kh, kw] = shape;
  const places = kh * kw;
  const apart = reshaped(emitter, w, [groups, o / groups, seen, places]);
  const exchanged = emitter.node("Transpose", [apart], { perm: { ints: [0, 2, 1, 3] } });
  const backwards = [-1, -places - 1, 3, -1].map((value) => emitter.ints([value]));
  const reversed = emitter.node("Slice", [exchanged, ...backwards]);
  return reshaped(emitter, reversed, [groups * seen, o / groups, kh, kw]);
};

export const groupedConvInput: OnnxLowering = (emitter, node, [dy, w]) => {
  const shape = shape4(node, 1);
  const [, , kh, kw] = shape;
  const window = windowOf(node, [kh, kw]);
  const { stride, groups, dilation, pads: around } = window;
  const [high, wide] = [(kh - 1) * dilation[0], (kw - 1) * dilation[1]];
  const isDense = stride.every((step) => step === 1);
  if (isDense && around[0] <= high && around[1] <= wide) {
    const weights = turned(emitter, w as string, shape, groups);
    const pads: Pair = [high - around[0], wide - around[1]];
    return emitter.node("Conv", [dy as string, weights], attributesOf({ ...window, pads }));
  }
  const [, , oh, ow] = shape4(node, 0);
  const reached = (size: number, last: number, axis: Axis) =>
    (size - 1) * stride[axis] - 2 * around[axis] + last + 1;
  const rest = [
    numberOf(node, "height") - reached(oh, high, 0),
    numberOf(node, "width") - reached(ow, wide, 1),
  ];
  return emitter.node("ConvTranspose", [dy as string, w as string], {
    ...attributesOf(window),
    output_padding: { ints: rest },
  });
};

/** The pixels of an image that meet each place of the kernel: [n, channels, oh, ow] for each. */
const meetings = (
  emitter: OnnxEmitter,
  x: string,
  [oh, ow]: Pair,
  { kernel: [kh, kw], stride, dilation }: Window,
): readonly string[] =>
  Array.from({ length: kh * kw }, (_, place) => {
    const [row, column] = [Math.floor(place / kw) * dilation[0], (place % kw) * dilation[1]];
    const begin = emitter.ints([row, column]);
    const end = emitter.ints([row + (oh - 1) * stride[0] + 1, column + (ow - 1) * stride[1] + 1]);
    return emitter.node("Slice", [x, begin, end, emitter.ints([2, 3]), emitter.ints(stride)]);
  });

/**
 * One product of matrices for each group, over all positions of all samples: its gradients by its
 * pixels, those repeated for each place of the kernel.
 */
export const groupedConvWeight: OnnxLowering = (emitter, node, [x, dy]) => {
  const [n, channels] = shape4(node, 0);
  const [, , oh, ow] = shape4(node, 1);
  const [o, seen, kh, kw] = node.shape as Shape4;
  const window = windowOf(node, [kh, kw]);
  const { groups, pads } = window;
  const sides = [0, 0, ...pads];
  const whole = padded(emitter, x as string, sides, sides);
  const places = kh * kw;
  const each = meetings(emitter, whole, [oh, ow], window).map((pixels) =>
    reshaped(emitter, pixels, [n, channels, 1, oh * ow]),
  );
  const all = emitter.node("Concat", each, { axis: { int: 2 } });
  const parted = reshaped(emitter, all, [n, groups, seen * places, oh * ow]);
  const pixels = emitter.node("Transpose", [parted], { perm: { ints: [1, 0, 3, 2] } });
  const gradients = emitter.node(
    "Transpose",
    [reshaped(emitter, dy as string, [n, groups, o / groups, oh * ow])],
    { perm: { ints: [1, 2, 0, 3] } },
  );
  const product = emitter.node("MatMul", [
    reshaped(emitter, gradients, [groups, o / groups, n * oh * ow]),
    reshaped(emitter, pixels, [groups, n * oh * ow, seen * places]),
  ]);
  return reshaped(emitter, product, [o, seen, kh, kw]);
};
