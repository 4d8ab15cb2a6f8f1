/**
 * Functions of losses: what can be done to drawn values and to what networks make of them.
 * Pointwise ones keep the shape; a distance takes two values of one shape, or a value and a
 * constant, to one number for each sample.
 */

import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Node } from "../graph/graph.js";
import * as arithmetic from "../graph/operators/arithmetic.js";
import * as extremes from "../graph/operators/extremes.js";
import * as functions from "../graph/operators/functions.js";
import { gather } from "../graph/operators/gathering.js";
import { matmul } from "../graph/operators/linear.js";
import { reshape, slice, transpose } from "../graph/operators/shaping.js";
import { constant, numberIn, tensor } from "../graph/operators/sources.js";
import type { Layer, Shape } from "./layer.js";
import {
  absolute,
  between,
  closed,
  cosine,
  hull,
  isWithin,
  notNegative,
  positive,
  powered,
  type Range,
  type RangeRule,
  reals,
  rectified,
  rising,
  sine,
} from "./range.js";
import { int, real, type Signature } from "./signature.js";

export type FunctionKind = "pointwise" | "distance" | "general";

/** Shapes of samples, absent where only a use of a loss will fix them. */
export type Shapes = readonly (Shape | undefined)[];

/**
 * How a function's result moves with one of its values: never falls as the value rises; rises with
 * its distance from 0, as a square does; or is that value, moved or averaged.
 */
export type Motion = "rises" | "grows" | "keeps";

export interface LossFunction {
  readonly name: string;
  readonly kind: FunctionKind;
  readonly doc: string;
  /** The function of `ganc/runtime` or of tfjs that computes it. */
  readonly tfjs: string;
  /**
   * What computes it in PyTorch: text behind its first value, `.log()`; a function of PyTorch or,
   * without a dot, of the target's library, which takes values and then numbers; or a form with `$`
   * where its value stands. Of a distance it follows the difference.
   */
  readonly torch: string;
  /** Names of the values that it takes, in their order; numbers follow them. */
  readonly values: readonly string[];
  readonly numbers: Signature;
  /** The first so many values are of one domain, or of no domain at all. */
  readonly alike?: number;
  /**
   * Whether it makes probabilities: of each number by itself, or of all channels of a place
   * together.
   */
  readonly probabilities?: "each" | "channels";
  /** Probabilities that it takes the logarithm of, or bounds it by. */
  readonly logarithmOf?: "each" | "channels";
  /** Whether it is the square of each number. */
  readonly squares?: true;
  /** Whether what it gives is a mean of its value's numbers, by weights that its numbers fix. */
  readonly averages?: true;
  /** Whether it is a sum or a mean of its value's numbers. */
  readonly adds?: true;
  /** Whether it says how badly its first value matches its second, as a distance does. */
  readonly compares?: true;
  /** Whether it sums over all numbers of a sample: the more there are, the more it gives. */
  readonly sums?: true;
  /** Whether what it gives is of the domain of its first value. */
  readonly keepsDomain?: boolean;
  /** The shape of what it gives, or why there is none: the reason continues "`f` …". */
  readonly shape: (shapes: Shapes, numbers: readonly number[]) => Either<string, Shape | undefined>;
  /** Range of its value. For a distance, from the range of the difference. */
  readonly range: RangeRule;
  /** The same of a general function, by its values. */
  readonly ranges?: (values: readonly Range[], numbers: readonly number[]) => Range;
  /** Domain of definition, unless it is defined everywhere. */
  readonly definedOn?: Range;
  /**
   * One motion for each value, for a distance that of the difference. Absent where a value may move
   * it either way.
   */
  readonly moves?: readonly Motion[];
  /**
   * Whether it reads places that the host draws: the runtime's function takes `chance.places` last.
   */
  readonly isRandom?: true;
  /** The layer that it is, which targets write as they write layers. */
  readonly layer?: Layer;
  /**
   * Builds its graph from values [n, c, h, w], or scalars where numbers stand for them. One number
   * per sample keeps all axes.
   */
  readonly graph: (values: readonly Node[], numbers: readonly number[], host: HostDraws) => Node;
}

/** Numbers that the host draws for functions. */
export interface HostDraws {
  /**
   * [count]: different places of an image, row by row; the same wherever it is asked for in a step.
   */
  readonly places: (height: number, width: number, count: number) => Node;
}

