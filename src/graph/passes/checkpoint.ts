/**
 * Gradient checkpointing: of what is computed on the way to the losses only some values are kept
 * for the way back, and what lies between two of them is computed again when the way back comes
 * there. The numbers are the same: the same operators on the same values, in another place.
 *
 * The values of one part (`Provenance.of`, such as one application of a network) are cut, in the
 * order in which they are computed, where few numbers go from before the cut to behind it. Those,
 * and what other parts read, are kept. A segment's copy begins with `after`: it waits for the
 * derivative that comes before all that read it. So it is late, and no pass takes it for the values
 * that it repeats.
 */
import { type Graph, inputName, isSource, type Node, type Provenance, sizeOf } from "../graph.js";
import { isView } from "../operators/index.js";
import { after } from "../operators/order.js";
import { isInput } from "../operators/sources.js";
import { schedule } from "../schedule.js";
import { onInputs } from "./rewrite.js";

const SMALL = 4096;

const isDerived = ({ provenance }: Node): boolean => (provenance?.derivatives ?? []).length > 0;
const partOf = ({ provenance }: Node): string | undefined => provenance?.of.join("\n");

const derivationOf = (provenance: Provenance | undefined): string =>
  (provenance?.derivatives ?? []).join("\n");

/** A graph in the order in which it is computed, and what is known of its nodes. */
class Computation {
  readonly order: readonly Node[];
  readonly place: ReadonlyMap<Node, number>;
  readonly readers = new Map<Node, Node[]>();
  /**
   * Values that depend on weights alone. All applications share them, so recomputing them gains
   * nothing.
   */
  private readonly fixed = new Set<Node>();
  /** Slopes: values that a derivation makes of forward values alone, such as where x is above 0. */
  private readonly slopes = new Set<Node>();

  constructor(graph: Graph, isWeight: (input: string) => boolean) {
    this.order = schedule(graph, { isView });
    this.place = new Map(this.order.map((node, i) => [node, i]));
    for (const node of this.order) {
      for (const input of new Set(node.inputs))
        this.readers.set(input, [...(this.readers.get(input) ?? []), node]);
      const isFixed = isInput(node)
        ? isWeight(inputName(node))
        : node.inputs.every((input) => this.fixed.has(input));
      if (isFixed) this.fixed.add(node);
      if (this.isSlopeOf(node)) this.slopes.add(node);
    }
    for (const node of graph.outputs.values())
      this.readers.set(node, [...(this.readers.get(node) ?? []), ...this.order.slice(-1)]);
  }

  private isSlopeOf(node: Node): boolean {
    const part = partOf(node);
    if (!isDerived(node) || part === undefined || this.fixed.has(node)) return false;
    return node.inputs.every(
      (input) =>
        isSource(input) ||
        this.fixed.has(input) ||
        (partOf(input) === part && (!isDerived(input) || this.slopes.has(input))),
    );
  }

  isSlope(node: Node): boolean {
    return this.slopes.has(node);
  }

  /** Whether it is a derivative that depends on those that come before it. */
  isBackward(node: Node): boolean {
    return isDerived(node) && !this.slopes.has(node);
  }

  /**
   * Whether the value is one of the way to the losses that depends on what is drawn, or a slope of
   * such values.
   */
  isForward(node: Node): boolean {
    return !isSource(node) && !this.isBackward(node) && !this.fixed.has(node);
  }

  readersOf(node: Node): readonly Node[] {
    return this.readers.get(node) ?? [];
  }

  /**
   * Numbers that are kept for the way back: none of what is small, and of what is seen otherwise
   * its own value's.
   */
  kept(node: Node): number {
    const isRead = this.readersOf(node).some(isDerived);
    return isRead && !isView(node) ? sizeOf(node.shape) : 0;
  }
}

