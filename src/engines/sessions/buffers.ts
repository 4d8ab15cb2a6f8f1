/**
 * The state of a training program, in two copies: a step reads one and writes the other, then they
 * are swapped. ONNX has no order of side effects, so the only entries updated in place are those
 * that nothing but their own update reads (graph/overwrite.ts).
 */

import type { HostTensor } from "../../contracts/tensor.js";
import { sizeOf } from "../../graph/graph.js";
import type { Held } from "../../graph/passes/layout-assignment.js";
import { nextName } from "../../lowering/names.js";

const inverse = (order: readonly number[]): readonly number[] =>
  order.map((_, axis) => order.indexOf(axis));

/** Permutes axes: axis i of the result is axis `order[i]` of the tensor. */
const permuted = ({ shape, data }: HostTensor, order: readonly number[]): HostTensor => {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const sides = order.map((axis) => shape[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const result = new Float32Array(data.length);
  const last = sides.length - 1;
  let to = 0;
  const walk = (axis: number, from: number): void => {
    const [side, step] = [sides[axis] ?? 1, steps[axis] ?? 1];
    if (axis >= last) for (let i = 0; i < side; i++) result[to++] = data[from + i * step] as number;
    else for (let i = 0; i < side; i++) walk(axis + 1, from + i * step);
  };
  walk(0, 0);
  return { shape: sides, data: result };
};

interface Entry {
  /** Shape as held. */
  readonly shape: readonly number[];
  /**
   * Axis i of the tensor as held is axis order[i] of the entry. Undefined if it is held as written.
   */
  readonly order: readonly number[] | undefined;
  now: Float32Array;
  /** The same memory, if it is updated in place. */
  next: Float32Array;
}

export class Buffers {
  private readonly entries = new Map<string, Entry>();

  /**
   * Allocates the entries.
   * @param shapes of all entries, by their names in the state; all begin as zeros
   * @param held the orders of axes in which entries are held
   * @param inPlace entries that are overwritten in place
   */
  constructor(
    shapes: Iterable<readonly [string, readonly number[]]>,
    held: Held,
    inPlace: ReadonlySet<string>,
  ) {
    for (const [name, given] of shapes) {
      const order = held.get(name);
      const shape = order?.map((axis) => given[axis] as number) ?? given;
      const size = sizeOf(shape);
      const now = new Float32Array(size);
      const next = inPlace.has(name) ? now : new Float32Array(size);
      this.entries.set(name, { shape, order, now, next });
    }
  }

  names(): readonly string[] {
    return [...this.entries.keys()];
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`the state has no ${name}`);
    return entry;
  }

  /**
   * Returns the tensor as held, as programs read it.
   * @throws Error if there is no such entry
   */
  held(name: string): HostTensor {
    const { shape, now } = this.entry(name);
    return { shape, data: now };
  }

  /**
   * Returns a copy in canonical form.
   * @throws Error if there is no such entry
   */
  get(name: string): HostTensor {
    const { shape, order, now } = this.entry(name);
    if (order === undefined) return { shape, data: now.slice() };
    return permuted({ shape, data: now }, inverse(order));
  }

  /**
   * Sets an entry from canonical form.
   * @throws Error if there is no such entry, or its size differs
   */
  set(name: string, data: Float32Array): void {
    const { shape, order, now } = this.entry(name);
    if (now.length !== data.length)
      throw new Error(`${name} holds ${now.length} numbers, not ${data.length}`);
    if (order === undefined) {
      now.set(data);
      return;
    }
    const canonical = inverse(order).map((axis) => shape[axis] as number);
    now.set(permuted({ shape: canonical, data }, order).data);
  }

  /** Sets all numbers of the entries to zero. */
  clear(entries: Iterable<string>): void {
    for (const name of entries) this.entry(name).now.fill(0);
  }

  /** Returns all entries as feeds. */
  feeds(): readonly (readonly [string, HostTensor])[] {
    return [...this.entries].map(([name, { shape, now }]) => [name, { shape, data: now }]);
  }

  /** Returns the entries that a program writes, by the names of its outputs. */
  into(outputs: ReadonlyMap<string, unknown>): readonly (readonly [string, HostTensor])[] {
    return [...this.entries]
      .map(([name, { shape, next }]) => [nextName(name), { shape, data: next }] as const)
      .filter(([name]) => outputs.has(name));
  }

  /** Swaps the written entries, so that they are read from now on. */
  swap(outputs: ReadonlyMap<string, unknown>): void {
    for (const [name, entry] of this.entries)
      if (outputs.has(nextName(name))) [entry.now, entry.next] = [entry.next, entry.now];
  }
}