const same = ([shape]: Shapes): Either<string, Shape | undefined> => right(shape);
const one = (): Either<string, Shape> => right([1, 1, 1]);

/**
 * Makes a function that weighs the channels of its first value against each other. One channel
 * teaches nothing.
 */
const ofChannels =
  (rule: LossFunction["shape"], is: string): LossFunction["shape"] =>
  (shapes, numbers) =>
    shapes[0]?.[2] === 1 ? left(`of a single channel is always ${is}`) : rule(shapes, numbers);

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

/** Range of the logarithm of a probability. */
const ofLogarithm: RangeRule = () => between(-Infinity, 0);

const pointwise = (
  name: string,
  tfjs: string,
  torch: string,
  doc: string,
  graph: (x: Node) => Node,
  range: RangeRule,
  moves: Motion | undefined,
  definedOn?: Range,
): LossFunction => ({
  name,
  kind: "pointwise",
  tfjs,
  torch,
  doc,
  values: ["z"],
  numbers: [],
  shape: same,
  graph: ([x]) => graph(x as Node),
  range,
  ...(moves === undefined ? {} : { moves: [moves] }),
  ...(definedOn === undefined ? {} : { definedOn }),
});

const distance = (
  name: string,
  torch: string,
  doc: string,
  of: (difference: Node) => Node,
  range: RangeRule,
): LossFunction => ({
  name,
  kind: "distance",
  tfjs: name,
  torch,
  doc,
  range,
  moves: ["grows"],
  values: ["a", "b"],
  numbers: [],
  shape: one,
  graph: ([a, b]) => {
    const each = of(arithmetic.sub(a as Node, b as Node));
    return arithmetic.mean(each, axesOf(each));
  },
});

type General = Omit<LossFunction, "kind" | "numbers" | "range" | "definedOn"> & {
  readonly numbers?: Signature;
};

const general = ({ numbers = [], ...entry }: General): LossFunction => ({
  kind: "general",
  numbers,
  range: () => reals,
  ...entry,
});

/** All axes but the batch. */
const axesOf = ({ shape }: Node): readonly number[] =>
  shape.map((_, axis) => axis).filter((axis) => axis > 0);

/**
 * The root of what is at least 0; its derivative at 0 is 0, so that a length of 0 has a gradient.
 */
const root = (x: Node): Node => {
  const isZero = arithmetic.sub(constant(1), functions.sign(x));
  return arithmetic.sub(functions.power(arithmetic.add(x, isZero), 0.5), isZero);
};

const squares = (x: Node, axes: readonly number[]): Node =>
  arithmetic.sum(functions.power(x, 2), axes);

const sameShapes =
  (gives: (shape: Shape | undefined) => Shape | undefined, what: string) =>
  ([a, b]: Shapes): Either<string, Shape | undefined> =>
    a === undefined || b === undefined || a.join() === b.join()
      ? right(gives(a ?? b))
      : left(`takes ${what} of one shape, and these are ${a.join(" x ")} and ${b.join(" x ")}`);

const channels = [1];

const square: LossFunction = {
  ...pointwise(
    "square",
    "tf.square",
    ".square()",
    "z z",
    (z) => functions.power(z, 2),
    powered(2),
    "grows",
  ),
  squares: true,
};

const norm = general({
  name: "norm",
  doc: "the Euclidean length of each sample; its derivative at 0 is 0",
  tfjs: "norm",
  torch: "norm",
  ranges: () => notNegative,
  moves: ["grows"],
  values: ["v"],
  sums: true,
  shape: one,
  graph: ([v]) => root(squares(v as Node, axesOf(v as Node))),
});

const meanEach = general({
  name: "mean",
  adds: true,
  averages: true,
  doc: "the mean of each sample",
  tfjs: "meanEach",
  torch: ".mean(dim=(1, 2, 3), keepdim=True)",
  ranges: ([v = reals]) => v,
  moves: ["keeps"],
  values: ["v"],
  shape: one,
  graph: ([v]) => arithmetic.mean(v as Node, axesOf(v as Node)),
});

