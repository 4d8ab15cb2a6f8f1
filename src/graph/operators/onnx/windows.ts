/** Lowering of sums and maxima over windows to ONNX. */
import { axes, bothOf, type Pair } from "../../../base/sides.js";
import type { Node } from "../../graph.js";
import { sizeOf } from "../../graph.js";
import type { OnnxAttribute, OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf, type Shape4, shape4, sidesOf } from "./attributes.js";
import { reshaped } from "./shaping.js";
import { filled } from "./sources.js";

interface Windows {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pair;
}

const windowsOf = (node: Node): Windows => ({
  kernel: bothOf(sidesOf(node, "kernel")),
  stride: bothOf(sidesOf(node, "stride")),
  pad: bothOf(sidesOf(node, "pad")),
});

const attributesOf = ({ kernel, stride, pad }: Windows): Record<string, OnnxAttribute> => ({
  kernel_shape: { ints: kernel },
  strides: { ints: stride },
  pads: { ints: [...pad, ...pad] },
});

/** The image with each channel a sample of its own, to be convolved by itself. */
const separated = (emitter: OnnxEmitter, x: string, [n, c, h, w]: Shape4): string =>
  reshaped(emitter, x, [n * c, 1, h, w]);

const ones = (emitter: OnnxEmitter, kernel: Pair): string => filled(emitter, 1, [1, 1, ...kernel]);

const isPadded = ([x]: readonly Node[]): boolean => x?.operator === "pad";

/** The zeros that stand around an image already, on its widest side. */
const zerosAround = ({ inputs }: Node): number => {
  const { low, high } = (isPadded(inputs) ? inputs[0]?.attributes : undefined) ?? {};
  return Math.max(0, ...[low, high].flat().map((side) => Number(side ?? 0)));
};

export const windowSum: OnnxLowering = (emitter, node, [x]) => {
  const windows = windowsOf(node);
  const { kernel, pad } = windows;
  // ONNX Runtime makes zeros around an image the padding of the pooling behind: together they are
  // to be fewer, too.
  const zeros = zerosAround(node);
  if (axes.every((axis) => pad[axis] + zeros < kernel[axis])) {
    const mean = emitter.node("AveragePool", [x as string], {
      ...attributesOf(windows),
      count_include_pad: { int: 1 },
    });
    return emitter.node("Mul", [mean, emitter.floats([kernel[0] * kernel[1]], [])]);
  }
  // pooling refuses windows that lie in the padding as a whole
  const image = separated(emitter, x as string, shape4(node, 0));
  const sums = emitter.node("Conv", [image, ones(emitter, kernel)], attributesOf(windows));
  return reshaped(emitter, sums, node.shape);
};

/** Each number repeated along both axes, as often as the kernel is long there. */
const repeated = (emitter: OnnxEmitter, x: string, kernel: Pair): string =>
  emitter.node("Resize", [x, "", emitter.floats([1, 1, ...kernel], [4])], {
    mode: { string: "nearest" },
    nearest_mode: { string: "floor" },
    coordinate_transformation_mode: { string: "asymmetric" },
  });

export const windowSpread: OnnxLowering = (emitter, node, [x]) => {
  const windows = windowsOf(node);
  const { kernel, stride, pad } = windows;
  const [, , h, w] = shape4(node, 0);
  const from: Pair = [h, w];
  const to: Pair = [numberOf(node, "height"), numberOf(node, "width")];
  // Windows side by side cover the image.
  const isCover = axes.every(
    (axis) =>
      kernel[axis] === stride[axis] && pad[axis] === 0 && to[axis] === from[axis] * kernel[axis],
  );
  if (isCover) return repeated(emitter, x as string, kernel);
  const rest = axes.map(
    (axis) => to[axis] - ((from[axis] - 1) * stride[axis] - 2 * pad[axis] + kernel[axis]),
  );
  const image = separated(emitter, x as string, shape4(node, 0));
  const spread = emitter.node("ConvTranspose", [image, ones(emitter, kernel)], {
    ...attributesOf(windows),
    output_padding: { ints: rest },
  });
  return reshaped(emitter, spread, node.shape);
};

/**
 * ONNX Runtime takes zeros that stand around an image for padding of the pooling behind, where they
 * would be no maximum. It leaves alone what is asked for places too.
 */
export const maxPool: OnnxLowering = (emitter, node, [x]) => {
  const outputs = isPadded(node.inputs) ? 2 : 1;
  const found = emitter.nodes("MaxPool", [x as string], attributesOf(windowsOf(node)), outputs);
  return found[0] as string;
};

/** Finds the flat place in x of each window's first maximum. */
const places = (emitter: OnnxEmitter, node: Node, x: string): string =>
  emitter.nodes("MaxPool", [x], attributesOf(windowsOf(node)), 2)[1] as string;

export const maxTake: OnnxLowering = (emitter, node, [x, v]) => {
  const flat = reshaped(emitter, v as string, [sizeOf(shape4(node, 1))]);
  return emitter.node("Gather", [flat, places(emitter, node, x as string)]);
};

export const maxPut: OnnxLowering = (emitter, node, [x, dy]) => {
  const count = sizeOf(shape4(node, 1));
  const zeros = filled(emitter, 0, [sizeOf(node.shape)]);
  const sums = emitter.node(
    "ScatterElements",
    [
      zeros,
      reshaped(emitter, places(emitter, node, x as string), [count]),
      reshaped(emitter, dy as string, [count]),
    ],
    { reduction: { string: "add" } },
  );
  return reshaped(emitter, sums, node.shape);
};
