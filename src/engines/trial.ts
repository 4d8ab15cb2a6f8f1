/** Runs trial steps on meaningless numbers, to time them. */
import { stream } from "../base/random.js";
import { recordOf } from "../base/record.js";
import type { Timed } from "../contracts/memory.js";
import type { Session } from "../contracts/session.js";
import type { Draws, HostTensor } from "../contracts/tensor.js";
import { sizeOf } from "../graph/graph.js";
import { type Domain, type Model, repetitionsOf } from "../program/model.js";
import { planStep } from "../program/plan.js";

/**
 * Draws uniform numbers in the domain's range, or in [-1, 1] if it is unbounded; classes take
 * turns, and all samples have one share of a schedule.
 */
const noise = ({ kind, shape, range }: Domain, key: string, batch: number): HostTensor => {
  const whole = [batch, ...shape];
  const [low, high] = range.every(Number.isFinite) ? range : [-1, 1];
  const draw = stream(0, `trial/${key}`);
  const size = sizeOf(shape);
  const of = (i: number): number =>
    kind === "labels"
      ? Number(i % size === Math.floor(i / size) % size)
      : low + (high - low) * draw(kind === "scheduled" ? 0 : i);
  return { shape: whole, data: Float32Array.from({ length: batch * size }, (_, i) => of(i)) };
};

/** Makes the draws of a step of the model, always the same. */
export const noiseFor = (
  model: Model,
): { readonly batch: Draws; readonly again: readonly Draws[] } => {
  const draws = planStep(model).draws.flatMap(({ key, domain }) => {
    const found = model.domains.find(({ name }) => name === domain);
    return found === undefined ? [] : [[key, noise(found, key, model.recipe.batch)] as const];
  });
  const batch = recordOf(draws);
  return { batch, again: Array.from({ length: repetitionsOf(model) - 1 }, () => batch) };
};

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

/**
 * Times up to `most` steps within `limit` milliseconds, at least one. Skips the first step, which
 * is slower, unless no time is left. Changes the session's weights.
 */
export const timedSteps = async (
  session: Session,
  model: Model,
  limit: number,
  most = 5,
  now: () => number = () => performance.now(),
): Promise<Timed> => {
  const draws = noiseFor(model);
  const begun = now();
  const times: number[] = [];
  for (let step = 0; step <= most && (step === 0 || now() - begun < limit); step++) {
    const start = now();
    await session.step({ ...draws, rate: 0, step });
    times.push(now() - start);
  }
  const counted = times.length > 1 ? times.slice(1) : times;
  return { step: median(counted.toSorted((a, b) => a - b)), steps: counted.length };
};
