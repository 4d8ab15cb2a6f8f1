/**
 * Functions of losses: what can be done to drawn values and to what networks make of them. Pointwise ones keep the
 * shape; a distance takes two values of one shape, or a value and a constant, to one number for each sample.
 */

export type FunctionKind = "pointwise" | "distance";

export interface LossFunction {
  readonly name: string;
  readonly kind: FunctionKind;
  readonly doc: string;
  /** The function of `ganc/runtime` or of tfjs that computes it. */
  readonly tfjs: string;
}

const pointwise = (name: string, tfjs: string, doc: string): LossFunction => ({
  name,
  kind: "pointwise",
  tfjs,
  doc,
});

export const lossFunctions: ReadonlyMap<string, LossFunction> = new Map(
  [
    pointwise("log", "tf.log", "natural logarithm"),
    pointwise("exp", "tf.exp", "exponential"),
    pointwise("sigmoid", "tf.sigmoid", "1 / (1 + exp(-z))"),
    pointwise("tanh", "tf.tanh", "hyperbolic tangent"),
    pointwise("softplus", "tf.softplus", "log(1 + exp(z)), finite for every z"),
    pointwise("relu", "tf.relu", "max(0, z)"),
    pointwise("abs", "abs", "absolute value; its derivative at 0 is 0"),
    pointwise("square", "tf.square", "z z"),
    pointwise("sqrt", "tf.sqrt", "square root"),
    { name: "l1", kind: "distance" as const, tfjs: "l1", doc: "mean of |a - b| over all elements" },
    {
      name: "l2",
      kind: "distance" as const,
      tfjs: "l2",
      doc: "mean of (a - b)^2 over all elements",
    },
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
  ["params", "params(N): how many numbers the network N learns"],
  [
    "receptive_field",
    "receptive_field(N): side in pixels of the input window that one output position sees",
  ],
  ["shape", "shape(N): (height, width, channels) of what N gives"],
]);

/** What the compiler writes where a loss, as it stands, would overflow: finite, with finite gradients, at z = ±200. */
export const stableForms = {
  logSigmoid: pointwise("log_sigmoid", "logSigmoid", "log(sigmoid(z)) = -softplus(-z)"),
  logOneMinusSigmoid: pointwise(
    "log_one_minus_sigmoid",
    "logOneMinusSigmoid",
    "log(1 - sigmoid(z)) = -softplus(z)",
  ),
} as const;
