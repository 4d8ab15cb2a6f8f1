/**
 * The Graph: a typed tensor program in single-assignment form. A node is a value; a graph names the
 * nodes that go in and come out. Nodes are immutable and refer to their inputs, so what no output
 * needs is simply not there.
 *
 * Every tensor is real-valued, dense and of known shape: images `[n, c, h, w]`, weights of
 * convolutions `[out, in, k, k]`, scalars `[]`. What it computes is defined by the float64
 * evaluator.
 */
export type Shape = readonly number[];

export type Attribute = number | boolean | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * What a node is part of. It does not affect the value. Derivatives and passes carry it on, and the
 * graph's maker knows what the names mean.
 */
export interface Provenance {
  /** Names of the parts, in no order. A node of a joined batch has several. */
  readonly of: readonly string[];
  /** The place within the part: `G.R_3.conv_2`. */
  readonly at?: string | undefined;
  /** Names of the differentiations that made it, the last one last. */
  readonly derivatives?: readonly string[];
}

export interface Node {
  /** Name of an entry of the table of operators. */
  readonly operator: string;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  /** Names the layer that it comes from: `G.R_3.conv_2`. It does not affect the value. */
  readonly label?: string | undefined;
  readonly provenance?: Provenance | undefined;
}

export interface Graph {
  readonly name: string;
  /**
   * Nodes of the operator `input`, in the order in which they are fed; all of them, used or not.
   */
  readonly inputs: readonly Node[];
  /** By name, in the order in which they are asked for. */
  readonly outputs: ReadonlyMap<string, Node>;
}

const texts = new WeakMap<Attributes, string>();

/** Attributes as text; that of a large constant is long, and stands in many graphs. */
export const attributesText = (attributes: Attributes): string => {
  const text = texts.get(attributes) ?? JSON.stringify(attributes);
  texts.set(attributes, text);
  return text;
};

/** How many numbers a tensor of this shape holds. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

/** Whether the value is fed or constant, so that nothing computes it. */
export const isSource = ({ inputs }: Node): boolean => inputs.length === 0;

/**
 * All nodes that the given ones depend on, themselves included, each after its inputs; the order is
 * stable.
 * @param backwards whether the last input of a node is visited first
 */
export const ordered = (roots: Iterable<Node>, backwards = false): readonly Node[] => {
  const done = new Set<Node>();
  const order: Node[] = [];
  // A network is deeper than the call stack: the walk keeps a stack of its own.
  const stack: { readonly node: Node; next: number }[] = [];
  for (const root of roots) {
    if (!done.has(root)) stack.push({ node: root, next: 0 });
    done.add(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = backwards
        ? top.node.inputs[top.node.inputs.length - ++top.next]
        : top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!done.has(input)) {
        done.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
};

/** All nodes of a graph, its inputs first. */
export const nodesOf = (graph: Graph): readonly Node[] =>
  ordered([...graph.inputs, ...graph.outputs.values()]);

/** The name of an `input` node. */
export const inputName = (node: Node): string => String(node.attributes.name);
