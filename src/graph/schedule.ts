/**
 * In which order to compute the nodes of a graph where memory is short. Any order that has each
 * node after its inputs gives the same values; how many of them must be held at once is another
 * matter. Finding the best order is NP-hard (register allocation with trees shared), so this one is
 * made by three rules:
 *
 * - depth first, beginning with the output that is farthest from the inputs. In a training step
 *   that is the update of a first layer: its gradient asks for one forward after the other, each
 *   with its whole way back before the next begins;
 * - whatever can be computed and then holds no more than before is computed at once, such as a
 *   weight's gradient, after which its layer's activation is not needed any more;
 * - and so is an output, with all that it still needs, such as the new moments of a weight whose
 *   gradient is complete.
 */
import { type Graph, inputName, isSource, type Node, nodesOf, ordered, sizeOf } from "./graph.js";
import { isConstant, isInput } from "./operators/sources.js";

export interface Storage {
  /** Whether the value of a node is its first input's memory, seen otherwise. */
  readonly isView?: (node: Node) => boolean;
  /** Inputs whose memory is given up at their last use. */
  readonly consumed?: (name: string) => boolean;
}

/** What is held while the nodes of a graph are computed one after the other, in numbers. */
class Holding {
  private readonly roots = new Map<Node, Node>();
  /** Of each held value, the nodes that are yet to read it. */
  private readonly readers = new Map<Node, Set<Node>>();
  private readonly kept: ReadonlySet<Node>;
  private readonly consumed: (name: string) => boolean;

  constructor(
    graph: Graph,
    nodes: readonly Node[],
    { isView = () => false, consumed = () => false }: Storage,
  ) {
    this.consumed = consumed;
    for (const node of nodes) {
      const [x] = node.inputs;
      this.roots.set(node, x !== undefined && isView(node) ? this.rootOf(x) : node);
      for (const input of node.inputs) {
        const root = this.rootOf(input);
        const readers = this.readers.get(root) ?? new Set();
        this.readers.set(root, readers.add(node));
      }
    }
    this.kept = new Set([...graph.outputs.values()].map((node) => this.rootOf(node)));
  }

  rootOf(node: Node): Node {
    return this.roots.get(node) ?? node;
  }

  private isFreed(root: Node): boolean {
    if (this.kept.has(root) || isConstant(root)) return false;
    return !isInput(root) || this.consumed(inputName(root));
  }

  /** What is allocated for the node itself. */
  allocated(node: Node): number {
    return isSource(node) || this.rootOf(node) !== node ? 0 : sizeOf(node.shape);
  }

  /** By how much more is held once all of the group are computed. */
  change(group: readonly Node[]): number {
    const members = new Set(group);
    const touched = new Set(
      group.flatMap((node) => [node, ...node.inputs].map((n) => this.rootOf(n))),
    );
    let change = group.reduce((sum, node) => sum + this.allocated(node), 0);
    for (const root of touched) {
      if (!this.isFreed(root)) continue;
      const readers = this.readers.get(root) ?? new Set<Node>();
      if ([...readers].every((reader) => members.has(reader))) change -= sizeOf(root.shape);
    }
    return change;
  }

  /**
   * Takes note that the node is computed; returns those that are the last to read one of its
   * inputs.
   */
  compute(node: Node): readonly Node[] {
    const last: Node[] = [];
    for (const input of node.inputs) {
      const readers = this.readers.get(this.rootOf(input));
      readers?.delete(node);
      if (readers?.size === 1) last.push(...readers);
    }
    return last;
  }
}

const depths = (nodes: readonly Node[]): ReadonlyMap<Node, number> => {
  const depth = new Map<Node, number>();
  for (const node of nodes)
    depth.set(node, 1 + Math.max(0, ...node.inputs.map((input) => depth.get(input) ?? 0)));
  return depth;
};

/** The outputs, the farthest from the inputs first. */
const deepest = (graph: Graph): readonly Node[] => {
  const depth = depths(nodesOf(graph));
  return [...graph.outputs.values()].sort((a, b) => (depth.get(b) ?? 0) - (depth.get(a) ?? 0));
};

/** Depth first, the output farthest from the inputs first. */
const deepestFirst = (graph: Graph): readonly Node[] => ordered(deepest(graph));

/**
 * The order in which to write a graph down for ONNX Runtime, which computes depth first and, where
 * it has a choice, begins with what stands last: so that it visits everything as `schedule` does.
 */
export const deepestLast = (graph: Graph): readonly Node[] =>
  ordered(deepest(graph).toReversed(), true);

/**
 * Outputs that need more than this are not looked at: an update is a dozen nodes for each of its
 * tensors.
 */
const NEAR = 24;

/** Of the nodes that depend on one, this many are looked at for outputs. */
const REACH = 64;

