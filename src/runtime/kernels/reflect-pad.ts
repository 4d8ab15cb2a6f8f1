/**
 * Reflection padding with its own gradient: tfjs-core 4.22 differentiates MirrorPad by cropping,
 * which loses what the border reflects.
 */
import * as tf from "@tensorflow/tfjs";
import {
  type AttributeValue,
  defineKernel,
  executeTensorflow,
  float32,
  int32,
  type Kernel,
  only,
  runTfjsKernel,
} from "./backend.js";
import { along, areBoth, type Sides } from "./sides.js";

interface ReflectPadAttributes {
  readonly pad: Sides;
}

const paddings = (pad: Sides): [number, number][] => [
  [0, 0],
  [along(pad, 0), along(pad, 0)],
  [along(pad, 1), along(pad, 1)],
  [0, 0],
];

const tensorflowAttributes: Readonly<Record<string, AttributeValue>> = {
  T: float32,
  Tpaddings: int32,
  mode: { type: "string", value: "REFLECT" },
};

const forward: Kernel<ReflectPadAttributes> = defineKernel({
  name: "GancReflectPad",
  portable: ({ x }, { pad }) => [
    // Only the kernel: within a kernel of ours tfjs never uses its own gradient.
    runTfjsKernel("MirrorPad", { x: x as tf.Tensor }, { paddings: paddings(pad), mode: "reflect" }),
  ],
  gradient: (dy, _saved, attributes) => ({ x: () => only(backward({ dy }, attributes)) }),
});

/** Adds the border along one axis to the rows that it reflects. */
function fold(dy: tf.Tensor4D, axis: 1 | 2, pad: number): tf.Tensor4D {
  if (pad === 0) return dy;
  const size = (dy.shape[axis] as number) - 2 * pad;
  const take = (begin: number, length: number): tf.Tensor4D => {
    const starts = [0, 0, 0, 0];
    const sizes = [...dy.shape];
    starts[axis] = begin;
    sizes[axis] = length;
    return tf.slice(dy, starts, sizes) as tf.Tensor4D;
  };
  const place = (rows: tf.Tensor4D, before: number, after: number): tf.Tensor =>
    tf.pad(
      tf.reverse(rows, axis),
      [0, 1, 2, 3].map((a): [number, number] => (a === axis ? [before, after] : [0, 0])),
    );
  return tf.addN([
    take(pad, size),
    place(take(0, pad), 1, size - 1 - pad),
    place(take(pad + size, pad), size - 1 - pad, 1),
  ]) as tf.Tensor4D;
}

const backward: Kernel<ReflectPadAttributes> = defineKernel({
  name: "GancReflectPadGradient",
  portable: ({ dy }, { pad }) => [
    fold(fold(dy as tf.Tensor4D, 1, along(pad, 0)), 2, along(pad, 1)),
  ],
  tensorflow: ({ dy }, { pad }) =>
    executeTensorflow("MirrorPadGrad", tensorflowAttributes, [
      dy as tf.Tensor,
      tf.tensor2d(paddings(pad), [4, 2], "int32"),
    ]),
  gradient: (d, _saved, attributes) => ({ dy: () => only(forward({ x: d }, attributes)) }),
});

/**
 * Pads height and width of x [n, h, w, c] by `pad` reflected rows and columns on each side, without
 * repeating the border: `d c b | a b c d | c b a`. `pad` is less than h and w.
 */
export const reflectPad2d = (x: tf.Tensor4D, pad: Sides): tf.Tensor4D =>
  areBoth(pad, 0) ? x.clone() : only(forward({ x }, { pad }));

/**
 * Computes the adjoint of `reflectPad2d`: adds every pixel of the `pad` outermost rows and columns
 * to the one that it mirrors.
 */
export const reflectFold2d = (dy: tf.Tensor4D, pad: Sides): tf.Tensor4D =>
  areBoth(pad, 0) ? dy.clone() : only(backward({ dy }, { pad }));
