/** Lowering of convolutions in groups to ONNX. */
import type { OnnxAttribute, OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf, type Shape4, shape4 } from "./attributes.js";
import { padded, reshaped } from "./shaping.js";

type Pair = readonly [number, number];

const window = (
  kernel: Pair,
  stride: number,
  pads: Pair,
  groups: number,
): Record<string, OnnxAttribute> => ({
  kernel_shape: { ints: kernel },
  strides: { ints: [stride, stride] },
  pads: { ints: [...pads, ...pads] },
  group: { int: groups },
});

export const groupedConv: OnnxLowering = (emitter, node, [x, w]) => {
  const [, , kh, kw] = shape4(node, 1);
  const [stride, pad] = [numberOf(node, "stride"), numberOf(node, "pad")];
  const attributes = window([kh, kw], stride, [pad, pad], numberOf(node, "groups"));
  return emitter.node("Conv", [x as string, w as string], attributes);
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
  const [stride, pad] = [numberOf(node, "stride"), numberOf(node, "pad")];
  const groups = numberOf(node, "groups");
  if (stride === 1 && pad < Math.min(kh, kw)) {
    const weights = turned(emitter, w as string, shape, groups);
    const pads: Pair = [kh - 1 - pad, kw - 1 - pad];
    return emitter.node("Conv", [dy as string, weights], window([kh, kw], 1, pads, groups));
  }
  const [, , oh, ow] = shape4(node, 0);
  const reached = (side: number, places: number) => (side - 1) * stride - 2 * pad + places;
  const rest = [
    numberOf(node, "height") - reached(oh, kh),
    numberOf(node, "width") - reached(ow, kw),
  ];
  return emitter.node("ConvTranspose", [dy as string, w as string], {
    ...window([kh, kw], stride, [pad, pad], groups),
    output_padding: { ints: rest },
  });
};

/** The pixels of an image that meet each place of the kernel: [n, channels, oh, ow] for each. */
const meetings = (
  emitter: OnnxEmitter,
  x: string,
  [oh, ow]: Pair,
  [kh, kw]: Pair,
  stride: number,
): readonly string[] =>
  Array.from({ length: kh * kw }, (_, place) => {
    const [row, column] = [Math.floor(place / kw), place % kw];
    const begin = emitter.ints([row, column]);
    const end = emitter.ints([row + (oh - 1) * stride + 1, column + (ow - 1) * stride + 1]);
    return emitter.node("Slice", [
      x,
      begin,
      end,
      emitter.ints([2, 3]),
      emitter.ints([stride, stride]),
    ]);
  });

/**
 * One product of matrices for each group, over all positions of all samples: its gradients by its
 * pixels, those repeated for each place of the kernel.
 */
export const groupedConvWeight: OnnxLowering = (emitter, node, [x, dy]) => {
  const [n, channels] = shape4(node, 0);
  const [, , oh, ow] = shape4(node, 1);
  const [o, seen, kh, kw] = node.shape as Shape4;
  const [stride, pad] = [numberOf(node, "stride"), numberOf(node, "pad")];
  const groups = numberOf(node, "groups");
  const [height, width] = [numberOf(node, "kernelHeight"), numberOf(node, "kernelWidth")];
  const sides = [0, 0, pad, pad];
  const whole = padded(emitter, x as string, sides, sides);
  const places = height * width;
  const each = meetings(emitter, whole, [oh, ow], [height, width], stride).map((pixels) =>
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
