/**
 * Estimates the memory that ONNX Runtime will take for a program from its model alone, without
 * loading or allocating anything.
 */
import { sizeOf } from "../../graph/graph.js";
import type { OnnxModel, OnnxNode } from "../../targets/onnx/model.js";
import { bytesOf, type OnnxSize, onnxSizes } from "../../targets/onnx/shapes.js";
import { Arena, type Chunk } from "./arena.js";

/** All figures in bytes. */
export interface OnnxMemory {
  /** The values held at the peak, by name, without feeds, constants and outputs. */
  readonly held: ReadonlyMap<string, number>;
  /** Scratch memory of the kernel that runs then. */
  readonly workspace: number;
  /** Size of the arena's blocks for them, more than was requested. */
  readonly blocks: number;
  /** Memory that the arena takes from the system for them, with rounding and holes. */
  readonly taken: number;
  /** Constants, and values computed from them when the model is loaded. */
  readonly constants: number;
  readonly outputs: number;
  /** Number of nodes. */
  readonly nodes: number;
}

type Sizes = ReadonlyMap<string, OnnxSize>;

/** Sorts nodes as ONNX Runtime executes them: depth first, from the last one that nothing reads. */
const executed = (nodes: readonly OnnxNode[]): readonly OnnxNode[] => {
  const makers = new Map(nodes.flatMap(({ outputs }, i) => outputs.map((name) => [name, i])));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const stack = nodes.flatMap(({ outputs }, at) =>
    outputs.some((name) => read.has(name)) ? [] : [{ at, isLeft: false }],
  );
  const done = new Set<number>();
  const order: OnnxNode[] = [];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { at, isLeft } = next;
    const node = nodes[at] as OnnxNode;
    if (isLeft) order.push(node);
    if (isLeft || done.has(at)) continue;
    done.add(at);
    stack.push({ at, isLeft: true });
    const needed = new Set(node.inputs.flatMap((name) => makers.get(name) ?? []));
    for (const each of [...needed].sort((a, b) => a - b))
      if (!done.has(each)) stack.push({ at: each, isLeft: false });
  }
  return order;
};

/** Bytes of the pieces in which a convolution unfolds its image, for about two threads. */
const PIECES = 2 ** 19;

/**
 * Returns the scratch memory of a node. MLAS unfolds the whole image if there are fewer positions
 * than filters, and always for a transposed convolution.
 */
const workspaceOf = (node: OnnxNode, sizes: Sizes): number => {
  const shape = (name: string | undefined) => sizes.get(name ?? "")?.shape ?? [];
  const [image = [], weights = []] = node.inputs.map(shape);
  if (node.type === "ConvTranspose") return 4 * sizeOf(image.slice(2)) * sizeOf(weights.slice(1));
  if (node.type !== "Conv") return 0;
  const positions = sizeOf(shape(node.outputs[0]).slice(2));
  const [filters = 0, ...window] = weights;
  return filters > positions ? 4 * positions * sizeOf(window) : PIECES;
};

/** Returns the values that are known when the model is loaded. */
const knownOf = ({ initializers, defaults, nodes }: OnnxModel): ReadonlySet<string> => {
  const feedable = new Set(defaults);
  const known = new Set(initializers.map(({ name }) => name).filter((name) => !feedable.has(name)));
  for (const { inputs, outputs } of nodes)
    if (inputs.every((name) => name === "" || known.has(name)))
      for (const name of outputs) known.add(name);
  return known;
};

const swapsLastTwo = ({ type, attributes: { perm } }: OnnxNode): boolean => {
  if (type !== "Transpose" || perm === undefined || !("ints" in perm)) return false;
  const { length } = perm.ints;
  const swapped = [...Array(length - 2).keys(), length - 1, length - 2];
  return perm.ints.every((axis, i) => axis === swapped[i]);
};

/**
 * Returns the nodes that share their first input's memory: reshapes, and transposes that the
 * following products do themselves.
 */
