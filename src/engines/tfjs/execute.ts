/**
 * Runs a graph on tfjs: one node after the other, each result disposed after its last use. What is computed, in which
 * order, held how, and let go when, is settled once, when the graph is compiled.
 */
import * as tf from "@tensorflow/tfjs";
import { impossible } from "../../base/impossible.js";
import { type Graph, inputName, type Node, sameShape } from "../../graph/graph.js";
import { isOf } from "../../graph/operator.js";
import { viewOf } from "../../graph/operators/index.js";
import { inverseDeviationOperator } from "../../graph/operators/normalisation.js";
import { isConstant } from "../../graph/operators/sources.js";
import { schedule } from "../../graph/schedule.js";
import { NodeFailure } from "../sessions/failure.js";
import { fuse, standardizedOf } from "./fuse.js";
import { graphKernels } from "./kernels/index.js";
import { type Placed, placedShape } from "./kernels/kernel.js";
import { conversion, inOrder, type Layout, type Order, renamed } from "./kernels/layout.js";
import { compilePair } from "./kernels/normalisation.js";

/** A place for a tensor. */
type Slot = number;

interface Instruction {
  /** What it is computed for. */
  readonly node: Node;
  readonly compute: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** Read for the last time here, or by nobody. */
  readonly done: Slot[];
}

/** Where the value of a node is, and in which order its memory has the axes. */
interface Value {
  readonly slot: Slot;
  readonly order: Order;
}

export interface Executable {
  /**
   * The outputs, which are the caller's, by name. Feeds have the shapes of the graph's inputs; those that are consumed are
   * disposed, unless something throws before anything is computed. Others are let alone.
   * @throws Error where a feed is missing or has another shape
   */
  run(feeds: ReadonlyMap<string, tf.Tensor>): ReadonlyMap<string, tf.Tensor>;
  dispose(): void;
}

/** Whether a node has no memory of its own: this engine names the axes that it holds, and keeps to an order. */
const isView = (node: Node): boolean => viewOf(node) !== undefined;

/** What has no kernel is the input under another name, or under other names of its axes. */
const isAlias = (node: Node): boolean => isView(node) && !graphKernels.has(node.operator);

class Compiler {
  readonly instructions: Instruction[] = [];
  readonly feeds = new Map<string, { readonly slot: Slot; readonly shape: readonly number[] }>();
  readonly constants = new Map<Slot, tf.Tensor>();
  readonly outputs = new Map<string, Slot>();
  slots = 0;
  private readonly values = new Map<Node, Value>();
  /** Other memories of a slot's value. */
  private readonly converted = new Map<string, Slot>();
  private readonly inverses: ReadonlyMap<Node, Node>;
  /** That is being compiled. */
  private current: Node | undefined;

  constructor(
    graph: Graph,
    order: readonly Node[],
    private readonly consumed: (name: string) => boolean,
  ) {
    const standardized = standardizedOf(order);
    this.inverses = new Map(
      order.flatMap((node) => {
        const [x] = node.inputs;
        if (!isOf(node, inverseDeviationOperator) || x === undefined) return [];
        const twin = standardized(x, JSON.stringify(node.attributes));
        return twin === undefined ? [] : [[twin, node] as const];
      }),
    );
    for (const node of graph.inputs) this.feed(node);
    for (const node of order) {
      this.current = node;
      if (!this.values.has(node)) this.values.set(node, this.emit(node));
    }
    for (const [name, node] of graph.outputs) {
      this.current = node;
      this.outputs.set(name, this.inOrder(node, inOrder(node.shape.length)));
    }
    this.release();
  }

  private feed(node: Node): void {
    const slot = this.slots++;
    this.values.set(node, { slot, order: inOrder(node.shape.length) });
    this.feeds.set(inputName(node), { slot, shape: node.shape });
  }

  private valueOf(node: Node): Value {
    return this.values.get(node) ?? impossible(`${node.operator} is not computed yet`);
  }

  private instruction(
    inputs: readonly Slot[],
    count: number,
    compute: Instruction["compute"],
  ): readonly Slot[] {
    const outputs = Array.from({ length: count }, () => this.slots++);
    const node = this.current ?? impossible("nothing is computed");
    this.instructions.push({ node, compute, inputs, outputs, done: [] });
    return outputs;
  }

  private one(inputs: readonly Slot[], compute: (inputs: readonly tf.Tensor[]) => tf.Tensor): Slot {
    return this.instruction(inputs, 1, (tensors) => [compute(tensors)])[0] as Slot;
  }

  /** The slot in which the value of a node is held in this order. */
  private inOrder(node: Node, to: Order): Slot {
    const { slot, order: from } = this.valueOf(node);
    const { before, transpose, after } = conversion(node.shape, from, to);
    const key = JSON.stringify([slot, before, transpose, after]);
    const known = this.converted.get(key);
    if (known !== undefined) return known;
    let current = slot;
    const reshape = (shape: readonly number[]) => {
      current = this.one([current], ([x]) => tf.reshape(x as tf.Tensor, [...shape]));
    };
    if (before !== undefined) reshape(before);
    if (transpose !== undefined)
      current = this.one([current], ([x]) => tf.transpose(x as tf.Tensor, [...transpose]));
    if (after !== undefined) reshape(after);
    this.converted.set(key, current);
    return current;
  }

  private emit(node: Node): Value {
    if (isConstant(node)) return this.constant(node);
    const [x] = node.inputs;
    if (isAlias(node) && x !== undefined) {
      const { slot, order } = this.valueOf(x);
      if (viewOf(node) !== "by axes") return { slot, order };
      return { slot, order: renamed(order, node.attributes.order as Order) };
    }
    return this.computed(node);
  }