/** Numbers of the values that are computed up to a place and read behind it, for each place. */
const crossings = (nodes: readonly Node[], computation: Computation): readonly number[] => {
  const at = new Map(nodes.map((node, i) => [node, i]));
  const change = nodes.map(() => 0);
  nodes.forEach((node, i) => {
    const last = Math.max(i, ...computation.readersOf(node).map((r) => at.get(r) ?? i));
    if (last === i || isView(node)) return;
    change[i] = (change[i] ?? 0) + sizeOf(node.shape);
    change[last] = (change[last] ?? 0) - sizeOf(node.shape);
  });
  let now = 0;
  return change.map((more) => {
    now += more;
    return now;
  });
};

/**
 * The cuts, by place, that cost least where no segment keeps more than `most`; nothing where one
 * value alone does.
 */
const cutsFor = (kept: readonly number[], cost: readonly number[], most: number) => {
  const sums = [0];
  for (const each of kept) sums.push((sums.at(-1) ?? 0) + each);
  const best: { cost: number; before: number }[] = [{ cost: 0, before: -1 }];
  for (let end = 1; end <= kept.length; end++) {
    let found = { cost: Number.POSITIVE_INFINITY, before: -1 };
    for (let begin = end - 1; begin >= 0; begin--) {
      if ((sums[end] ?? 0) - (sums[begin] ?? 0) > most && begin < end - 1) break;
      const all = (best[begin]?.cost ?? 0) + (end === kept.length ? 0 : (cost[end - 1] ?? 0));
      if (all < found.cost) found = { cost: all, before: begin };
    }
    best.push(found);
  }
  const cuts: number[] = [];
  for (let end = best[kept.length]?.before ?? 0; end > 0; end = best[end]?.before ?? 0)
    cuts.unshift(end);
  return { cuts, cost: best[kept.length]?.cost ?? 0 };
};

/** Numbers of segments to try for each part. */
const COUNTS = [1, 2, 3, 4, 6, 8, 12, 16, 24];

/**
 * For each of a part's nodes, in order, which segment it is in: cut where kept values and one
 * segment's together are fewest.
 */
const segmentsOf = (nodes: readonly Node[], computation: Computation): readonly number[] => {
  const kept = nodes.map((node) => computation.kept(node));
  const cost = crossings(nodes, computation);
  const total = kept.reduce((a, b) => a + b, 0);
  const tried = COUNTS.map((count) => {
    const most = total / count;
    const found = cutsFor(kept, cost, most);
    return { cuts: found.cuts, all: found.cost + most };
  });
  const { cuts } = tried.reduce((a, b) => (b.all < a.all ? b : a));
  return nodes.map((_, i) => cuts.filter((cut) => cut <= i).length);
};

const numberOf = (segment: string): number => Number(segment.slice(segment.lastIndexOf(" ") + 1));

/** A copy of a segment for one derivation. */
interface Copy {
  readonly key: string;
  /** The derivative that the copy waits for. */
  readonly wait: Node;
}

class Checkpoints {
  /** Part and segment of each forward node. */
  private readonly segments = new Map<Node, string>();
  private readonly replaced = new Map<Node, Node>();
  private readonly copied = new Map<string, Map<Node, Node>>();
  private readonly copies = new Map<string, Copy | undefined>();

  constructor(
    private readonly graph: Graph,
    private readonly computation: Computation,
    /** Numbers that are not worth computing again: statistics of channels, losses. */
    private readonly small: number,
  ) {
    const parts = new Map<string, Node[]>();
    for (const node of computation.order) {
      const isOwn = computation.isForward(node) && !computation.isSlope(node);
      const part = isOwn ? partOf(node) : undefined;
      if (part !== undefined) parts.set(part, [...(parts.get(part) ?? []), node]);
    }
    for (const [part, nodes] of parts) {
      const segments = segmentsOf(nodes, computation);
      nodes.forEach((node, i) => {
        this.segments.set(node, `${part} ${segments[i]}`);
      });
    }
    for (const node of computation.order) if (computation.isSlope(node)) this.placeSlope(node);
    this.plan();
  }

  /** Places a slope in the last segment that it reads. */
  private placeSlope(node: Node): void {
    const read = node.inputs.flatMap((input) => this.segments.get(input) ?? []);
    const last = read.reduce<string | undefined>(
      (a, b) => (a !== undefined && numberOf(a) >= numberOf(b) ? a : b),
      undefined,
    );
    if (last !== undefined) this.segments.set(node, last);
  }

