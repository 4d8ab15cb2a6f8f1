/**
 * Executes a graph on tfjs node by node, and disposes each result after its last use. Operations,
 * order, layouts and lifetimes are fixed when the graph is compiled.
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
import { conversion, inOrder, type Layout, type Order, renamed } from "./kernels/axis-order.js";
import { graphKernels } from "./kernels/index.js";
import { type Placed, placedShape } from "./kernels/kernel.js";
import { compilePair } from "./kernels/normalisation.js";

/** A place for a tensor. */
type Slot = number;

interface Instruction {
  /** The node that it computes. */
  readonly node: Node;
  readonly compute: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** Slots read for the last time here, or never. */
  readonly done: Slot[];
}

/** The slot of a node's value, and the order of axes in its memory. */
interface Value {
  readonly slot: Slot;
  readonly order: Order;
}

export interface Executable {
  /**
   * Runs the program and returns the outputs by name; the caller owns them. Feeds have the shapes
   * of the graph's inputs. Consumed feeds are disposed, unless it throws before computing anything;
   * others are untouched.
   * @throws Error if a feed is missing or has another shape
   */
  run(feeds: ReadonlyMap<string, tf.Tensor>): ReadonlyMap<string, tf.Tensor>;
  dispose(): void;
}

/**
 * Tells whether a node has no memory of its own: this engine names the axes that it holds, so a
 * transpose is a view.
 */
const isView = (node: Node): boolean => viewOf(node) !== undefined;

/**
 * Tells whether a node has no kernel: it is its input under another name, or with other names of
 * axes.
 */
const isAlias = (node: Node): boolean => isView(node) && !graphKernels.has(node.operator);

class Compiler {
  readonly instructions: Instruction[] = [];
  readonly feeds = new Map<string, { readonly slot: Slot; readonly shape: readonly number[] }>();
  readonly constants = new Map<Slot, tf.Tensor>();
  readonly outputs = new Map<string, Slot>();
  slots = 0;
  private readonly values = new Map<Node, Value>();
  /** Slots of a value in other orders. */
  private readonly converted = new Map<string, Slot>();
  private readonly inverses: ReadonlyMap<Node, Node>;
  /** The node being compiled. */
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

  /** Returns the slot with a node's value in this order. */
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

  /** Returns a function that tells whether the run owns a slot, not the caller or the program. */
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

  /** Disposes the run's remaining tensors: it ended early, or nothing read them. */
  clear(kept: ReadonlySet<tf.Tensor>): void {
    const owned = this.compiled.owned();
    this.tensors.forEach((tensor, slot) => {
      if (tensor !== undefined && owned(slot) && !kept.has(tensor)) tensor.dispose();
    });
  }

  /**
   * Returns the outputs. One that shares memory with another, or belongs to the caller or the
   * program, is returned as a clone, which shares the numbers.
   */
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
 * Compiles a graph for the current tfjs backend.
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
