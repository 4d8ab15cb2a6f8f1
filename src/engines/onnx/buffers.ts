/**
 * The state of a training program, twice: a step reads one copy and writes the other, and then they change places. ONNX
 * has no order of side effects, so nothing can be updated in its place.
 */
import { sizeOf } from "../../graph/graph.js";
import { nextName } from "../../lowering/names.js";
import type { HostTensor } from "../session.js";

interface Entry {
  readonly shape: readonly number[];
  now: Float32Array;
  next: Float32Array;
}

export class Buffers {
  private readonly entries = new Map<string, Entry>();

  /** @param shapes of all entries, by their names in the state; all begin as zeros */
  constructor(shapes: Iterable<readonly [string, readonly number[]]>) {
    for (const [name, shape] of shapes) {
      const size = sizeOf(shape);
      this.entries.set(name, { shape, now: new Float32Array(size), next: new Float32Array(size) });
    }
  }

  names(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** @throws Error where there is no such entry */
  get(name: string): HostTensor {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`the state has no ${name}`);
    return { shape: entry.shape, data: entry.now };
  }

  /** @throws Error where there is no such entry, or it is of another size */
  set(name: string, data: Float32Array): void {
    const { data: now } = this.get(name);
    if (now.length !== data.length)
      throw new Error(`${name} holds ${now.length} numbers, not ${data.length}`);
    now.set(data);
  }

  /** All entries as inputs, and as places for what comes out. */
  feeds(): readonly (readonly [string, HostTensor])[] {
    return [...this.entries].map(([name, { shape, now }]) => [name, { shape, data: now }]);
  }

  into(): readonly (readonly [string, HostTensor])[] {
    return [...this.entries].map(([name, { shape, next }]) => [
      nextName(name),
      { shape, data: next },
    ]);
  }

  /** What was written is read from now on. */
  swap(): void {
    for (const entry of this.entries.values()) [entry.now, entry.next] = [entry.next, entry.now];
  }
}
