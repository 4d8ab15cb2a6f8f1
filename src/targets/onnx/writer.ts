/**
 * Collects the nodes and constants of an ONNX graph: equal ones are written once, and every value
 * gets a name.
 */
import { type Shape, sameShape } from "../../graph/graph.js";
import type { OnnxAttribute, OnnxEmitter } from "../../graph/operator.js";
import type { OnnxNode, OnnxTensor } from "./model.js";

export interface OnnxWriter extends OnnxEmitter {
  /** Values written from now on are named after it; undefined: after what computes them. */
  label(label: string | undefined): void;
  readonly written: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
}

/** Gives names that no one has: `name`, then `name_2` and so on. */
const namer = (taken: Iterable<string>) => {
  const names = new Set(taken);
  const last = new Map<string, number>();
  return (wish: string): string => {
    let name = wish;
    for (let i = (last.get(wish) ?? 1) + 1; names.has(name); i++) {
      name = `${wish}_${i}`;
      last.set(wish, i);
    }
    names.add(name);
    return name;
  };
};

const sameNumbers = (a: OnnxTensor["data"], b: OnnxTensor["data"]): boolean => {
  if (a.length !== b.length || a.BYTES_PER_ELEMENT !== b.BYTES_PER_ELEMENT) return false;
  // bit by bit: 0 and -0 differ, and a NaN is itself
  const [x, y] = [a, b].map((data) => new Int32Array(data.buffer, data.byteOffset));
  return (x as Int32Array).every((word, i) => word === (y as Int32Array)[i]);
};

/** A hash of the bits, to find equal constants without comparing each with all. */
const hashOf = (data: OnnxTensor["data"]): number => {
  let hash = data.length;
  for (const word of new Int32Array(data.buffer, data.byteOffset))
    hash = (Math.imul(hash, 31) + word) | 0;
  return hash;
};

/** A writer whose values are never named as in `taken`. */
export const onnxWriter = (taken: Iterable<string>, anySize = false): OnnxWriter => {
  const named = namer(taken);
  const written: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const nodesByKey = new Map<string, readonly string[]>();
  const constantsByHash = new Map<number, OnnxTensor[]>();
  let label: string | undefined;

  const constant = (data: OnnxTensor["data"], shape: Shape, kind: string): string => {
    const hash = hashOf(data);
    const alike = constantsByHash.get(hash) ?? [];
    const found = alike.find(
      (other) => sameShape(other.shape, shape) && sameNumbers(other.data, data),
    );
    if (found !== undefined) return found.name;
    const tensor = { name: named(`${kind}[${shape.join(",")}]`), shape, data };
    constantsByHash.set(hash, [...alike, tensor]);
    constants.push(tensor);
    return tensor.name;
  };

  const nodes: OnnxEmitter["nodes"] = (type, inputs, attributes, count) => {
    const key = JSON.stringify([type, inputs, attributes, count]);
    const known = nodesByKey.get(key);
    if (known !== undefined) return known;
    const wish = label === undefined ? type : `${label}/${type}`;
    const outputs = Array.from({ length: count }, () => named(wish));
    written.push({ type, inputs, outputs, attributes });
    nodesByKey.set(key, outputs);
    return outputs;
  };

  return {
    anySize,
    written,
    constants,
    label: (next: string | undefined) => {
      label = next;
    },
    nodes,
    node: (
      type: string,
      inputs: readonly string[],
      attributes: Record<string, OnnxAttribute> = {},
    ) => nodes(type, inputs, attributes, 1)[0] as string,
    floats: (data: ArrayLike<number>, shape: Shape) =>
      constant(Float32Array.from(data), shape, "float"),
    ints: (data: readonly number[], shape: Shape = [data.length]) =>
      constant(BigInt64Array.from(data, BigInt), shape, "int"),
  };
};