const total = general({
  name: "total",
  adds: true,
  doc: "the sum of each sample",
  tfjs: "total",
  torch: ".sum(dim=(1, 2, 3), keepdim=True)",
  moves: ["rises"],
  sums: true,
  values: ["v"],
  shape: one,
  graph: ([v]) => arithmetic.sum(v as Node, axesOf(v as Node)),
});

const softmax = general({
  name: "softmax",
  probabilities: "channels",
  doc: "e^z as a part of the sum over the channels",
  tfjs: "tf.softmax",
  torch: ".softmax(dim=1)",
  ranges: () => ({ low: 0, high: 1, lowOpen: true, highOpen: false }),
  values: ["z"],
  shape: ofChannels(same, "1"),
  graph: ([z]) => extremes.softmax(z as Node, channels),
});

const logSoftmax = general({
  name: "log_softmax",
  logarithmOf: "channels",
  doc: "log(softmax(z)), finite for every z",
  tfjs: "tf.logSoftmax",
  torch: ".log_softmax(dim=1)",
  ranges: () => closed(-Infinity, 0),
  values: ["z"],
  shape: ofChannels(same, "0"),
  graph: ([z]) => extremes.logSoftmax(z as Node, channels),
});

const crossEntropy = general({
  name: "cross_entropy",
  logarithmOf: "channels",
  compares: true,
  doc: "-log of the probability that softmax(logits) gives the class c; the mean over positions",
  tfjs: "crossEntropy",
  torch: "cross_entropy",
  values: ["logits", "c"],
  shape: ofChannels(
    sameShapes(() => [1, 1, 1], "logits and a class"),
    "0",
  ),
  graph: ([logits, c]) => {
    const each = arithmetic.mul(c as Node, extremes.logSoftmax(logits as Node, channels));
    return functions.neg(arithmetic.mean(arithmetic.sum(each, channels), [2, 3]));
  },
});

const mix = general({
  name: "mix",
  doc: "t a + (1 - t) b, of the domain of a",
  tfjs: "mix",
  torch: "mix",
  ranges: ([a = reals, b = reals, t = reals]) => (isWithin(t, closed(0, 1)) ? hull(a, b) : reals),
  values: ["a", "b", "t"],
  alike: 2,
  keepsDomain: true,
  shape: ([a, b, t]) =>
    t === undefined || t.join() === "1,1,1" || t.join() === (a ?? b ?? t).join()
      ? right(a ?? b)
      : left(
          `takes one number for each sample as its \`t\`, or one for each element, and this is ${t.join(" x ")}`,
        ),
  graph: ([a, b, t]) => {
    const [first, second, part] = [a, b, t] as [Node, Node, Node];
    const rest = arithmetic.sub(constant(1), part);
    return arithmetic.add(arithmetic.mul(part, first), arithmetic.mul(rest, second));
  },
});

const clamp = general({
  name: "clamp",
  doc: "v where it lies between low and high, else the nearer of them; its derivative is 0 at both and outside",
  tfjs: "clamp",
  torch: "clamp",
  ranges: (_, [low = -Infinity, high = Infinity]) => closed(low, high),
  moves: ["rises"],
  values: ["v"],
  numbers: [real("low", "the least value"), real("high", "the greatest value")],
  shape: ([v], [low = -Infinity, high = Infinity]) =>
    low <= high ? right(v) : left(`needs low <= high, and they are ${low} and ${high}`),
  graph: ([v], [low = 0, high = 0]) => functions.clamp(v as Node, low, high),
});

const unit = general({
  name: "unit",
  doc: "the channels of each position divided by their length; 0 stays 0",
  tfjs: "unit",
  torch: "unit",
  ranges: () => closed(-1, 1),
  values: ["v"],
  shape: ofChannels(same, "1 or -1"),
  graph: ([v]) => {
    const length = root(squares(v as Node, channels));
    // As the official code of CUT has it: what is almost nothing is not blown up.
    return arithmetic.div(v as Node, arithmetic.add(length, constant(1e-7)));
  },
});