  /** Whether the value is kept: another segment reads it, or it is small. */
  private isKept(node: Node): boolean {
    const segment = this.segments.get(node);
    if (segment === undefined || sizeOf(node.shape) <= this.small) return true;
    const forward = this.computation
      .readersOf(node)
      .filter((reader) => !this.computation.isBackward(reader));
    return forward.some((reader) => this.segments.get(reader) !== segment);
  }

  private keyOf(node: Node, reader: Node): string {
    return `${this.segments.get(node)} ${derivationOf(reader.provenance)}`;
  }

  /**
   * Lists the derivatives that read each copy, in order. The copy waits for a derivative that comes
   * before all of them.
   */
  private plan(): void {
    const reading = new Map<string, Node[]>();
    for (const node of this.computation.order) {
      if (!this.computation.isBackward(node)) continue;
      for (const input of node.inputs) {
        if (this.isLeaf(input)) continue;
        const key = this.keyOf(input, node);
        reading.set(key, [...(reading.get(key) ?? []), node]);
      }
    }
    for (const [key, readers] of reading) this.copies.set(key, this.copyFor(key, readers));
  }

  /** Returns nothing where no derivative comes before its readers, whose operands are then kept. */
  private copyFor(key: string, readers: readonly Node[]): Copy | undefined {
    const placeOf = (node: Node): number => this.computation.place.get(node) ?? 0;
    const first = placeOf(readers[0] as Node);
    const before = readers
      .flatMap(({ inputs }) => inputs)
      .filter((input) => this.computation.isBackward(input) && placeOf(input) < first);
    const latest = before.reduce<Node | undefined>(
      (a, b) => (a !== undefined && placeOf(a) >= placeOf(b) ? a : b),
      undefined,
    );
    return latest && { key, wait: latest };
  }

  private now(node: Node): Node {
    return this.replaced.get(node) ?? node;
  }

  /** Returns the node as the copy recomputes it from kept values. */
  private again(node: Node, copy: Copy): Node {
    const made = this.copied.get(copy.key) ?? new Map<Node, Node>();
    this.copied.set(copy.key, made);
    const stack = [node];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const one = top;
      const missing = this.isLeaf(one) ? [] : one.inputs.filter((input) => !made.has(input));
      if (!made.has(one) && missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      if (!made.has(one)) made.set(one, this.copyOf(one, copy, made));
      stack.pop();
    }
    return made.get(node) as Node;
  }

  private isLeaf(node: Node): boolean {
    return !this.computation.isForward(node) || this.isKept(node);
  }

  private copyOf(node: Node, { wait }: Copy, made: ReadonlyMap<Node, Node>): Node {
    if (!this.isLeaf(node))
      return onInputs(
        node,
        node.inputs.map((input) => made.get(input) as Node),
      );
    const kept = this.now(node);
    // What is small is no beginning: it is there, and what is made of it comes with the rest.
    if (!this.computation.isForward(node) || sizeOf(node.shape) <= this.small) return kept;
    return { ...after(kept, [this.now(wait)]), label: node.label, provenance: node.provenance };
  }

  private input(input: Node, reader: Node): Node {
    if (!this.computation.isBackward(reader) || this.isLeaf(input)) return this.now(input);
    const copy = this.copies.get(this.keyOf(input, reader));
    return copy === undefined ? this.now(input) : this.again(input, copy);
  }

  run(): Graph {
    for (const node of this.computation.order)
      this.replaced.set(
        node,
        onInputs(
          node,
          node.inputs.map((input) => this.input(input, node)),
        ),
      );
    const outputs = new Map([...this.graph.outputs].map(([name, n]) => [name, this.now(n)]));
    return { ...this.graph, outputs };
  }
}

/**
 * @param isWeight whether an input of that name is the same for all that is drawn
 * @param small how many numbers are not worth computing again: statistics of channels, losses
 */
export const checkpoint = (
  graph: Graph,
  isWeight: (input: string) => boolean,
  small = SMALL,
): Graph => new Checkpoints(graph, new Computation(graph, isWeight), small).run();
