/**
 * Makes inputs of a step program as at the beginning of a training: seeded, and the same for every
 * program.
 */
import { normals, stream } from "../src/base/random.js";
import { type Graph, inputName, type Node, sizeOf } from "../src/graph/graph.js";
import { RATE } from "./sides.js";

const constants: Readonly<Record<string, number>> = {
  "adam.m": 0,
  "adam.v": 0,
  "adam.rate": RATE,
  "adam.epsilon": 1e-8,
  recall: 0,
};

const dataOf = (node: Node, seed: number, draw: number): Float32Array => {
  const name = inputName(node);
  const [kind = ""] = name.split("/");
  const size = sizeOf(node.shape);
  const known = constants[kind];
  if (known !== undefined) return new Float32Array(size).fill(known);
  if (kind !== "param") {
    const uniform = stream(seed, `${name}/${draw}`);
    return Float32Array.from({ length: size }, (_, i) => 2 * uniform(i) - 1);
  }
  return name.endsWith(".bias")
    ? new Float32Array(size)
    : normals(seed, `init/${name}`, size, 0, 0.02);
};

export interface Feed {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Makes the inputs by name. `draw` selects the images of a seed, whose weights stay the same. */
export const feedsOf = (graph: Graph, seed: number, draw = 0): ReadonlyMap<string, Feed> =>
  new Map(
    graph.inputs.map((node) => [
      inputName(node),
      { shape: node.shape, data: dataOf(node, seed, draw) },
    ]),
  );
