/**
 * 3 x 3 convolutions of stride 1 by fast convolution, in plain matrix products. Where x is [h, w,
 * n, c],
 *
 *   V = Lh x Lw^T,   M[k] = V[k] U[k] for each of 36 products k,   y = Rh M Rw^T,
 *
 * where U = (G x G) w is the transformed weight. Blocks, their overlap and the padding, by zeros or
 * by reflection, are inside of the constant Lh and Lw, so that padding is no operation any more; Rh
 * and Rw assemble the blocks. The derivative of matrix products is matrix products: differentiated
 * afterwards, the gradients of x and of w share V and dM.
 */
import { impossible } from "../../base/impossible.js";
import { type Axis, along, type Sides } from "../../base/sides.js";
import type { Graph, Node } from "../graph.js";
import { isOf } from "../operator.js";
import { convOperator, slidingOf } from "../operators/convolution.js";
import { matmul } from "../operators/linear.js";
import { mirroredOf, reflectPadOperator } from "../operators/padding.js";
import { reshape, transpose } from "../operators/shaping.js";
import { tensor } from "../operators/sources.js";
import { rewrite } from "./rewrite.js";
import { fourOfThree } from "./toom-cook.js";

const { outputs, products, taps, a, b, g } = fourOfThree;

/** [n, c, h, w] to [h, w, n, c] and back: the order is its own inverse. */
const exchange = [2, 3, 0, 1] as const;

/** Where a position of the padded image comes from; nothing outside, where it is zero. */
type Source = (position: number) => number | undefined;

export interface Match {
  /** The image before padding, [n, i, h, w]. */
  readonly x: Node;
  /** [o, i, 3, 3] */
  readonly weight: Node;
  /** Of the result: [n, o, h, w]. */
  readonly shape: readonly number[];
  readonly source: (side: number, axis: Axis) => Source;
}

const zeros =
  (pads: Sides) =>
  (side: number, axis: Axis): Source =>
  (position) => {
    const at = position - along(pads, axis);
    return at >= 0 && at < side ? at : undefined;
  };

const reflected =
  (pads: Sides) =>
  (side: number, axis: Axis): Source =>
  (position) => {
    const at = Math.abs(position - along(pads, axis));
    const inside = at < side ? at : 2 * (side - 1) - at;
    return inside >= 0 && inside < side ? inside : undefined;
  };

const matchOf = (node: Node, inputs: readonly Node[]): Match | undefined => {
  const [x, weight] = inputs;
  if (!isOf(node, convOperator) || x === undefined || weight === undefined) return undefined;
  const { stride, pad } = slidingOf(node.attributes);
  if (stride !== 1 || weight.shape[2] !== taps || weight.shape[3] !== taps) return undefined;
  const [inner] = x.inputs;
  if (isOf(x, reflectPadOperator) && pad === 0 && inner !== undefined) {
    const source = reflected(mirroredOf(x));
    return { x: inner, weight, shape: node.shape, source };
  }
  return { x, weight, shape: node.shape, source: zeros(pad) };
};

/**
 * Whether it takes fewer multiplications, with a fifth to spare for what it copies: 36 products for
 * 16 outputs instead of nine for each, and the dense transforms of both sides.
 */
const pays = ({ weight, shape }: Match): boolean => {
  const [o = 0, i = 0] = weight.shape;
  const [, , h = 0, w = 0] = shape;
  const transforms = ((h + w) / 2) * (products / outputs + (products / outputs) ** 2);
  return 1.2 * ((products / outputs) ** 2 * i * o + transforms * (i + o)) < taps ** 2 * i * o;
};

/** Whether the pass takes this convolution. */
export const worthWinograd = (conv: Node): boolean => {
  const match = matchOf(conv, conv.inputs);
  return match !== undefined && pays(match);
};

const blocksOf = (side: number): number => Math.ceil(side / outputs);

/**
 * Rows of each of the products that the pass makes of a convolution: one for each block of outputs
 * and sample.
 */
export const rowsOf = ({ shape: [n = 0, , h = 0, w = 0] }: Node): number =>
  n * blocksOf(h) * blocksOf(w);