const viewsOf = (nodes: readonly OnnxNode[]): ReadonlySet<OnnxNode> => {
  const others = new Set(
    nodes.filter(({ type }) => type !== "MatMul").flatMap(({ inputs }) => inputs),
  );
  const isFused = (node: OnnxNode): boolean =>
    swapsLastTwo(node) && node.outputs.every((name) => !others.has(name));
  return new Set(nodes.filter((node) => node.type === "Reshape" || isFused(node)));
};

/** Values that begin at a node, and values that it reads last. */
interface Moment {
  readonly begun: readonly string[];
  readonly workspace: number;
  readonly ended: readonly string[];
}

const momentsOf = (model: OnnxModel, sizes: Sizes): readonly Moment[] => {
  const known = knownOf(model);
  const order = executed(model.nodes).filter(({ outputs }) => !outputs.every((n) => known.has(n)));
  const views = viewsOf(order);
  const roots = new Map<string, string>();
  const rootOf = (name: string): string => roots.get(name) ?? name;
  for (const node of order)
    if (views.has(node)) roots.set(node.outputs[0] as string, rootOf(node.inputs[0] as string));
  const given = new Set([...model.inputs, ...model.outputs].map(({ name }) => rootOf(name)));
  const isHeld = (name: string): boolean => name !== "" && !given.has(name) && !known.has(name);
  const last = new Map<string, number>();
  order.forEach(({ inputs, outputs }, place) => {
    for (const name of [...inputs, ...outputs].map(rootOf)) last.set(name, place);
  });
  return order.map((node, place) => {
    const touched = new Set([...node.inputs, ...node.outputs].map(rootOf).filter(isHeld));
    return {
      begun: views.has(node) ? [] : node.outputs.filter(isHeld),
      workspace: workspaceOf(node, sizes),
      ended: [...touched].filter((name) => last.get(name) === place),
    };
  });
};

type Bytes = (name: string) => number;

interface Peak {
  readonly held: ReadonlyMap<string, number>;
  readonly workspace: number;
}

/** Finds the peak. */
const peakOf = (moments: readonly Moment[], bytes: Bytes): Peak => {
  let [now, most, at] = [0, 0, -1];
  moments.forEach(({ begun, workspace, ended }, place) => {
    now += begun.reduce((sum, name) => sum + bytes(name), 0);
    if (now + workspace > most) [most, at] = [now + workspace, place];
    now -= ended.reduce((sum, name) => sum + bytes(name), 0);
  });
  const held = new Map<string, number>();
  for (const { begun, ended } of moments.slice(0, at)) {
    for (const name of begun) held.set(name, bytes(name));
    for (const name of ended) held.delete(name);
  }
  for (const name of moments[at]?.begun ?? []) held.set(name, bytes(name));
  return { held, workspace: moments[at]?.workspace ?? 0 };
};

/** Returns what an arena takes for a run. */
const takenFor = (moments: readonly Moment[], bytes: Bytes) => {
  const arena = new Arena();
  const held = new Map<string, Chunk>();
  for (const { begun, workspace, ended } of moments) {
    for (const name of begun) held.set(name, arena.take(bytes(name)));
    if (workspace > 0) arena.release(arena.take(workspace));
    for (const name of ended) {
      const chunk = held.get(name);
      if (chunk !== undefined) arena.release(chunk);
      held.delete(name);
    }
  }
  return { blocks: arena.peak(), taken: arena.touched() };
};

export const onnxMemory = (model: OnnxModel): OnnxMemory => {
  const sizes = onnxSizes(model);
  const bytes: Bytes = (name) => bytesOf(sizes.get(name) ?? { shape: [0], width: 0 });
  const moments = momentsOf(model, sizes);
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((total, name) => total + bytes(name), 0);
  return {
    ...peakOf(moments, bytes),
    ...takenFor(moments, bytes),
    constants: sum(knownOf(model)),
    outputs: sum(model.outputs.map(({ name }) => name)),
    nodes: model.nodes.length,
  };
};
