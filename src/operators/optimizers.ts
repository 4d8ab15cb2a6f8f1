/**
 * The optimizers: one entry each holds everything that the compiler knows of it: options, what it
 * keeps for each parameter, one update as a graph, the class of the runtime that makes it, and its
 * documentation. Formulas are PyTorch's.
 */
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add, div, mul, sub } from "../graph/operators/arithmetic.js";
import { power } from "../graph/operators/functions.js";
import { constant } from "../graph/operators/sources.js";
import { decays } from "../parameters/decay.js";
import { number, type Options, real, type Signature } from "./signature.js";

/** Inputs of one update. */
export interface Before {
  readonly parameter: Node;
  /** Gradient of the minimised objective. */
  readonly gradient: Node;
  /** Values in the order of `slots`. */
  readonly slots: readonly Node[];
  /** Values in the order of `scalars`. */
  readonly scalars: readonly Node[];
}

/** Results of one update. */
export interface After {
  readonly parameter: Node;
  readonly slots: readonly Node[];
}

export interface Optimizer {
  readonly name: string;
  /** Name that people know it by. */
  readonly title: string;
  /** `rate` is among them. */
  readonly options: Signature;
  readonly doc: string;
  /**
   * Tensors kept for each parameter, of its shape, zeros at first: the state has them as
   * `adam.m/<param>`.
   */
  readonly slots: readonly string[];
  /** Whether it keeps them, with these options. */
  readonly keeps: (options: Options) => boolean;
  /** Numbers that the host computes for each network and update, `adam.rate/<net>` in a program. */
  readonly scalars: readonly string[];
  /** Their values in the t-th update, from 1, at a learning rate. */
  readonly values: (options: Options, rate: number, t: number) => readonly number[];
  readonly update: (before: Before, options: Options) => After;
  /** The runtime's class; its constructor takes all options but the rate, its `update` the rate. */
  readonly tfjs: string;
  /** PyTorch's class, and its names of the options and of the slots. */
  readonly torch: {
    readonly of: string;
    readonly named: Readonly<Record<string, string>>;
    readonly slots: readonly string[];
    /** Arguments that are always the same. */
    readonly fixed?: string;
    /** What of the target's library groups the parameters of a network, by an option. */
    readonly grouped?: { readonly by: string; readonly option: string };
  };
}

const positive = { least: 0, open: true } as const;
const decay = { least: 0, most: 0.999999 } as const;

/**
 * Makes the rate option of an optimizer that divides by the size of gradients: it moves each weight
 * by about the rate, whatever the loss.
 */
const rate = (value: number) =>
  real("rate", "learning rate before the schedule", {
    ...positive,
    usual: {
      least: 1e-8,
      most: 0.1,
      value,
      why: "Each step moves every weight by about the rate, and weights begin at about 0.02: much more throws them about, much less leaves them where they are.",
    },
  });

/** Makes the epsilon option. At 1 and more it undoes the division. */
const epsilon = (doc: string) =>
  real("epsilon", doc, {
    defaultValue: 1e-8,
    ...positive,
    usual: {
      most: 1,
      value: 1e-8,
      why: "Gradients are mostly smaller than this, and no longer divided by their size: steps are as small as if the rate were divided by it.",
    },
  });

const slot = (nodes: readonly Node[], i: number): Node =>
  nodes[i] ?? impossible("an optimizer reads what it does not keep");

/** a <- a + (1 - stays)(b - a) */
const towards = (a: Node, b: Node, stays: number): Node =>
  add(a, mul(sub(b, a), constant(1 - stays)));

const adamOptions: Signature = [
  rate(2e-4),
  real("beta1", "decay of the mean of gradients", {
    defaultValue: 0.9,
    ...decay,
    usual: {
      most: 0.99,
      value: 0.5,
      why: "The mean is then over hundreds of steps, in which the other players have become others: the game swings.",
    },
  }),
  real("beta2", "decay of the mean of their squares", {
    defaultValue: 0.999,
    ...decay,
    usual: {
      least: 0.5,
      value: 0.999,
      why: "The mean is then over the last step or two, so that the size of each step is left to chance. `beta1` stands before `beta2`.",
    },
  }),
  epsilon("added to the root of the second mean"),
];

const adam: Optimizer = {
  name: "adam",
  title: "Adam",
  options: adamOptions,
  doc: "Adam, Kingma and Ba 2015",
  slots: ["adam.m", "adam.v"],
  keeps: () => true,
  scalars: ["adam.rate", "adam.epsilon"],
  // The corrections of the moments are folded into the rate and epsilon: they depend on how many
  // updates there were.
  values: (o, now, t) => {
    const root = Math.sqrt(1 - number(o, "beta2") ** t);
    return [(now * root) / (1 - number(o, "beta1") ** t), number(o, "epsilon") * root];
  },
  /**
   * m <- m + (1 - beta1)(g - m), v <- v + (1 - beta2)(g^2 - v), p <- p - rate m / (sqrt(v) +
   * epsilon).
   */
  update: ({ parameter, gradient, slots, scalars }, o) => {
    const first = towards(slot(slots, 0), gradient, number(o, "beta1"));
    const second = towards(slot(slots, 1), power(gradient, 2), number(o, "beta2"));
    const direction = div(first, add(power(second, 0.5), slot(scalars, 1)));
    return {
      parameter: sub(parameter, mul(direction, slot(scalars, 0))),
      slots: [first, second],
    };
  },
  tfjs: "Adam",
  torch: {
    of: "optim.Adam",
    named: { beta1: "betas", beta2: "betas", epsilon: "eps" },
    slots: ["exp_avg", "exp_avg_sq"],
    fixed: "fused=True",
  },
};