class Scheduler {
  readonly order: Node[] = [];
  private readonly done = new Set<Node>();
  private readonly base: readonly Node[];
  private readonly rank: ReadonlyMap<Node, number>;
  private readonly holding: Holding;
  private readonly consumers = new Map<Node, Node[]>();
  private readonly outputs: ReadonlySet<Node>;

  constructor(graph: Graph, storage: Storage) {
    this.base = deepestFirst(graph);
    this.rank = new Map(this.base.map((node, i) => [node, i]));
    this.holding = new Holding(graph, this.base, storage);
    this.outputs = new Set(graph.outputs.values());
    for (const node of this.base)
      for (const input of node.inputs) {
        const known = this.consumers.get(input);
        if (known === undefined) this.consumers.set(input, [node]);
        else known.push(node);
      }
  }

  private isReady(node: Node): boolean {
    return !this.done.has(node) && node.inputs.every((input) => this.done.has(input));
  }

  /** Computes the node, and then whatever costs nothing, what has been asked for last first. */
  private compute(node: Node): void {
    const waiting = [{ node, isAsked: true }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (!this.isReady(next.node)) continue;
      if (!next.isAsked && this.holding.change([next.node]) > 0) continue;
      const freeing = this.take(next.node);
      const unasked = (node: Node) => ({ node, isAsked: false });
      waiting.push(
        ...(this.consumers.get(next.node) ?? []).map(unasked),
        ...freeing.map(unasked),
        ...this.finished(next.node).map((needed) => ({ node: needed, isAsked: true })),
      );
    }
  }

  private take(node: Node): readonly Node[] {
    this.done.add(node);
    this.order.push(node);
    return this.holding.compute(node);
  }

  /** What the output still needs, in the order of the base; undefined: more than is looked at. */
  private group(output: Node): readonly Node[] | undefined {
    const found = new Set([output]);
    for (const node of found) {
      for (const input of node.inputs) if (!this.done.has(input)) found.add(input);
      if (found.size > NEAR) return undefined;
    }
    return [...found].sort((a, b) => (this.rank.get(a) ?? 0) - (this.rank.get(b) ?? 0));
  }

  /** Outputs that depend on the node, the nearest first. */
  private near(node: Node): readonly Node[] {
    const found = new Set([node]);
    for (const each of found) {
      if (found.size > REACH) break;
      for (const consumer of this.consumers.get(each) ?? [])
        if (!this.done.has(consumer)) found.add(consumer);
    }
    return [...found].filter((each) => this.outputs.has(each) && !this.done.has(each));
  }

  /**
   * What an output that depends on the node still needs, where it holds no more afterwards; the
   * last to compute first.
   */
  private finished(node: Node): readonly Node[] {
    for (const output of this.near(node)) {
      const group = this.group(output);
      if (group !== undefined && this.holding.change(group) <= 0) return group.toReversed();
    }
    return [];
  }

  run(): readonly Node[] {
    for (const node of this.base) if (!this.done.has(node)) this.compute(node);
    return this.order;
  }
}

/**
 * All that the outputs depend on, each node after its inputs, in an order that holds little at
 * once.
 */
export const schedule = (graph: Graph, storage: Storage = {}): readonly Node[] =>
  new Scheduler(graph, storage).run();

/** The place in the order where most is held, and how many numbers that is. */
const peakIn = (holding: Holding, order: readonly Node[]) => {
  let [held, peak, at] = [0, 0, 0];
  order.forEach((node, place) => {
    const now = held + holding.allocated(node);
    if (now > peak) [peak, at] = [now, place];
    held += holding.change([node]);
    holding.compute(node);
  });
  return { peak, at };
};

/**
 * How many numbers are held at once, at most, where the nodes are computed in this order and each
 * is let go after its last use. Constants, and inputs before they are consumed, are not counted:
 * they are there anyhow.
 */
export const peakOf = (graph: Graph, order: readonly Node[], storage: Storage = {}): number =>
  peakIn(new Holding(graph, order, storage), order).peak;

/** What is held where most is: nodes with how many numbers each holds. */
export const heldAtPeak = (
  graph: Graph,
  order: readonly Node[],
  storage: Storage = {},
): ReadonlyMap<Node, number> => {
  const { at } = peakIn(new Holding(graph, order, storage), order);
  const holding = new Holding(graph, order, storage);
  const last = new Map<Node, number>();
  order.forEach((node, place) => {
    for (const each of [node, ...node.inputs]) last.set(holding.rootOf(each), place);
  });
  for (const node of graph.outputs.values()) last.set(holding.rootOf(node), order.length);
  return new Map(
    order.slice(0, at + 1).flatMap((node) => {
      const size = holding.allocated(node);
      return size > 0 && (last.get(node) ?? 0) >= at ? [[node, size] as const] : [];
    }),
  );
};