  private constant(node: Node): Value {
    const slot = this.slots++;
    const data = node.attributes.data as readonly number[];
    const tensor =
      data.length === 1
        ? tf.fill([...node.shape], data[0] as number)
        : tf.tensor([...data], [...node.shape], "float32");
    this.constants.set(slot, tf.keep(tensor));
    return { slot, order: inOrder(node.shape.length) };
  }

  private computed(node: Node): Value {
    const kernel =
      graphKernels.get(node.operator) ?? impossible(`there is no kernel for ${node.operator}`);
    const orders = node.inputs.map((input) => this.valueOf(input).order);
    const layout = kernel.layout(node, orders);
    const inputs = node.inputs.map((input, i) => {
      const order = layout.inputs[i];
      return order === undefined ? this.valueOf(input).slot : this.inOrder(input, order);
    });
    const placed = placedNode(node, layout, orders);
    const twin = this.inverses.get(node);
    if (twin === undefined)
      return { slot: this.one(inputs, kernel.compile(placed)), order: layout.value };
    const pair = compilePair(placed);
    const [slot, inverse] = this.instruction(inputs, 2, ([x]) => pair(x as tf.Tensor)) as [
      Slot,
      Slot,
    ];
    this.values.set(twin, { slot: inverse, order: layout.value });
    return { slot, order: layout.value };
  }

  /** Whether what is in the slot is the run's to dispose, and neither the caller's nor the program's. */
  owned(): (slot: Slot) => boolean {
    const others = new Set<Slot>(this.constants.keys());
    for (const [name, { slot }] of this.feeds) if (!this.consumed(name)) others.add(slot);
    return (slot) => !others.has(slot);
  }

  /** Notes at each instruction what is not needed after it. */
  private release(): void {
    const owned = this.owned();
    const seen = new Set<Slot>(this.outputs.values());
    for (const { inputs, outputs, done } of this.instructions.toReversed())
      for (const slot of [...inputs, ...outputs]) {
        if (seen.has(slot) || !owned(slot)) continue;
        seen.add(slot);
        done.push(slot);
      }
  }
}

const placedNode = (node: Node, layout: Layout, orders: readonly Order[]): Placed => {
  const used = layout.inputs.map((order, i) => order ?? orders[i] ?? []);
  return {
    attributes: node.attributes,
    inputs: node.inputs.map((input, i) => placedShape(input, used[i] as Order)),
    shape: placedShape(node, layout.value),
    order: layout.value,
    orders: used,
  };
};

class Run {
  private readonly tensors: (tf.Tensor | undefined)[];

  constructor(private readonly compiled: Compiler) {
    this.tensors = new Array(compiled.slots);
    for (const [slot, tensor] of compiled.constants) this.tensors[slot] = tensor;
  }

  feed(feeds: ReadonlyMap<string, tf.Tensor>): void {
    for (const [name, { slot, shape }] of this.compiled.feeds) {
      const tensor = feeds.get(name);
      if (tensor === undefined) throw new Error(`the input ${name} is missing`);
      if (!sameShape(tensor.shape, shape))
        throw new Error(`${name} has the shape [${tensor.shape}], not [${shape}]`);
      this.tensors[slot] = tensor;
    }
  }

  private at(slot: Slot): tf.Tensor {
    return this.tensors[slot] ?? impossible(`slot ${slot} is empty`);
  }

  private made(node: Node, compute: () => readonly tf.Tensor[]): readonly tf.Tensor[] {
    try {
      return compute();
    } catch (thrown) {
      throw new NodeFailure(node, thrown);
    }
  }

  compute(): void {
    for (const { node, compute, inputs, outputs, done } of this.compiled.instructions) {
      const made = this.made(node, () => compute(inputs.map((slot) => this.at(slot))));
      outputs.forEach((slot, i) => {
        this.tensors[slot] = made[i];
      });
      for (const slot of done) {
        this.at(slot).dispose();
        this.tensors[slot] = undefined;
      }
    }
  }

  /** What is left of the run's own, where it ended early or nothing read it. */
  clear(kept: ReadonlySet<tf.Tensor>): void {
    const owned = this.compiled.owned();
    this.tensors.forEach((tensor, slot) => {
      if (tensor !== undefined && owned(slot) && !kept.has(tensor)) tensor.dispose();
    });
  }

  /** An output that is another's memory too, or the caller's, or the program's, is given as a copy of the name only. */
  outputs(): ReadonlyMap<string, tf.Tensor> {
    const owned = this.compiled.owned();
    const given = new Set<Slot>();
    return new Map(
      [...this.compiled.outputs].map(([name, slot]) => {
        const isFree = owned(slot) && !given.has(slot);
        given.add(slot);
        return [name, isFree ? this.at(slot) : tf.clone(this.at(slot))];
      }),
    );
  }
}

/**
 * Makes a graph runnable on the backend that tfjs has now.
 * @param consumed the feeds that are given up: each is disposed after its last use, or is an output
 */
export const executable = (
  graph: Graph,
  consumed: (name: string) => boolean = () => false,
): Executable => {
  const fused = fuse(graph);
  const compiled = new Compiler(fused, schedule(fused, { isView, consumed }), consumed);
  const run: Executable["run"] = (feeds) => {
    const state = new Run(compiled);
    state.feed(feeds);
    let outputs: ReadonlyMap<string, tf.Tensor> = new Map();
    try {
      state.compute();
      outputs = state.outputs();
    } finally {
      state.clear(new Set(outputs.values()));
    }
    return outputs;
  };
  return { run, dispose: () => tf.dispose([...compiled.constants.values()]) };
};