const adamw: Optimizer = {
  ...adam,
  name: "adamw",
  title: "AdamW",
  options: [
    ...adamOptions,
    real("decay", "share of the rate by which each update shrinks weights", {
      defaultValue: 0.01,
      least: 0,
      usual: {
        most: 10,
        value: 0.01,
        why: "Each update multiplies every weight by 1 - rate decay: much more pulls all of them to 0, whatever the gradients say.",
      },
    }),
  ],
  doc: "Adam with weight decay apart from the gradients, Loshchilov and Hutter 2019; biases and the scales and shifts of norms do not decay",
  slots: ["adamw.m", "adamw.v"],
  scalars: ["adamw.rate", "adamw.epsilon", "adamw.decay"],
  values: (o, now, t) => [...adam.values(o, now, t), now * number(o, "decay")],
  /** p <- (1 - rate decay) p of weights, and then Adam's. */
  update: (before, o) => {
    const { parameter, scalars } = before;
    const shrunk = decays(parameter.shape)
      ? mul(parameter, sub(constant(1), slot(scalars, 2)))
      : parameter;
    return adam.update({ ...before, parameter: shrunk }, o);
  },
  tfjs: "AdamW",
  torch: { ...adam.torch, of: "optim.AdamW", grouped: { by: "decayed", option: "decay" } },
};

const sgd: Optimizer = {
  name: "sgd",
  title: "SGD",
  options: [
    real("rate", "learning rate before the schedule", {
      ...positive,
      usual: {
        least: 1e-9,
        most: 10,
        value: 0.01,
        why: "Each step moves every weight by the rate times its gradient: much more throws the weights about, much less leaves them where they are.",
      },
    }),
    real("momentum", "how much of the last direction stays", {
      defaultValue: 0,
      ...decay,
      usual: {
        most: 0.999,
        value: 0.9,
        why: "Directions of thousands of steps add up, and the weights run past every good place.",
      },
    }),
  ],
  doc: "gradient descent, with momentum where it is asked for",
  slots: ["sgd.b"],
  keeps: (o) => number(o, "momentum") !== 0,
  scalars: ["sgd.rate"],
  values: (_, now) => [now],
  /** b <- momentum b + g, p <- p - rate b; without momentum b is g. */
  update: ({ parameter, gradient, slots, scalars }, o) => {
    const [last] = slots;
    const direction =
      last === undefined ? gradient : add(mul(last, constant(number(o, "momentum"))), gradient);
    return {
      parameter: sub(parameter, mul(direction, slot(scalars, 0))),
      slots: last === undefined ? [] : [direction],
    };
  },
  tfjs: "Sgd",
  torch: { of: "optim.SGD", named: { momentum: "momentum" }, slots: ["momentum_buffer"] },
};

const rmsprop: Optimizer = {
  name: "rmsprop",
  title: "RMSprop",
  options: [
    rate(5e-5),
    real("decay", "decay of the mean of squared gradients", { defaultValue: 0.9, ...decay }),
    epsilon("added to the root of that mean"),
  ],
  doc: "RMSprop, Tieleman and Hinton 2012",
  slots: ["rmsprop.v"],
  keeps: () => true,
  scalars: ["rmsprop.rate"],
  values: (_, now) => [now],
  /** v <- v + (1 - decay)(g^2 - v), p <- p - rate g / (sqrt(v) + epsilon). */
  update: ({ parameter, gradient, slots, scalars }, o) => {
    const square = towards(slot(slots, 0), power(gradient, 2), number(o, "decay"));
    const root = add(power(square, 0.5), constant(number(o, "epsilon")));
    return {
      parameter: sub(parameter, mul(div(gradient, root), slot(scalars, 0))),
      slots: [square],
    };
  },
  tfjs: "RmsProp",
  torch: { of: "optim.RMSprop", named: { decay: "alpha", epsilon: "eps" }, slots: ["square_avg"] },
};

export const optimizers: ReadonlyMap<string, Optimizer> = new Map(
  [adam, adamw, sgd, rmsprop].map((optimizer) => [optimizer.name, optimizer]),
);

/** Every slot that some optimizer keeps: `adam.m`. */
export const slotNames: ReadonlySet<string> = new Set(
  [...optimizers.values()].flatMap(({ slots }) => slots),
);
