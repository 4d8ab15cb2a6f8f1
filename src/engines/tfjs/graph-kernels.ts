/** How tfjs computes each operator of a graph: the table that the executor is driven by. */
import * as tf from "@tensorflow/tfjs";
import { executeTensorflow, float32, only } from "../../runtime/backend.js";
import { convolutions } from "./conv-kernels.js";
import { BIAS_ADD, RELU_GRADIENT } from "./fuse.js";
import { gathering } from "./gather-kernels.js";
import {
  type Compute,
  choose,
  composed,
  type GraphKernel,
  number,
  numbers,
  type Placed,
  single,
} from "./graph-kernel.js";
import {
  aligned,
  asWritten,
  fixed,
  held,
  heldAxes,
  IMAGES,
  inOrder,
  isVector,
  type LayoutRule,
  preferred,
} from "./layout.js";
import { normalisation } from "./norm-kernels.js";
import { windows } from "./window-kernels.js";

const elementwise = (compute: (...inputs: tf.Tensor[]) => tf.Tensor): GraphKernel => ({
  layout: aligned,
  compile: () => single(compute),
});

/** An operator on one tensor of which the attributes say more. */
const unary = (compile: (placed: Placed) => (x: tf.Tensor) => tf.Tensor): GraphKernel => ({
  layout: aligned,
  compile: (placed) => {
    const compute = compile(placed);
    return composed((x) => compute(x as tf.Tensor));
  },
});

const arithmetic: Readonly<Record<string, GraphKernel>> = {
  add: elementwise(tf.add as (...inputs: tf.Tensor[]) => tf.Tensor),
  sub: elementwise(tf.sub as (...inputs: tf.Tensor[]) => tf.Tensor),
  mul: elementwise(tf.mul as (...inputs: tf.Tensor[]) => tf.Tensor),
  div: elementwise(tf.div as (...inputs: tf.Tensor[]) => tf.Tensor),
};

const biasGradient = { T: float32, data_format: { type: "string", value: "NHWC" } } as const;

/** The sum over all but the channels is the gradient of a bias, for which TensorFlow has a faster kernel. */
const sum = (placed: Placed): Compute => {
  const axes = [...heldAxes(numbers(placed, "axes"), placed.order)];
  if (axes.length === 0) return single((x) => tf.clone(x as tf.Tensor));
  const [n, h, w, channels = 0] = placed.inputs[0] ?? [];
  const isOverPositions =
    placed.order.length === 4 &&
    !axes.includes(3) &&
    [n, h, w].every((side, axis) => side === 1 || axes.includes(axis));
  const general = (): Compute => single((x) => tf.sum(x as tf.Tensor, axes, true));
  if (!isOverPositions) return general();
  return choose(
    () =>
      composed((x) => {
        const sums = only<tf.Tensor>(
          executeTensorflow("BiasAddGrad", biasGradient, [x as tf.Tensor]),
        );
        return tf.reshape(sums, [1, 1, 1, channels]);
      }),
    general,
  );
};

/** The axes that hold more than one number decide; where there are none, the value is the input. */
const max = (placed: Placed): Compute => {
  const axes = [...heldAxes(numbers(placed, "axes"), placed.order)];
  return single((x) =>
    axes.length === 0 ? tf.clone(x as tf.Tensor) : tf.max(x as tf.Tensor, axes, true),
  );
};

/** Of a smaller rank, the input has been given axes of 1; a scalar is as it is. */
const broadcast = (placed: Placed): Compute => {
  const [from = []] = placed.inputs;
  const ones = placed.shape.map(() => 1);
  return composed((x) => {
    const full = from.length === placed.shape.length ? x : tf.reshape(x as tf.Tensor, ones);
    return tf.broadcastTo(full as tf.Tensor, [...placed.shape] as number[]);
  });
};

const broadcastLayout: LayoutRule = ({ inputs: [x], shape }, [order]) => {
  const rank = x?.shape.length ?? 0;
  if (rank === 0) return { inputs: [undefined], value: preferred(shape) };
  const value = rank === shape.length && order !== undefined ? order : preferred(shape);
  return { inputs: [value], value };
};

const power = (placed: Placed): ((x: tf.Tensor) => tf.Tensor) => {
  const exponent = number(placed, "exponent");
  const known: Readonly<Record<number, (x: tf.Tensor) => tf.Tensor>> = {
    0: tf.onesLike,
    1: tf.clone,
    2: tf.square,
    0.5: tf.sqrt,
    [-0.5]: tf.rsqrt,
    [-1]: tf.reciprocal,
  };
  return known[exponent] ?? ((x) => tf.pow(x, exponent));
};

const leakyRelu = (placed: Placed): ((x: tf.Tensor) => tf.Tensor) => {
  const slope = number(placed, "slope");
  return slope === 0 ? tf.relu : (x) => tf.leakyRelu(x, slope);
};

/** dy where y > 0, else slope dy. */
const reluGradient = (slope: number): Compute =>
  choose(
    () => {
      const attributes = { T: float32, alpha: { type: "float", value: slope } } as const;
      return (inputs) => only(executeTensorflow("LeakyReluGrad", attributes, inputs));
    },
    () => composed((dy, y) => tf.mul(dy as tf.Tensor, tf.step(y as tf.Tensor, slope))),
  );

