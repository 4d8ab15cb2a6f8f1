/**
 * Bounds of the gradients of a network before its optimizer sees them: one entry each, with its
 * options, the bound gradients as graphs, and what the targets call. The formulas are those of
 * PyTorch's nn.utils.
 */
import type { Node } from "../graph/graph.js";
import { add, div, mul, sumTo } from "../graph/operators/arithmetic.js";
import { clamp, power } from "../graph/operators/functions.js";
import { constant } from "../graph/operators/sources.js";
import { number, type Options, real, type Signature } from "./signature.js";

export interface Clipping {
  readonly name: string;
  readonly options: Signature;
  readonly doc: string;
  /** The gradients of all parameters of one network, bounded. */
  readonly bound: (gradients: readonly Node[], options: Options) => readonly Node[];
  /** The runtime's function: of networks, their gradients, and the options. */
  readonly tfjs: string;
  /** The function of the library in Python: of the options, and networks. */
  readonly torch: string;
}

const most = (doc: string, value: number, least: number) =>
  real("most", doc, {
    least: 0,
    open: true,
    usual: {
      least,
      value,
      why: "Every gradient is then cut to almost nothing: `adam` and `rmsprop` divide by its size, and `sgd` stands still.",
    },
  });

/** The sum of the squares, one number. */
const squares = (x: Node): Node => sumTo(power(x, 2), []);

const entries: readonly Clipping[] = [
  {
    name: "by_norm",
    options: [most("the greatest length of a network's gradient", 1, 1e-4)],
    doc: "the gradients of all parameters of a network, as one vector, are shortened to this length where they are longer, as `clip_grad_norm_` does",
    bound: (gradients, o) => {
      const [first, ...others] = gradients.map(squares);
      if (first === undefined) return [];
      const length = power(others.reduce(add, first), 0.5);
      // PyTorch's 1e-6, so that nothing is divided by 0.
      const share = div(constant(number(o, "most")), add(length, constant(1e-6)));
      return gradients.map((gradient) => mul(gradient, clamp(share, 0, 1)));
    },
    tfjs: "clippedByNorm",
    torch: "clip_by_norm",
  },
  {
    name: "by_value",
    options: [most("the greatest size of a number of the gradient", 0.5, 1e-6)],
    doc: "each number of the gradients is kept within this and its opposite, as by `clip_grad_value_`",
    bound: (gradients, o) =>
      gradients.map((gradient) => clamp(gradient, -number(o, "most"), number(o, "most"))),
    tfjs: "clippedByValue",
    torch: "clip_by_value",
  },
];

export const clippings: ReadonlyMap<string, Clipping> = new Map(
  entries.map((entry) => [entry.name, entry]),
);
