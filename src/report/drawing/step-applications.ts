/** Which application of a network each forward node of a step belongs to, and what these are called. */
import type { Node } from "../../graph/graph.js";
import type { Network } from "../../model/model.js";
import { Names } from "../../model/naming.js";
import type { LayerOf, Step } from "./step-labels.js";

/** A network applied to one value, or to several in one batch. */
export interface Application {
  readonly network: Network;
}

/** A network applied to one value. */
interface Single extends Application {
  /** What it is applied to; none where that is not known. */
  readonly sources: readonly Source[];
}

/** What networks are applied to: what another made, or, by its name, what is drawn or held. */
type Source = Single | string;

/** Applications of which some turn out to be one. */
class Merged {
  private readonly parents = new Map<Single, Single>();

  of(one: Single): Single {
    let root = one;
    for (let next = this.parents.get(root); next !== undefined; next = this.parents.get(root))
      root = next;
    return root;
  }

  merge(a: Single, b: Single): void {
    const [first, second] = [this.of(a), this.of(b)];
    if (first !== second) this.parents.set(second, first);
  }
}

/**
 * Whether a value of layer `from` goes on within an application to a node of layer `to`: layers are numbered as they
 * follow one another, and of those of one layer only the last has a label.
 */
const goesOn = (input: Node, node: Node, from: LayerOf, to: LayerOf): boolean => {
  if (from.network !== to.network) return false;
  if (from.layer.id !== to.layer.id) return from.layer.id < to.layer.id;
  // What stands behind the last node of a layer, without a label of its own, is counted with it.
  return input.label === undefined || node.label === undefined;
};

/** The only axis that a slice cuts. */
const cutAxis = (node: Node, whole: Node): number | undefined => {
  const axes = node.shape.flatMap((side, axis) => (side === whole.shape[axis] ? [] : [axis]));
  return axes.length === 1 ? axes[0] : undefined;
};

/** What each part of a node's batch is, given what those of its inputs are: batches are joined and parted. */
const partsOf = <A>(node: Node, inputs: readonly (readonly A[])[], batch: number): readonly A[] => {
  const longest = inputs.reduce((a, b) => (b.length > a.length ? b : a), []);
  const [whole] = node.inputs;
  if (node.operator === "concat") {
    const all = inputs.flat();
    return node.shape[Number(node.attributes.axis)] === batch * all.length ? all : longest;
  }
  if (node.operator !== "slice" || whole === undefined) return longest;
  const axis = cutAxis(node, whole);
  if (axis === undefined || whole.shape[axis] !== batch * longest.length) return longest;
  const begin = (node.attributes.begin as readonly number[])[axis] ?? 0;
  return longest.slice(begin / batch, (begin + (node.shape[axis] ?? 0)) / batch);
};

class Tracing {
  readonly batches = new Merged();
  /** For each part of a node's batch what it is. */
  readonly parts = new Map<Node, readonly Source[]>();
  /** What no weight has changed since the network was entered: networks that begin alike share it. */
  readonly plain = new Set<Node>();

  constructor(
    private readonly layers: ReadonlyMap<Node, LayerOf>,
    private readonly learnt: ReadonlySet<Node>,
    private readonly batch: number,
  ) {}

  visit(node: Node, to: LayerOf): void {
    const before = node.inputs.filter((input) => {
      const from = this.layers.get(input);
      return from !== undefined && goesOn(input, node, from, to);
    });
    const isWeighed = node.inputs.some((input) => this.learnt.has(input));
    if (!isWeighed && before.every((input) => this.plain.has(input))) this.plain.add(node);
    const inside = before.map((input) => (this.parts.get(input) ?? []) as readonly Single[]);
    const parts = inside.length === 0 ? this.entered(node, to) : this.followed(node, inside);
    for (const part of parts) this.batches.merge(parts[0] as Single, part);
    this.parts.set(node, parts);
  }

  /** Nodes that read what comes from outside of the network: an application each. */
  private entered(node: Node, { network }: LayerOf): readonly Single[] {
    const inputs = node.inputs.map((input) => this.outside(input));
    const sources = partsOf(node, inputs, this.batch);
    return sources.length === 0
      ? [{ network, sources: [] }]
      : sources.map((source) => ({ network, sources: [source] }));
  }

  private outside(input: Node): readonly Source[] {
    const parts = this.parts.get(input) ?? [];
    if (!this.plain.has(input)) return parts;
    return parts.map((part) => (typeof part === "string" ? part : (part.sources[0] ?? part)));
  }

  private followed(node: Node, inside: readonly (readonly Single[])[]): readonly Single[] {
    const parts = partsOf(node, inside, this.batch);
    if (node.operator === "concat") return parts;
    // Values of one application that meet again.
    for (const other of inside.filter(({ length }) => length === parts.length))
      other.forEach((single, i) => {
        this.batches.merge(parts[i] as Single, single);
      });
    return parts;
  }
}

/** `G(F(y))` */
const nameOf = (source: Source): string => {
  if (typeof source === "string") return source;
  return `${source.network.name}(${source.sources.map(nameOf).join(", ")})`;
};

/**
 * The application of each node that belongs to a layer, and the names of all applications: `G(F(y))`, or `G(x), G(F(y))`
 * where these are computed in one batch. `outside` names what is drawn or held, and `batch` is how many samples one
 * application has.
 */
export const applicationsIn = (
  { nodes, learnt }: Pick<Step, "nodes" | "learnt">,
  layers: ReadonlyMap<Node, LayerOf>,
  outside: ReadonlyMap<Node, string>,
  batch: number,
): {
  readonly found: ReadonlyMap<Node, Application>;
  /** Nodes of layers that no weight has changed since the network was entered. */
  readonly plain: ReadonlySet<Node>;
  readonly names: ReadonlyMap<Application, string>;
} => {
  const tracing = new Tracing(layers, learnt, batch);
  for (const node of nodes) {
    const [to, name] = [layers.get(node), outside.get(node)];
    if (name !== undefined) tracing.parts.set(node, [name]);
    else if (to !== undefined) tracing.visit(node, to);
  }
  const found = new Map<Node, Application>();
  const members = new Map<Single, Set<string>>();
  for (const [node, parts] of tracing.parts)
    for (const part of parts) {
      if (typeof part === "string") continue;
      const application = tracing.batches.of(part);
      found.set(node, application);
      const texts = members.get(application) ?? new Set();
      members.set(application, texts.add(nameOf(part)));
    }
  const unique = new Names();
  const names = [...members].map(
    ([application, texts], i) =>
      [application, unique.of(String(i), [...texts].join(", "))] as const,
  );
  return { found, plain: tracing.plain, names: new Map(names) };
};
