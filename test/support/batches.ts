/** Batches for sessions, drawn from a seed: noise will do where only numbers are compared. */
import { stream } from "../../src/base/random.js";
import type { StepInput } from "../../src/contracts/session.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { type Domain, type Model, repetitionsOf } from "../../src/program/model.js";
import { planStep } from "../../src/program/plan.js";

const drawOf = (
  { kind, shape, range: [low, high] }: Domain,
  count: number,
  uniform: (i: number) => number,
): HostTensor => {
  const full = [count, ...shape];
  const size = full.reduce((a, b) => a * b, 1);
  const classes = shape[2];
  const value = (i: number): number => {
    if (kind === "labels")
      return Math.floor(classes * uniform(Math.floor(i / classes))) === i % classes ? 1 : 0;
    return kind === "noise"
      ? 2 * uniform(i) - 1
      : low + (high - low) * uniform(kind === "scheduled" ? 0 : i);
  };
  return { shape: full, data: Float32Array.from({ length: size }, (_, i) => value(i)) };
};

/** One of each draw of a step: images within their range, noise in [-1, 1], labels one-hot. */
export const batchOf = (model: Model, step: number, seed = 5): Record<string, HostTensor> =>
  Object.fromEntries(
    planStep(model).draws.flatMap(({ key, domain }) => {
      const found = model.domains.find(({ name }) => name === domain);
      const uniform = stream(seed, `batch/${key}/${step}`);
      return found === undefined ? [] : [[key, drawOf(found, model.recipe.batch, uniform)]];
    }),
  );

/** Inputs of a network of the model, seeded, one for each of its domains. */
export const samplesOf = (model: Model, domain: string, count = 1, seed = 5): HostTensor => {
  const found = model.domains.find(({ name }) => name === domain);
  if (found === undefined) throw new Error(`there is no domain ${domain}`);
  return drawOf(found, count, stream(seed, `samples/${domain}`));
};
/** What a step takes: a draw for each time that its phases draw. */
export const inputOf = (model: Model, step: number, rate = 1e-3): StepInput => ({
  batch: batchOf(model, step),
  again: Array.from({ length: repetitionsOf(model) - 1 }, (_, k) => batchOf(model, step, 6 + k)),
  rate,
  step,
});

/** The spec with a moving average of its weights. */
export const averaging = (text: string): string =>
  text.replace("train {", "train {\n  average: 0.9");
