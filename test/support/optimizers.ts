/**
 * What PyTorch's optimizers do to one number, update by update, from the documentation of
 * torch.optim in plain loops: https://pytorch.org/docs/stable/generated/torch.optim.Adam.html,
 * …AdamW.html, …SGD.html, …RMSprop.html.
 */
type Options = Readonly<Record<string, number>>;

/** The parameter after each of the gradients. */
type Rule = (start: number, gradients: readonly number[], rate: number, o: Options) => number[];

const of = (options: Options, name: string): number => options[name] as number;

const adam: Rule = (start, gradients, rate, o) => {
  let [p, m, v] = [start, 0, 0];
  return gradients.map((g, i) => {
    const t = i + 1;
    m = of(o, "beta1") * m + (1 - of(o, "beta1")) * g;
    v = of(o, "beta2") * v + (1 - of(o, "beta2")) * g * g;
    const mean = m / (1 - of(o, "beta1") ** t);
    const square = v / (1 - of(o, "beta2") ** t);
    p -= (rate * mean) / (Math.sqrt(square) + of(o, "epsilon"));
    return p;
  });
};

const adamw: Rule = (start, gradients, rate, o) => {
  let [p, m, v] = [start, 0, 0];
  return gradients.map((g, i) => {
    const t = i + 1;
    p -= rate * of(o, "decay") * p;
    m = of(o, "beta1") * m + (1 - of(o, "beta1")) * g;
    v = of(o, "beta2") * v + (1 - of(o, "beta2")) * g * g;
    const mean = m / (1 - of(o, "beta1") ** t);
    const square = v / (1 - of(o, "beta2") ** t);
    p -= (rate * mean) / (Math.sqrt(square) + of(o, "epsilon"));
    return p;
  });
};

const sgd: Rule = (start, gradients, rate, o) => {
  let [p, b] = [start, 0];
  return gradients.map((g, i) => {
    b = i === 0 ? g : of(o, "momentum") * b + g;
    p -= rate * b;
    return p;
  });
};

const rmsprop: Rule = (start, gradients, rate, o) => {
  let [p, v] = [start, 0];
  return gradients.map((g) => {
    v = of(o, "decay") * v + (1 - of(o, "decay")) * g * g;
    p -= (rate * g) / (Math.sqrt(v) + of(o, "epsilon"));
    return p;
  });
};

export interface OptimizerCase {
  readonly name: string;
  readonly rule: Rule;
  readonly options: Options;
}

export const optimizerCases: readonly OptimizerCase[] = [
  { name: "adam", rule: adam, options: { beta1: 0.5, beta2: 0.9, epsilon: 0.1 } },
  { name: "adam", rule: adam, options: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } },
  { name: "adamw", rule: adamw, options: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.5 } },
  { name: "adamw", rule: adamw, options: { beta1: 0.5, beta2: 0.9, epsilon: 0.1, decay: 0.01 } },
  { name: "adamw", rule: adamw, options: { beta1: 0.5, beta2: 0.9, epsilon: 0.1, decay: 0 } },
  { name: "sgd", rule: sgd, options: { momentum: 0 } },
  { name: "sgd", rule: sgd, options: { momentum: 0.9 } },
  { name: "rmsprop", rule: rmsprop, options: { decay: 0.9, epsilon: 1e-8 } },
  { name: "rmsprop", rule: rmsprop, options: { decay: 0.5, epsilon: 0.1 } },
];

export const start = 0.3;
/** Of either sign, zero among them, and not as one size. */
export const gradients: readonly number[] = [0.5, -0.25, 0, 2, -1, 0.125];