const gram = general({
  name: "gram",
  doc: "the Gram matrix (Gatys et al. 2016): the inner product over all places of each channel with each, divided by height, width and channels (Johnson et al. 2016); of c channels it gives c x c pixels",
  tfjs: "gram",
  torch: "gram",
  ranges: ([v = reals]) => {
    const most = Math.max(Math.abs(v.low), Math.abs(v.high)) ** 2;
    return isWithin(v, notNegative) ? closed(0, most) : closed(-most, most);
  },
  values: ["v"],
  shape: ([shape]) => right(shape === undefined ? undefined : [shape[2], shape[2], 1]),
  graph: ([v]) => {
    const [n = 1, c = 1, h = 1, w = 1] = (v as Node).shape;
    const rows = reshape(v as Node, [n, c, h * w]);
    const products = matmul(rows, transpose(rows, [0, 2, 1]));
    const scaled = arithmetic.mul(products, constant(1 / (c * h * w)));
    return reshape(scaled, [n, 1, c, c]);
  },
});

/** The mean difference of neighbours along an axis of each sample, [n, 1, 1, 1]. */
const differences = (v: Node, axis: number): Node => {
  const at = (low: number, high: number): Node =>
    slice(
      v,
      v.shape.map((_, i) => (i === axis ? low : 0)),
      v.shape.map((side, i) => (i === axis ? side - high : side)),
    );
  const each = functions.abs(arithmetic.sub(at(1, 0), at(0, 1)));
  return arithmetic.mean(each, axesOf(each));
};

const variation = general({
  name: "variation",
  doc: "total variation (Rudin et al. 1992): the mean absolute difference of pixels below one another, and of those beside one another, added",
  tfjs: "variation",
  torch: "variation",
  ranges: () => notNegative,
  values: ["v"],
  shape: ([v]) =>
    v !== undefined && (v[0] < 2 || v[1] < 2)
      ? left(`takes at least 2 x 2 pixels, and these are ${v[0]} x ${v[1]}`)
      : one(),
  graph: ([v]) => arithmetic.add(differences(v as Node, 2), differences(v as Node, 3)),
});

/**
 * What each place of an axis takes of each, [n, side, side]: a place whose distance from where it
 * looks is below 1 by its closeness.
 */
const taken = (side: number, count: number, by: Node): Node => {
  const apart = Array.from({ length: side * side }, (_, i) => Math.floor(i / side) - (i % side));
  const looks = arithmetic.broadcast(by.shape.length === 0 ? by : reshape(by, [count, 1, 1]), [
    count,
    1,
    1,
  ]);
  const distance = arithmetic.sub(
    tensor(apart, [1, side, side]),
    arithmetic.mul(looks, constant(side)),
  );
  return functions.leakyRelu(arithmetic.sub(constant(1), functions.abs(distance)), 0);
};

const shift = general({
  name: "shift",
  doc: "v moved down and to the right by parts of its height and width, one number for each sample; zeros come in, and between two pixels both are mixed; of the domain of v",
  tfjs: "shift",
  torch: "shift",
  ranges: ([v = reals]) => hull(v, closed(0, 0)),
  values: ["v", "down", "right"],
  keepsDomain: true,
  shape: ([v, ...by]) => {
    const odd = by.find((shape) => shape !== undefined && shape.join() !== "1,1,1");
    return odd === undefined
      ? right(v)
      : left(`moves each sample by one number, and this is ${odd.join(" x ")}`);
  },
  graph: ([v, down, across]) => {
    const [n = 1, c = 1, h = 1, w = 1] = (v as Node).shape;
    const rows = reshape(transpose(v as Node, [0, 2, 1, 3]), [n, h, c * w]);
    const lowered = reshape(matmul(taken(h, n, down as Node), rows), [n, h, c, w]);
    const columns = reshape(transpose(lowered, [0, 3, 2, 1]), [n, w, c * h]);
    const moved = reshape(matmul(taken(w, n, across as Node), columns), [n, w, c, h]);
    return transpose(moved, [0, 2, 3, 1]);
  },
});

const flip = general({
  name: "flip",
  doc: "mirrored, left to right; of the domain of v",
  tfjs: "flip",
  torch: ".flip(3)",
  ranges: ([v = reals]) => v,
  moves: ["keeps"],
  values: ["v"],
  keepsDomain: true,
  shape: same,
  graph: ([v]) => {
    const x = v as Node;
    const width = x.shape[3] ?? 1;
    const places = Array.from({ length: width }, (_, i) => width - 1 - i);
    return gather(x, tensor(places, [width]), [3]);
  },
});

