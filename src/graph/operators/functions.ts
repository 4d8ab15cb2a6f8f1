/** Functions of single numbers. */
import { right } from "fp-ts/lib/Either.js";
import { make } from "../build.js";
import type { Attributes, Node, Shape } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { div, mul, sub } from "./arithmetic.js";
import * as onnx from "./onnx/functions.js";
import { numberOf, type One } from "./rules.js";
import { constant } from "./sources.js";

/** The gradient for x, given x, the value y, and the gradient dy for y; absent where none flows. */
type Derivative = (x: Node, y: Node, dy: Node) => (() => Node) | undefined;

const elementwise = (
  name: string,
  doc: string,
  attributes: Operator["attributes"],
  f: (x: number, attributes: Attributes) => number,
  derivative: Derivative,
  lowering: Operator["onnx"],
): Operator => ({
  name,
  doc,
  attributes,
  extent: "elementwise",
  arity: 1,
  shape: (inputs) => right((inputs as One<Shape>)[0]),
  vjp: (node, dy) => [derivative((node.inputs as One<Node>)[0], node, dy)],
  evaluate: (inputs, given) => (inputs as One<Tensor>)[0].data.map((x) => f(x, given)),
  onnx: lowering,
});

const none: Derivative = () => undefined;

export const negOperator = elementwise(
  "neg",
  "-x.",
  {},
  (x) => -x,
  (_x, _y, dy) => () => neg(dy),
  onnx.neg,
);
export const neg = (x: Node): Node => make(negOperator, [x]);

const expOperator = elementwise(
  "exp",
  "e^x.",
  {},
  Math.exp,
  (_x, y, dy) => () => mul(dy, y),
  onnx.exp,
);
export const exp = (x: Node): Node => make(expOperator, [x]);

const logOperator = elementwise(
  "log",
  "The natural logarithm.",
  {},
  Math.log,
  (x, _y, dy) => () => div(dy, x),
  onnx.log,
);
export const log = (x: Node): Node => make(logOperator, [x]);

const tanhOperator = elementwise(
  "tanh",
  "The hyperbolic tangent.",
  {},
  Math.tanh,
  (_x, y, dy) => () => mul(dy, sub(constant(1), mul(y, y))),
  onnx.tanh,
);
export const tanh = (x: Node): Node => make(tanhOperator, [x]);

const sinOperator = elementwise(
  "sin",
  "The sine of x, in radians.",
  {},
  Math.sin,
  (x, _y, dy) => () => mul(dy, cos(x)),
  onnx.sin,
);
export const sin = (x: Node): Node => make(sinOperator, [x]);

const cosOperator = elementwise(
  "cos",
  "The cosine of x, in radians.",
  {},
  Math.cos,
  (x, _y, dy) => () => neg(mul(dy, sin(x))),
  onnx.cos,
);
export const cos = (x: Node): Node => make(cosOperator, [x]);

/** Uses whichever of two equal forms has an exponential that cannot overflow. */
const logistic = (x: number): number =>
  x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));

const sigmoidOperator = elementwise(
  "sigmoid",
  "1 / (1 + e^-x), finite for every x.",
  {},
  logistic,
  (_x, y, dy) => () => mul(dy, sub(y, mul(y, y))),
  onnx.sigmoid,
);
export const sigmoid = (x: Node): Node => make(sigmoidOperator, [x]);

const softplusOperator = elementwise(
  "softplus",
  "log(1 + e^x), finite for every x.",
  {},
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (x, _y, dy) => () => mul(dy, sigmoid(x)),
  onnx.softplus,
);
export const softplus = (x: Node): Node => make(softplusOperator, [x]);

const absOperator = elementwise(
  "abs",
  "|x|. Its derivative at 0 is 0.",
  {},
  Math.abs,
  (x, _y, dy) => () => mul(dy, sign(x)),
  onnx.abs,
);
export const abs = (x: Node): Node => make(absOperator, [x]);

const signOperator = elementwise("sign", "-1, 0 or 1.", {}, Math.sign, none, onnx.sign);
export const sign = (x: Node): Node => make(signOperator, [x]);

const powerOperator = elementwise(
  "power",
  "x^exponent; where the exponent is no whole number, x must not be negative.",
  { exponent: "number" },
  (x, attributes) => x ** numberOf(attributes, "exponent"),
  (x, y, dy) => {
    const exponent = numberOf(y.attributes, "exponent");
    // 0 times x^-1 would not be a number at x = 0
    if (exponent === 0) return undefined;
    return () => mul(dy, mul(constant(exponent), power(x, exponent - 1)));
  },
  onnx.power,
);
export const power = (x: Node, exponent: number): Node => make(powerOperator, [x], { exponent });

const slope = { slope: "number" } as const;

const leakyReluOperator = elementwise(
  "leaky_relu",
  "x where x > 0, else slope x. Its derivative at 0 is the slope.",
  slope,
  (x, attributes) => (x > 0 ? x : numberOf(attributes, "slope") * x),
  (x, y, dy) => () => mul(dy, leakyStep(x, numberOf(y.attributes, "slope"))),
  onnx.leakyRelu,
);
/** x where x > 0, else slope x; slope 0 is relu. */
export const leakyRelu = (x: Node, slope: number): Node => make(leakyReluOperator, [x], { slope });

export const leakyStepOperator = elementwise(
  "leaky_step",
  "1 where x > 0, else slope: the derivative of leaky_relu.",
  slope,
  (x, attributes) => (x > 0 ? 1 : numberOf(attributes, "slope")),
  none,
  onnx.leakyStep,
);
/** 1 where x > 0, else slope. */
export const leakyStep = (x: Node, slope: number): Node => make(leakyStepOperator, [x], { slope });

const clampOperator = elementwise(
  "clamp",
  "x, or the end of [low, high] that it is beyond. Its derivative is 1 inside and 0 at the ends and beyond.",
  { low: "number", high: "number" },
  (x, attributes) =>
    Math.min(numberOf(attributes, "high"), Math.max(numberOf(attributes, "low"), x)),
  (x, y, dy) => () => {
    const above = leakyStep(sub(x, constant(numberOf(y.attributes, "low"))), 0);
    const below = leakyStep(sub(constant(numberOf(y.attributes, "high")), x), 0);
    return mul(dy, mul(above, below));
  },
  onnx.clamp,
);
/** x kept in [low, high]. */
export const clamp = (x: Node, low: number, high: number): Node =>
  make(clampOperator, [x], { low, high });

const stopOperator: Operator = {
  ...elementwise(
    "stop",
    "x itself, taken as a constant by differentiation.",
    {},
    (x) => x,
    none,
    onnx.stop,
  ),
  view: "always",
};
/** x, through which no gradient passes. */
export const stop = (x: Node): Node => make(stopOperator, [x]);

export const functions: readonly Operator[] = [
  negOperator,
  expOperator,
  logOperator,
  tanhOperator,
  sinOperator,
  cosOperator,
  sigmoidOperator,
  softplusOperator,
  absOperator,
  signOperator,
  powerOperator,
  leakyReluOperator,
  leakyStepOperator,
  clampOperator,
  stopOperator,
];
