/**
 * Joins independent applications of one network into one application to a larger batch, through the
 * blocks whose convolutions are matrix products. There a larger batch makes larger products, and
 * the gradients of a weight arrive as one. Elsewhere batches gain nothing (bench/passes), so images
 * are joined before such a chain and split after it.
 *
 * This is legal where every operator between works on each sample alone: convolution, padding,
 * normalisation of each sample, and whatever works element by element.
 */
import { impossible } from "../../base/impossible.js";
import { make } from "../build.js";
import { type Graph, type Node, ordered, type Provenance } from "../graph.js";
import { isOf } from "../operator.js";
import { convOperator } from "../operators/convolution.js";
import { operatorOf } from "../operators/index.js";
import { reflectPadOperator } from "../operators/padding.js";
import { concat, slice } from "../operators/shaping.js";
import { onInputs } from "./rewrite.js";
import { rowsOf, worthWinograd } from "./winograd.js";

/** Whether all samples share the value. */
const isShared = ({ shape }: Node): boolean => shape.length < 4 || shape[0] === 1;

/**
 * Rows of each product, one for each block of outputs and sample, from which on a larger batch is
 * not tried: at 64 rows and at 256 it gained no time that could be told from noise on two cores
 * without AVX-512, and it holds applications at once that would be held one after the other (a
 * tenth of the memory at 128 x 128, a fifth at 256 x 256).
 */
const enoughRows = 32;

/** Returns the inputs that have samples, for operators that work on each sample alone. */
const sampled = (node: Node): readonly number[] | undefined => {
  if (isOf(node, convOperator)) return worthWinograd(node) ? [0] : undefined;
  switch (operatorOf(node).extent) {
    case "elementwise":
    case "each image":
      return [0];
    case "over axes":
      return (node.attributes.axes as readonly number[]).includes(0) ? undefined : [0];
    case "pairwise":
      return [0, 1];
    case undefined:
      return undefined;
  }
};

/** Slices the samples from `begin` to `end` off a batch. */
const take = (whole: Node, begin: number, end: number): Node => {
  const [, ...sides] = whole.shape;
  return slice(whole, [begin, ...sides.map(() => 0)], [end, ...sides]);
};

const imageOf = (conv: Node): Node | undefined => {
  const [x] = conv.inputs;
  return isOf(x, reflectPadOperator) ? x.inputs[0] : x;
};

/**
 * Returns, for each group, the images that depend on no other image of it. `nodes` are all nodes,
 * in order.
 */
const independent = (
  nodes: readonly Node[],
  ids: ReadonlyMap<Node, number>,
  groups: readonly ReadonlySet<Node>[],
): readonly (readonly Node[])[] => {
  const found = groups.map((): Node[] => []);
  const groupsOf = new Map<Node, number[]>();
  for (const [group, images] of groups.entries())
    for (const image of images) groupsOf.set(image, [...(groupsOf.get(image) ?? []), group]);
  // One bit a group: whether the node is an image of it or depends on one. A search from every
  // image would be a search of the graph for each layer.
  const words = Math.ceil(groups.length / 32);
  const bits = new Uint32Array(nodes.length * words);
  for (const [id, node] of nodes.entries()) {
    for (const input of node.inputs) {
      const from = (ids.get(input) as number) * words;
      for (let word = 0; word < words; word++)
        bits[id * words + word] =
          (bits[id * words + word] as number) | (bits[from + word] as number);
    }
    for (const group of groupsOf.get(node) ?? []) {
      const [word, bit] = [id * words + (group >>> 5), 1 << (group & 31)];
      if (((bits[word] as number) & bit) === 0) found[group]?.push(node);
      bits[word] = (bits[word] as number) | bit;
    }
  }
  return found;
};

const keyOf = (conv: Node, image: Node, ids: ReadonlyMap<Node, number>): string =>
  [ids.get(conv.inputs[1] as Node), conv.inputs[0]?.shape, image.shape.slice(1)].join(" ");

/** Returns the images of the first applications that can be joined. */
const firstGroup = (graph: Graph): readonly Node[] | undefined => {
  const nodes = ordered(graph.outputs.values());
  const ids = new Map(nodes.map((node, i) => [node, i]));
  const groups = new Map<string, Set<Node>>();
  for (const node of nodes) {
    const pays = worthWinograd(node) && rowsOf(node) < enoughRows;
    const image = pays ? imageOf(node) : undefined;
    if (image === undefined) continue;
    const key = keyOf(node, image, ids);
    groups.set(key, (groups.get(key) ?? new Set()).add(image));
  }
  const several = [...groups.values()].filter((images) => images.size > 1);
  return independent(nodes, ids, several).find((images) => images.length > 1);
};

/**
 * The application that a value belongs to, and its place there. Values at one place form one batch.
 */
interface Position {
  readonly application: number;
  readonly place: number;
}