const positions = general({
  name: "positions",
  doc: "the channels at n places of each sample, drawn anew each step; values of one height and width give the same places",
  tfjs: "positions",
  torch: "positions",
  isRandom: true,
  ranges: ([v = reals]) => v,
  moves: ["keeps"],
  values: ["v"],
  numbers: [int("n", "how many places", { least: 1 })],
  shape: ([v], [n = 1]) =>
    v === undefined || n <= v[0] * v[1]
      ? right(v && [n, 1, v[2]])
      : left(`takes ${n} places, and there are only ${v[0]} x ${v[1]}`),
  graph: ([v], [n = 1], host) => {
    const x = v as Node;
    const [, , height = 1, width = 1] = x.shape;
    return gather(x, host.places(height, width, n), [2, 3]);
  },
});

const contrast = general({
  name: "contrast",
  doc: "InfoNCE (van den Oord et al. 2018): how badly each position of q finds the same position among all of k, by inner products divided by the temperature",
  tfjs: "contrast",
  torch: "contrast",
  values: ["q", "k"],
  numbers: [
    real("temperature", "divides the inner products", {
      defaultValue: 0.07,
      least: 0,
      open: true,
      usual: {
        least: 1e-3,
        most: 10,
        value: 0.07,
        why: "Much hotter, and all positions are equally likely whatever they are; much colder, and the nearest alone counts.",
      },
    }),
  ],
  shape: ([q, k]) =>
    q !== undefined && q[0] * q[1] === 1
      ? left("of a single position is always 0: it is to be found among others")
      : sameShapes(() => [1, 1, 1], "queries and keys")([q, k]),
  graph: ([q, k], [temperature = 1]) => {
    const [a, b] = [q as Node, k as Node];
    const [batch = 1, depth = 1, height = 1, width = 1] = a.shape;
    const flat = [batch, depth, height * width];
    const [queries, keys] = [reshape(a, flat), reshape(b, flat)];
    const scale = constant(1 / temperature);
    const products = arithmetic.mul(matmul(queries, keys, { left: true }), scale);
    const matches = arithmetic.mul(arithmetic.sum(arithmetic.mul(queries, keys), [1]), scale);
    const most = functions.stop(extremes.max(products, [2]));
    const powers = functions.exp(arithmetic.sub(products, most));
    const all = arithmetic.add(functions.log(arithmetic.sum(powers, [2])), most);
    const apart = arithmetic.sub(reshape(all, [batch, 1, height * width]), matches);
    return reshape(arithmetic.mean(apart, [2]), [batch, 1, 1, 1]);
  },
});

/**
 * log x. Of a sigmoid, of what a sigmoid leaves of 1 and of a softmax it is one step, finite where
 * the inner value rounds to 0. It looks at how x is computed, whoever wrote it: a loss, or the last
 * layer of a network.
 */
const stableLog = (x: Node): Node => {
  const { log, neg, softplus } = functions;
  const [a, b] = x.inputs;
  if (x.operator === "sigmoid" && a !== undefined) return neg(softplus(neg(a)));
  if (a === undefined || b === undefined) return log(x);
  const [z] = b.inputs;
  if (z === undefined) return log(x);
  if (x.operator === "sub" && numberIn(a) === 1 && b.operator === "sigmoid")
    return neg(softplus(z));
  const isShare = x.operator === "div" && b.operator === "sum" && z === a && a.operator === "exp";
  return isShare ? arithmetic.sub(a.inputs[0] as Node, log(b)) : log(x);
};

/** The logarithm, which the compiler writes otherwise where a loss would overflow. */
export const log = pointwise(
  "log",
  "tf.log",
  ".log()",
  "natural logarithm",
  stableLog,
  rising(Math.log),
  "rises",
  positive,
);

export const sigmoid: LossFunction = {
  ...pointwise(
    "sigmoid",
    "tf.sigmoid",
    ".sigmoid()",
    "1 / (1 + exp(-z))",
    functions.sigmoid,
    rising(logistic),
    "rises",
  ),
  probabilities: "each",
};

const softplus: LossFunction = {
  ...pointwise(
    "softplus",
    "tf.softplus",
    "functional.softplus",
    "log(1 + exp(z)), finite for every z",
    functions.softplus,
    rising((z) => (z > 30 ? z : Math.log1p(Math.exp(z)))),
    "rises",
  ),
  logarithmOf: "each",
};

