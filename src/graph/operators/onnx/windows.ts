/** Lowering of sums and maxima over windows to ONNX. */
import type { Node } from "../../graph.js";
import { sizeOf } from "../../graph.js";
import type { OnnxAttribute, OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf, type Shape4, shape4 } from "./attributes.js";
import { reshaped } from "./shaping.js";
import { filled } from "./sources.js";

interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

const windowsOf = (node: Node): Windows => ({
  kernel: numberOf(node, "kernel"),
  stride: numberOf(node, "stride"),
  pad: numberOf(node, "pad"),
});

const attributesOf = ({ kernel, stride, pad }: Windows): Record<string, OnnxAttribute> => ({
  kernel_shape: { ints: [kernel, kernel] },
  strides: { ints: [stride, stride] },
  pads: { ints: [pad, pad, pad, pad] },
});

/** The image with each channel a sample of its own, to be convolved by itself. */
const separated = (emitter: OnnxEmitter, x: string, [n, c, h, w]: Shape4): string =>
  reshaped(emitter, x, [n * c, 1, h, w]);

const ones = (emitter: OnnxEmitter, kernel: number): string =>
  filled(emitter, 1, [1, 1, kernel, kernel]);

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
  if (pad + zerosAround(node) < kernel) {
    const mean = emitter.node("AveragePool", [x as string], {
      ...attributesOf(windows),
      count_include_pad: { int: 1 },
    });
    return emitter.node("Mul", [mean, emitter.floats([kernel ** 2], [])]);
  }
  // pooling refuses windows that lie in the padding as a whole
  const image = separated(emitter, x as string, shape4(node, 0));
  const sums = emitter.node("Conv", [image, ones(emitter, kernel)], attributesOf(windows));
  return reshaped(emitter, sums, node.shape);
};

/** Each number repeated `kernel` times along both axes. */
const repeated = (emitter: OnnxEmitter, x: string, kernel: number): string =>
  emitter.node("Resize", [x, "", emitter.floats([1, 1, kernel, kernel], [4])], {
    mode: { string: "nearest" },
    nearest_mode: { string: "floor" },
    coordinate_transformation_mode: { string: "asymmetric" },
  });

export const windowSpread: OnnxLowering = (emitter, node, [x]) => {
  const windows = windowsOf(node);
  const { kernel, stride, pad } = windows;
  const [, , h, w] = shape4(node, 0);
  const [height, width] = [numberOf(node, "height"), numberOf(node, "width")];
  if (kernel === stride && pad === 0 && height === h * kernel && width === w * kernel)
    return repeated(emitter, x as string, kernel);
  const reached = (side: number) => (side - 1) * stride - 2 * pad + kernel;
  const image = separated(emitter, x as string, shape4(node, 0));
  const spread = emitter.node("ConvTranspose", [image, ones(emitter, kernel)], {
    ...attributesOf(windows),
    output_padding: { ints: [height - reached(h), width - reached(w)] },
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
