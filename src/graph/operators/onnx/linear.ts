/** Lowering of the matrix product to ONNX. */
import type { Node } from "../../graph.js";
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { flagOf } from "./attributes.js";

/** x with its last two axes, of `rank`, exchanged. */
const exchanged = (emitter: OnnxEmitter, x: string, rank: number): string => {
  const order = [...Array(rank).keys()];
  const perm = [...order.slice(0, -2), rank - 1, rank - 2];
  return emitter.node("Transpose", [x], { perm: { ints: perm } });
};

export const matmul: OnnxLowering = (emitter, node, inputs) => {
  const turned = [flagOf(node, "left"), flagOf(node, "right")];
  const ranks = node.inputs.map((input: Node) => input.shape.length);
  if (ranks.every((rank) => rank === 2)) {
    const [transA, transB] = turned.map((turn) => ({ int: turn ? 1 : 0 }));
    return emitter.node("Gemm", inputs, {
      transA: transA as { int: number },
      transB: transB as { int: number },
    });
  }
  const operands = inputs.map((x, i) =>
    turned[i] ? exchanged(emitter, x, ranks[i] as number) : x,
  );
  return emitter.node("MatMul", operands);
};