export const sqrt = pointwise(
  "sqrt",
  "tf.sqrt",
  ".sqrt()",
  "square root",
  (z) => functions.power(z, 0.5),
  rising(Math.sqrt),
  "rises",
  notNegative,
);

export const lossFunctions: ReadonlyMap<string, LossFunction> = new Map(
  [
    log,
    pointwise("exp", "tf.exp", ".exp()", "exponential", functions.exp, rising(Math.exp), "rises"),
    sigmoid,
    pointwise(
      "tanh",
      "tf.tanh",
      ".tanh()",
      "hyperbolic tangent",
      functions.tanh,
      rising(Math.tanh),
      "rises",
    ),
    pointwise("sin", "tf.sin", ".sin()", "sine, of radians", functions.sin, sine, undefined),
    pointwise("cos", "tf.cos", ".cos()", "cosine, of radians", functions.cos, cosine, undefined),
    softplus,
    pointwise(
      "relu",
      "tf.relu",
      ".relu()",
      "max(0, z)",
      (z) => functions.leakyRelu(z, 0),
      rectified,
      "rises",
    ),
    pointwise(
      "abs",
      "abs",
      ".abs()",
      "absolute value; its derivative at 0 is 0",
      functions.abs,
      absolute,
      "grows",
    ),
    square,
    sqrt,
    distance("l1", ".abs()", "mean of |a - b| over all elements", functions.abs, absolute),
    distance(
      "l2",
      ".square()",
      "mean of (a - b)^2 over all elements",
      (z) => functions.power(z, 2),
      powered(2),
    ),
    norm,
    meanEach,
    total,
    softmax,
    logSoftmax,
    crossEntropy,
    mix,
    clamp,
    unit,
    gram,
    variation,
    shift,
    flip,
    positions,
    contrast,
  ].map((entry) => [entry.name, entry]),
);

/**
 * Names of forms that the compiler knows by heart rather than by table, with their documentation:
 * what each does to types is unlike any other's.
 */
export const forms: ReadonlyMap<string, string> = new Map([
  ["residual", "residual(f): x + f(x); f must keep the shape"],
  [
    "spectral_norm",
    "spectral_norm(f): f with every weight in it divided by its largest singular value (Miyato et al. 2018)",
  ],
  [
    "equalized",
    "equalized(f, gain: 1, rate: 1): f with every weight in it drawn from normal(0, 1 / rate), and multiplied by rate gain / sqrt(inputs) where it is used, and every bias by rate (Karras et al. 2018): an equalised learning rate",
  ],
  ["concat", "concat(a, b, …): along the channels"],
  [
    "replay",
    "replay(v, size): v, or half of the time one of the last `size` values that stood here; no gradient passes",
  ],
  [
    "pairs",
    "pairs(X, Y, …): domains drawn together: images of the same file name, and with a domain of labels the class that they are filed under; `all: false`: only those that have partners",
  ],
  ["stop", "stop(v): v, through which no gradient passes"],
  [
    "grad",
    "grad(f)(v): the gradient at v of the sum of all that f gives there, of v's shape; f is a network or `v => …`",
  ],
  ["params", "params(N): how many numbers the network N learns"],
  [
    "receptive_field",
    "receptive_field(N): side in pixels of the input window that one output position sees",
  ],
  ["shape", "shape(N): (height, width, channels) of what N gives"],
]);

/**
 * Stable forms that replace formulas which would overflow: finite, with finite gradients, at z =
 * ±200.
 */
export const stableForms = {
  logSigmoid: pointwise(
    "log_sigmoid",
    "logSigmoid",
    "functional.logsigmoid",
    "log(sigmoid(z)) = -softplus(-z)",
    (z) => functions.neg(functions.softplus(functions.neg(z))),
    ofLogarithm,
    "rises",
  ),
  logOneMinusSigmoid: pointwise(
    "log_one_minus_sigmoid",
    "logOneMinusSigmoid",
    "functional.logsigmoid(-$)",
    "log(1 - sigmoid(z)) = -softplus(z)",
    (z) => functions.neg(functions.softplus(z)),
    ofLogarithm,
    undefined,
  ),
} as const;

export const stableFunctions: ReadonlyMap<string, LossFunction> = new Map(
  Object.values(stableForms).map((form) => [form.name, form]),
);