/** Positions of the values that follow from the images sample by sample. */
class Positions {
  private readonly positions = new Map<Node, Position>();
  private readonly places = new Map<string, number>();
  private readonly members = new Map<number, Set<number>>();
  private readonly ids = new Map<Node, number>();
  /** Provenance of the values at each place. */
  private readonly parts = new Map<number, Set<string>>();

  constructor(
    private readonly images: readonly Node[],
    order: readonly Node[],
  ) {
    images.forEach((image, application) => {
      this.set(image, application, "image");
    });
    for (const node of order) {
      this.ids.set(node, this.ids.size);
      if (!this.positions.has(node)) this.follow(node);
    }
    const heads = new Set(images);
    for (const node of order) {
      if (heads.has(node) || this.of(node) === undefined) continue;
      this.notePart(node, node);
      // A batch of images is part of what reads it.
      for (const input of node.inputs) if (heads.has(input)) this.notePart(input, node);
    }
  }

  private set(node: Node, application: number, key: string): void {
    const place = this.places.get(key) ?? this.places.size;
    this.places.set(key, place);
    this.positions.set(node, { application, place });
    this.members.set(place, (this.members.get(place) ?? new Set()).add(application));
  }

  private follow(node: Node): void {
    const samples = sampled(node);
    if (samples === undefined || node.shape.length !== 4) return;
    const found = node.inputs.map((input) => this.positions.get(input));
    const application = found.find((position) => position !== undefined)?.application;
    if (application === undefined) return;
    const fits = node.inputs.every((input, i) => {
      const position = found[i];
      if (position === undefined) return !samples.includes(i) || isShared(input);
      return samples.includes(i) && position.application === application;
    });
    if (!fits) return;
    const operands = node.inputs.map((input, i) => {
      const position = found[i];
      return position === undefined ? `n${this.ids.get(input)}` : `p${position.place}`;
    });
    this.set(node, application, `${node.operator} ${JSON.stringify(node.attributes)} ${operands}`);
  }

  private notePart(at: Node, { provenance }: Node): void {
    const place = this.of(at)?.place;
    if (place === undefined || provenance === undefined) return;
    this.parts.set(place, new Set([...(this.parts.get(place) ?? []), ...provenance.of]));
  }

  /** Returns the provenance of the batch at a place. */
  provenanceAt(place: number, { provenance }: Node): Provenance | undefined {
    const parts = this.parts.get(place);
    return parts === undefined ? provenance : { ...provenance, of: [...parts] };
  }

  /**
   * Returns the position of a value that every application has. A value that only some have stays
   * as it is.
   */
  of(node: Node): Position | undefined {
    const position = this.positions.get(node);
    const members = position === undefined ? undefined : this.members.get(position.place);
    return members?.size === this.images.length ? position : undefined;
  }
}

/** Joins the applications to these independent images into one. */
const join = (graph: Graph, images: readonly Node[]): Graph => {
  // The images first: what uses one may need the batch of all.
  const order = ordered([...images, ...graph.outputs.values()]);
  const positions = new Positions(images, order);
  const replaced = new Map<Node, Node>();
  const of = (node: Node): Node => replaced.get(node) ?? node;
  const size = images[0]?.shape[0] ?? 1;
  const heads = new Set(images);
  const wholes = new Map<number, Node>();
  const wholeOf = (image: Node, place: number): Node => {
    const whole =
      wholes.get(place) ??
      (heads.has(image)
        ? { ...concat(images.map(of), 0), provenance: positions.provenanceAt(place, image) }
        : impossible("a batch is used before it is made"));
    wholes.set(place, whole);
    return whole;
  };
  for (const node of order) {
    const position = heads.has(node) ? undefined : positions.of(node);
    if (position === undefined) {
      replaced.set(node, onInputs(node, node.inputs.map(of)));
      continue;
    }
    const { application, place } = position;
    const inputs = node.inputs.map((input) => {
      const other = positions.of(input);
      return other === undefined ? of(input) : wholeOf(input, other.place);
    });
    const whole = wholes.get(place) ?? {
      ...make(operatorOf(node), inputs, node.attributes, node.label),
      provenance: positions.provenanceAt(place, node),
    };
    wholes.set(place, whole);
    const own = take(whole, application * size, (application + 1) * size);
    replaced.set(node, { ...own, provenance: node.provenance });
  }
  const outputs = new Map([...graph.outputs].map(([name, node]) => [name, of(node)]));
  return { ...graph, outputs };
};

/** Bounds the rounds. Each joins a group, and there are far fewer groups. */
const mostGroups = 1000;

export const batchApplications = (graph: Graph): Graph => {
  let current = graph;
  for (let round = 0; round < mostGroups; round++) {
    const images = firstGroup(current);
    if (images === undefined) return current;
    current = join(current, images);
  }
  return current;
};
