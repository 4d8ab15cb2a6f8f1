/**
 * Functions of losses: what can be done to drawn values and to what networks make of them. Pointwise ones keep the
 * shape; a distance takes two values of one shape, or a value and a constant, to one number for each sample.
 */

import type { Node } from "../graph/graph.js";
import * as arithmetic from "../graph/operators/arithmetic.js";
import * as functions from "../graph/operators/functions.js";
import {
  absolute,
  between,
  notNegative,
  positive,
  powered,
  type Range,
  type RangeRule,
  rectified,
  rising,
} from "./range.js";

export type FunctionKind = "pointwise" | "distance";

export interface LossFunction {
  readonly name: string;
  readonly kind: FunctionKind;
  readonly doc: string;
  /** The function of `ganc/runtime` or of tfjs that computes it. */
  readonly tfjs: string;
  /** Where its value lies: of a distance, as a function of where the difference does. */
  readonly range: RangeRule;
  /** Where it is defined, if not everywhere. */
  readonly definedOn?: Range;
  /** As a graph: of one value, or of two whose distance for each sample keeps all axes, as 1 beside the batch. */
  readonly graph: (a: Node, b: Node) => Node;
}

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

/** Of what is the logarithm of a probability. */
const ofLogarithm: RangeRule = () => between(-Infinity, 0);

const pointwise = (
  name: string,
  tfjs: string,
  doc: string,
  graph: (x: Node) => Node,
  range: RangeRule,
  definedOn?: Range,
): LossFunction => ({
  name,
  kind: "pointwise",
  tfjs,
  doc,
  graph,
  range,
  ...(definedOn === undefined ? {} : { definedOn }),
});

const distance = (
  name: string,
  doc: string,
  of: (difference: Node) => Node,
  range: RangeRule,
): LossFunction => ({
  name,
  kind: "distance",
  tfjs: name,
  doc,
  range,
  graph: (a, b) => {
    const each = of(arithmetic.sub(a, b));
    return arithmetic.mean(
      each,
      each.shape.map((_, axis) => axis).filter((axis) => axis > 0),
    );
  },
});

export const lossFunctions: ReadonlyMap<string, LossFunction> = new Map(
  [
    pointwise("log", "tf.log", "natural logarithm", functions.log, rising(Math.log), positive),
    pointwise("exp", "tf.exp", "exponential", functions.exp, rising(Math.exp)),
    pointwise("sigmoid", "tf.sigmoid", "1 / (1 + exp(-z))", functions.sigmoid, rising(logistic)),
    pointwise("tanh", "tf.tanh", "hyperbolic tangent", functions.tanh, rising(Math.tanh)),
    pointwise(
      "softplus",
      "tf.softplus",
      "log(1 + exp(z)), finite for every z",
      functions.softplus,
      rising((z) => (z > 30 ? z : Math.log1p(Math.exp(z)))),
    ),
    pointwise("relu", "tf.relu", "max(0, z)", (z) => functions.leakyRelu(z, 0), rectified),
    pointwise("abs", "abs", "absolute value; its derivative at 0 is 0", functions.abs, absolute),
    pointwise("square", "tf.square", "z z", (z) => functions.power(z, 2), powered(2)),
    pointwise(
      "sqrt",
      "tf.sqrt",
      "square root",
      (z) => functions.power(z, 0.5),
      rising(Math.sqrt),
      notNegative,
    ),
    distance("l1", "mean of |a - b| over all elements", functions.abs, absolute),
    distance("l2", "mean of (a - b)^2 over all elements", (z) => functions.power(z, 2), powered(2)),
  ].map((entry) => [entry.name, entry]),
);

/**
 * Names of forms that the compiler knows by heart rather than by table, with their documentation: what each does to
 * types is unlike any other's.
 */
export const forms: ReadonlyMap<string, string> = new Map([
  ["residual", "residual(f): x + f(x); f must keep the shape"],
  ["concat", "concat(a, b, …): along the channels"],
  [
    "replay",
    "replay(v, size): v, or half of the time one of the last `size` values that stood here; no gradient passes",
  ],
  [
    "pairs",
    "pairs(X, Y): two domains drawn together: images of the same file name, or an image and the class that it is filed under",
  ],
  ["params", "params(N): how many numbers the network N learns"],
  [
    "receptive_field",
    "receptive_field(N): side in pixels of the input window that one output position sees",
  ],
  ["shape", "shape(N): (height, width, channels) of what N gives"],
]);

/** What the compiler writes where a loss, as it stands, would overflow: finite, with finite gradients, at z = ±200. */
export const stableForms = {
  logSigmoid: pointwise(
    "log_sigmoid",
    "logSigmoid",
    "log(sigmoid(z)) = -softplus(-z)",
    (z) => functions.neg(functions.softplus(functions.neg(z))),
    ofLogarithm,
  ),
  logOneMinusSigmoid: pointwise(
    "log_one_minus_sigmoid",
    "logOneMinusSigmoid",
    "log(1 - sigmoid(z)) = -softplus(z)",
    (z) => functions.neg(functions.softplus(z)),
    ofLogarithm,
  ),
} as const;
