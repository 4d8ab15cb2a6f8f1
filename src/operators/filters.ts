/** What convolutions share: their learnt filters and biases. */
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add } from "../graph/operators/arithmetic.js";
import { reshape, transpose } from "../graph/operators/shaping.js";
import type { Parameter } from "./layer.js";
import { bool, int, type Options } from "./signature.js";

export const filters = int("filters", "channels of the output", { least: 1 });
export const bias = bool("bias", "whether a learnt constant is added to each channel", {
  defaultValue: true,
});

/** A weight of this shape and, where asked for, a bias of each of the channels. */
export const weights = (
  shape: readonly number[],
  channels: number,
  o: Options,
): readonly Parameter[] => [
  { name: "weight", shape },
  ...(o.bias === true ? [{ name: "bias", shape: [channels] }] : []),
];

/**
 * The graph's weights are [out, in, k, k], or for transposed convolutions [in, out, k, k]; the
 * language's the reverse.
 */
export const filter = ({ weight }: Readonly<Record<string, Node>>): Node =>
  transpose(weight ?? impossible("a convolution has no weight"), [3, 2, 0, 1]);

export const withBias = (x: Node, { bias }: Readonly<Record<string, Node>>): Node =>
  bias === undefined ? x : add(x, reshape(bias, [1, bias.shape[0] ?? 0, 1, 1]));