const leakyStep = (placed: Placed): Compute => {
  const gradient = reluGradient(number(placed, "slope"));
  return composed((x) => gradient([tf.onesLike(x as tf.Tensor), x as tf.Tensor]));
};

const functions: Readonly<Record<string, GraphKernel>> = {
  neg: elementwise((x) => tf.neg(x as tf.Tensor)),
  exp: elementwise((x) => tf.exp(x as tf.Tensor)),
  log: elementwise((x) => tf.log(x as tf.Tensor)),
  tanh: elementwise((x) => tf.tanh(x as tf.Tensor)),
  sigmoid: elementwise((x) => tf.sigmoid(x as tf.Tensor)),
  softplus: elementwise((x) => tf.softplus(x as tf.Tensor)),
  abs: elementwise((x) => tf.abs(x as tf.Tensor)),
  sign: elementwise((x) => tf.sign(x as tf.Tensor)),
  power: unary(power),
  leaky_relu: unary(leakyRelu),
  leaky_step: { layout: aligned, compile: leakyStep },
  clamp: unary((placed) => (x) => tf.clipByValue(x, number(placed, "low"), number(placed, "high"))),
  [RELU_GRADIENT]: { layout: aligned, compile: (p) => reluGradient(number(p, "slope")) },
};

const biasAdd: GraphKernel = {
  layout: fixed(IMAGES, [0], IMAGES),
  compile: () =>
    choose(
      () => (inputs) => only(executeTensorflow("BiasAdd", biasGradient, inputs)),
      () => single((x, b) => tf.add(x as tf.Tensor, b as tf.Tensor)),
    ),
};

const reshape: GraphKernel = {
  layout: (node) => ({
    ...asWritten(node, []),
    value: isVector(node.shape) ? preferred(node.shape) : inOrder(node.shape.length),
  }),
  compile: ({ shape }) => single((x) => tf.reshape(x as tf.Tensor, [...shape])),
};

const slice: GraphKernel = {
  layout: aligned,
  compile: (placed) => {
    const [begin, end, step] = ["begin", "end", "step"].map((name) => [
      ...held(numbers(placed, name), placed.order),
    ]) as [number[], number[], number[]];
    if (begin.length === 0) return single((x) => tf.clone(x as tf.Tensor));
    return step.every((by) => by === 1)
      ? single((x) => tf.slice(x as tf.Tensor, begin, [...placed.shape]))
      : single((x) => tf.stridedSlice(x as tf.Tensor, begin, end, step));
  },
};

/** Zeros between neighbours along one axis: behind each number, and then the last ones are cut off. */
const interleaved = (x: tf.Tensor, axis: number, zeros: number): tf.Tensor => {
  const { shape } = x;
  const side = shape[axis] as number;
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)].map((sides) =>
    sides.reduce((a, b) => a * b, 1),
  ) as [number, number];
  const wide = tf.pad(tf.reshape(x, [before * side, 1, after]), [
    [0, 0],
    [0, zeros],
    [0, 0],
  ]);
  const length = side * (1 + zeros) - zeros;
  const all = tf.reshape(wide, [before, side * (1 + zeros), after]);
  return tf.reshape(tf.slice(all, [0, 0, 0], [before, length, after]), [
    ...shape.slice(0, axis),
    length,
    ...shape.slice(axis + 1),
  ]);
};

const pad: GraphKernel = {
  layout: aligned,
  compile: (placed) => {
    const [low, high, interior] = ["low", "high", "interior"].map((name) =>
      held(numbers(placed, name), placed.order),
    ) as [number[], number[], number[]];
    if (low.length === 0) return single((x) => tf.clone(x as tf.Tensor));
    const margins = low.map((before, axis): [number, number] => [before, high[axis] as number]);
    return composed((x) =>
      tf.pad(
        interior.reduce<tf.Tensor>(
          (wide, zeros, axis) => (zeros === 0 ? wide : interleaved(wide, axis, zeros)),
          x as tf.Tensor,
        ),
        margins,
      ),
    );
  },
};

const concat: GraphKernel = {
  layout: aligned,
  compile: (placed) => {
    const axis = placed.order.indexOf(number(placed, "axis"));
    return (inputs) =>
      inputs.length === 1 ? tf.clone(inputs[0] as tf.Tensor) : tf.concat([...inputs], axis);
  },
};

const matmul: GraphKernel = {
  layout: asWritten,
  compile: ({ attributes: { left, right } }) =>
    single((a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, left === true, right === true)),
};

/**
 * By the operator's name. Sources have no kernel; neither have `transpose`, `stop` and `after`, which give the memory of their
 * input another name.
 */
export const graphKernels: ReadonlyMap<string, GraphKernel> = new Map(
  Object.entries({
    ...arithmetic,
    sum: { layout: aligned, compile: sum },
    max: { layout: aligned, compile: max },
    broadcast: { layout: broadcastLayout, compile: broadcast },
    ...functions,
    [BIAS_ADD]: biasAdd,
    reshape,
    slice,
    pad,
    concat,
    matmul,
    ...gathering,
    ...convolutions,
    ...windows,
    ...normalisation,
  }),
);
