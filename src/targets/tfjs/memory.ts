/**
 * Writes the memory that a run carries from step to step, and the code that moves it and the
 * networks.
 */

import { impossible } from "../../base/impossible.js";
import { clippings } from "../../operators/clippings.js";
import { optimizers } from "../../operators/optimizers.js";
import type { OptimizerChoice } from "../../program/model.js";
import { dividedIn, statisticsIn } from "../written/kept.js";
import { layout, object } from "./layout.js";
import { comment, type Module } from "./module.js";
import { keyOf } from "./names.js";
import { appliedIn, type Plan, type Plans } from "./plans.js";

/** `new Adam({ beta1: 0.5, beta2: 0.999, epsilon: 1e-8 })` */
const optimizer = (module: Module, { kind, options }: OptimizerChoice): string => {
  const entry = optimizers.get(kind) ?? impossible(`${kind} is no optimizer`);
  const fields = entry.options
    .filter(({ name }) => name !== "rate")
    .map(({ name }) => `${name}: ${options[name]}`);
  return `new ${module.runtime(entry.tfjs)}({ ${fields.join(", ")} })`;
};

/** The function that makes a memory, and its type. */
export const memory = (module: Module, { step }: Plans): string => {
  const { recipe, networks } = module.model;
  const histories = step.histories.map(
    ({ key, size }) => `${JSON.stringify(key)}: new ${module.runtime("ImageHistory")}(${size})`,
  );
  const own = Object.entries(recipe.optimizers).map(
    ([network, choice]) => `    ${keyOf(network)}: ${optimizer(module, choice)},`,
  );
  const isCommon = networks.some(({ name }) => recipe.optimizers[name] === undefined);
  const what =
    own.length === 0 && recipe.optimizer.kind === "adam"
      ? "Adam's moments"
      : "what optimizers keep";
  return [
    comment([
      `What a run carries from step to step beside the networks: ${what}, and the image histories.`,
    ]),
    "export const memory = () => ({",
    ...(isCommon ? [`  optimizer: ${optimizer(module, recipe.optimizer)},`] : []),
    ...(own.length > 0
      ? ["  /** Of networks that have their own. */", "  optimizers: {", ...own, "  },"]
      : []),
    `  histories: ${layout(object(histories), { column: 13, depth: 1 })},`,
    "});",
    "",
    "export type Memory = ReturnType<typeof memory>;",
  ].join("\n");
};

const listed = (nets: readonly string[]): string => `[${nets.map((n) => `nets.${n}`).join(", ")}]`;

/** Power iteration, at the weights that the players were differentiated at. */
export const powerSteps = (module: Module, plans: readonly Plan[]): readonly string[] => {
  const nets = dividedIn(module.model, plans.flatMap(appliedIn));
  return nets.length === 0 ? [] : [`    ${module.runtime("powerStep")}(${listed(nets)});`];
};

/** The running statistics, by what the players' applications have seen of a batch. */
export const statisticMoves = (module: Module, plans: readonly Plan[]): readonly string[] => {
  const { moved } = statisticsIn(module.model, plans.flatMap(appliedIn));
  return moved.length === 0 ? [] : [`${module.runtime("moveStatistics")}(${listed(moved)});`];
};

/**
 * The moves of a player's networks: together where they share the optimizer, each where it has its
 * own.
 */
export const updates = (module: Module, { player }: Plan, result: string): readonly string[] => {
  const { optimizers: owns, optimizer: common } = module.model.recipe;
  const update = (of: string, nets: readonly string[], rate: string): string =>
    `    memory.${of}.update(${listed(nets)}, ${bounded(module, nets, `${result}.gradients`)}, ${rate});`;
  // `rate` is that of the recipe's `optimizer`; others fall with it.
  const rateOf = ({ rate }: OptimizerChoice): string =>
    rate === common.rate ? "rate" : `${rate} * (rate / ${common.rate})`;
  const shared = player.networks.filter((name) => owns[name] === undefined);
  const own = player.networks.flatMap((name) => {
    const choice = owns[name];
    return choice === undefined ? [] : [update(`optimizers.${name}`, [name], rateOf(choice))];
  });
  return [
    ...(shared.length > 0 ? [update("optimizer", shared, "rate")] : []),
    ...own,
    ...clips(module, player.networks),
  ];
};

/** Gradients within the bounds of the recipe: networks of one bound together. */
const bounded = (module: Module, networks: readonly string[], gradients: string): string => {
  const { clipGradient } = module.model.recipe;
  const groups = new Map<string, string[]>();
  for (const name of networks) {
    const choice = clipGradient[name];
    if (choice === undefined) continue;
    const { tfjs, options } =
      clippings.get(choice.kind) ?? impossible(`no clipping ${choice.kind}`);
    const values = options.map((option) => `, ${choice.options[option.name]}`).join("");
    const key = JSON.stringify([tfjs, values]);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].reduce((inner, [key, nets]) => {
    const [tfjs, values] = JSON.parse(key) as [string, string];
    return `${module.runtime(tfjs)}(${listed(nets)}, ${inner}${values})`;
  }, gradients);
};

const clips = (module: Module, networks: readonly string[]): readonly string[] => {
  const { clip } = module.model.recipe;
  const bounds = [...new Set(networks.flatMap((name) => clip[name] ?? []))];
  return bounds.map((bound) => {
    const nets = networks.filter((name) => clip[name] === bound);
    return `    ${module.runtime("clip")}(${listed(nets)}, ${bound});`;
  });
};
