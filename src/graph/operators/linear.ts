/** Products of matrices. */
import { isLeft, left, right } from "fp-ts/lib/Either.js";
import { make } from "../build.js";
import { type Attributes, type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { broadcastShape, sumTo } from "./arithmetic.js";
import { broadcastOffsets } from "./offsets.js";
import * as onnx from "./onnx/linear.js";
import type { Two } from "./rules.js";

/**
 * Whether the last two axes of an operand are exchanged before the product; by default they are
 * not.
 */
export interface Transposed {
  readonly left?: boolean;
  readonly right?: boolean;
}

/**
 * Rows and columns of the operand as it enters the product, and the steps between them in the data.
 */
const matrixOf = (shape: Shape, transposed: boolean) => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed
    ? { rows: columns, columns: rows, down: 1, across: columns }
    : { rows, columns, down: columns, across: 1 };
};

const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

const flags = (attributes: Attributes) => ({
  left: attributes.left === true,
  right: attributes.right === true,
});

const matmulOperator: Operator = {
  name: "matmul",
  doc: "The matrix product over the last two axes, exchanged before it in the left or right operand where so said; the axes before them broadcast as in numpy.",
  attributes: { left: "boolean", right: "boolean" },
  arity: 2,
  shape: (inputs, attributes) => {
    const [a, b] = inputs as Two<Shape>;
    if (a.length < 2 || b.length < 2) return left("both must have a rank of at least 2");
    const m = matrixOf(a, flags(attributes).left);
    const n = matrixOf(b, flags(attributes).right);
    if (m.columns !== n.rows) return left(`${m.columns} columns do not meet ${n.rows} rows`);
    const batch = broadcastShape(batchOf(a), batchOf(b));
    return isLeft(batch) ? batch : right([...batch.right, m.rows, n.columns]);
  },
  vjp: (node, dy) => {
    const [a, b] = node.inputs as Two<Node>;
    const { left, right } = flags(node.attributes);
    // With A and B as they enter the product: dA = dy B', dB = A' dy, each transposed where its
    // operand was.
    return [
      () =>
        sumTo(
          left ? matmul(b, dy, { left: right, right: true }) : matmul(dy, b, { right: !right }),
          a.shape,
        ),
      () =>
        sumTo(
          right ? matmul(dy, a, { left: true, right: left }) : matmul(a, dy, { left: !left }),
          b.shape,
        ),
    ];
  },
  evaluate: (inputs, attributes, shape) => {
    const [a, b] = inputs as Two<Tensor>;
    const m = matrixOf(a.shape, flags(attributes).left);
    const n = matrixOf(b.shape, flags(attributes).right);
    const batch = batchOf(shape);
    const inA = broadcastOffsets(batchOf(a.shape), batch);
    const inB = broadcastOffsets(batchOf(b.shape), batch);
    const out = new Float64Array(sizeOf(shape));
    let next = 0;
    for (let i = 0; i < inA.length; i++) {
      const fromA = (inA[i] as number) * m.rows * m.columns;
      const fromB = (inB[i] as number) * n.rows * n.columns;
      for (let row = 0; row < m.rows; row++)
        for (let column = 0; column < n.columns; column++) {
          let sum = 0;
          for (let k = 0; k < m.columns; k++)
            sum +=
              (a.data[fromA + row * m.down + k * m.across] as number) *
              (b.data[fromB + k * n.down + column * n.across] as number);
          out[next++] = sum;
        }
    }
    return out;
  },
  onnx: onnx.matmul,
};

/** The matrix product over the last two axes; batch axes broadcast. */
export const matmul = (a: Node, b: Node, { left = false, right = false }: Transposed = {}): Node =>
  make(matmulOperator, [a, b], { left, right });

export const linear: readonly Operator[] = [matmulOperator];