/** L: [products * blocks, side], row k * blocks + t being product k of block t. */
const inputTransform = (side: number, result: number, source: Source): Node => {
  const blocks = blocksOf(result);
  const data = new Array<number>(products * blocks * side).fill(0);
  for (let k = 0; k < products; k++)
    for (let t = 0; t < blocks; t++)
      for (let d = 0; d < products; d++) {
        const at = source(t * outputs + d);
        if (at === undefined) continue;
        const place = (k * blocks + t) * side + at;
        data[place] = (data[place] ?? 0) + (b[k * products + d] ?? 0);
      }
  return tensor(data, [products * blocks, side]);
};

/** R: [side, products * blocks]; the last block is cut where it is only partly needed. */
const outputTransform = (side: number): Node => {
  const blocks = blocksOf(side);
  const data = new Array<number>(side * products * blocks).fill(0);
  for (let y = 0; y < side; y++)
    for (let k = 0; k < products; k++) {
      const column = k * blocks + Math.floor(y / outputs);
      data[y * products * blocks + column] = a[(y % outputs) * products + k] ?? 0;
    }
  return tensor(data, [side, products * blocks]);
};

/** G x G: [36, 9]. */
const weightTransform = (): Node => {
  const at = (k: number, d: number): number => g[k * taps + d] ?? 0;
  const range = (n: number): number[] => [...Array(n).keys()];
  const data = range(products ** 2).flatMap((k) =>
    range(taps ** 2).map(
      (d) => at(Math.floor(k / products), Math.floor(d / taps)) * at(k % products, d % taps),
    ),
  );
  return tensor(data, [products ** 2, taps ** 2]);
};

/** V: [36, blocks n, i], from x [h, w, n, i]. */
const transformedInput = (x: Node, [h, w]: readonly [number, number], source: Match["source"]) => {
  const [height = 0, width = 0, n = 0, i = 0] = x.shape;
  const [down, across] = [blocksOf(h), blocksOf(w)];
  const rows = matmul(
    inputTransform(height, h, source(height, 0)),
    reshape(x, [height, width * n * i]),
  );
  const both = matmul(
    inputTransform(width, w, source(width, 1)),
    reshape(rows, [products * down, width, n * i]),
  );
  const blocks = transpose(
    reshape(both, [products, down, products, across, n * i]),
    [0, 2, 1, 3, 4],
  );
  return reshape(blocks, [products ** 2, down * across * n, i]);
};

/** y [h, w, n, o] from M [36, blocks n, o]. */
const assembled = (m: Node, [n, o, h, w]: readonly [number, number, number, number]): Node => {
  const [down, across] = [blocksOf(h), blocksOf(w)];
  const blocks = transpose(reshape(m, [products, products, down, across, n * o]), [0, 2, 1, 3, 4]);
  const columns = matmul(
    outputTransform(w),
    reshape(blocks, [products * down, products * across, n * o]),
  );
  const both = matmul(outputTransform(h), reshape(columns, [products * down, w * n * o]));
  return reshape(both, [h, w, n, o]);
};

const convolved = ({ x, weight, shape, source }: Match): Node => {
  const [n, o, h, w] = shape as readonly [number, number, number, number];
  const i = weight.shape[1] ?? impossible("a weight has no input channels");
  const v = transformedInput(transpose(x, exchange), [h, w], source);
  // [o, i, 3, 3] to [9, i o]: most weights are held in that order, and the two transposes then
  // cancel.
  const flat = reshape(transpose(weight, [2, 3, 1, 0]), [taps ** 2, i * o]);
  const u = reshape(matmul(weightTransform(), flat), [products ** 2, i, o]);
  return transpose(assembled(matmul(v, u), [n, o, h, w]), exchange);
};

/** Every 3 x 3 convolution of stride 1 that is `worth` it; those that it pays for. */
export const winograd = (graph: Graph, worth: (match: Match) => boolean = pays): Graph =>
  rewrite(graph, (node, inputs) => {
    const match = matchOf(node, inputs);
    return match !== undefined && worth(match)
      ? { ...convolved(match), label: node.label }
      : undefined;
  });
