/**
 * Compares engines by teacher forcing. Adam turns rounding noise into steps of the size of the
 * learning rate, so parameters that train freely drift apart on any two systems. Here every engine
 * begins each step at the reference's state, and that one step is compared tensor by tensor.
 */
import type { Session } from "../src/contracts/session.js";
import type { HostTensor, State } from "../src/contracts/tensor.js";
import type { Compared, Trajectory } from "./torch/reference.js";

export type Kind = "loss" | "gradient" | "update" | "history";

export interface Difference {
  readonly kind: Kind;
  readonly name: string;
  /** Relative L2 difference at the worst step. */
  readonly relative: number;
  readonly step: number;
}

/** A computed gradient that is 0 by algebra, relative to the gradient of its layer's weights. */
export interface Residue {
  readonly name: string;
  readonly relative: number;
}

export interface Differences {
  /** One for each tensor. */
  readonly tensors: readonly Difference[];
  readonly zeros: readonly Residue[];
}

const length = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
};

const minus = (a: Float32Array, b: Float32Array): Float64Array =>
  Float64Array.from(a, (value, i) => value - (b[i] ?? Number.NaN));

const relativeL2 = (a: HostTensor, reference: HostTensor): number =>
  a.data.length === reference.data.length
    ? length(minus(a.data, reference.data)) / length(reference.data)
    : Number.POSITIVE_INFINITY;

const tensor = (state: State, key: string): HostTensor => {
  const found = state.get(key);
  if (found === undefined) throw new Error(`the state has no ${key}`);
  return found;
};

/** Recovers the gradient from the first moments: m' = beta1 m + (1 - beta1) g. */
const gradientOf = (before: Float32Array, after: Float32Array, beta1: number): Float32Array =>
  after.map((m, i) => (m - beta1 * (before[i] ?? Number.NaN)) / (1 - beta1));

const comparedOf = (before: State, after: State, beta1: number): Compared => {
  const compared = new Map<string, HostTensor>();
  for (const [key, { shape, data }] of after) {
    const name = key.slice(key.indexOf("/") + 1);
    const old = tensor(before, key).data;
    if (key.startsWith("param/"))
      compared.set(`update/${name}`, { shape, data: Float32Array.from(minus(data, old)) });
    if (key.startsWith("adam.m/"))
      compared.set(`gradient/${name}`, { shape, data: gradientOf(old, data, beta1) });
    if (key.startsWith("history/")) compared.set(key, { shape, data });
  }
  return compared;
};

/** Runs the session on each step of the trajectory. Its seed is the trajectory's. */
export const follow = async (
  session: Session,
  { steps, rate, beta1 }: Trajectory,
): Promise<readonly Compared[]> => {
  const results: Compared[] = [];
  for (const { number, before, batch } of steps) {
    await session.setState(before);
    const losses = await session.step({ batch, rate, step: number });
    const compared = new Map(comparedOf(before, await session.getState(), beta1));
    for (const [name, value] of Object.entries(losses))
      compared.set(`loss/${name}`, { shape: [], data: Float32Array.of(value) });
    results.push(compared);
  }
  return results;
};

const weightOf = (parameter: string): string => parameter.replace(/\.bias$/, ".weight");

/**
 * Tells whether a gradient is 0 by algebra, so that float64 leaves only rounding: a bias that a
 * following normalisation removes.
 */
const isZero = (reference: Compared, parameter: string): boolean =>
  length(tensor(reference, `gradient/${parameter}`).data) <
  1e-9 * length(tensor(reference, `gradient/${weightOf(parameter)}`).data);

/** The weights of a state by these names, one after the other. */
const weightsOf = (state: State, parameters: readonly string[]): Float64Array =>
  Float64Array.from(parameters.flatMap((name) => [...tensor(state, `param/${name}`).data]));

/**
 * Runs the session on its own from the trajectory's first state, on its batches. Returns how far
 * its weights are from the reference's after so many steps, as a share of how far these have moved.
 * Biases whose gradient is 0 by algebra are left out: rounding alone moves them, and they have no
 * effect.
 * @param changed what the session begins with in place of the first state
 */
export const wander = async (
  session: Session,
  { steps, rate }: Trajectory,
  after: readonly number[],
  changed: (state: State) => State = (state) => state,
): Promise<readonly number[]> => {
  const first = steps[0]?.before ?? new Map();
  await session.setState(changed(first));
  const parameters = [...first.keys()]
    .filter((key) => key.startsWith("param/"))
    .map((key) => key.slice("param/".length))
    .filter((name) => !isZero(steps[0]?.reference ?? new Map(), name));
  const begun = weightsOf(first, parameters);
  const found: number[] = [];
  for (const [made, { number, batch }] of steps.entries()) {
    if (after.includes(made)) {
      const wanted = weightsOf(steps[made]?.before ?? first, parameters);
      const own = weightsOf(await session.getState(), parameters);
      const moved = length(wanted.map((value, i) => value - (begun[i] ?? Number.NaN)));
      found.push(length(own.map((value, i) => value - (wanted[i] ?? Number.NaN))) / moved);
    }
    await session.step({ batch, rate, step: number });
  }
  return found;
};

const worst = <T extends { readonly name: string; readonly relative: number }>(
  differences: readonly T[],
  key: (difference: T) => string,
): readonly T[] => {
  const byKey = new Map<string, T>();
  for (const difference of differences) {
    const known = byKey.get(key(difference));
    // A NaN is worse than any number.
    if (known === undefined || !(difference.relative <= known.relative))
      byKey.set(key(difference), difference);
  }
  return [...byKey.values()];
};

/**
 * Compares results with the reference.
 * @throws Error if a result lacks a tensor of the reference, or has others
 */
export const differences = ({ steps }: Trajectory, results: readonly Compared[]): Differences => {
  const [tensors, zeros]: [Difference[], Residue[]] = [[], []];
  for (const [step, { reference }] of steps.entries()) {
    const result = results[step] ?? new Map<string, HostTensor>();
    for (const key of result.keys())
      if (!reference.has(key)) throw new Error(`the reference has no ${key}`);
    for (const [key, expected] of reference) {
      const slash = key.indexOf("/");
      const [kind, name] = [key.slice(0, slash) as Kind, key.slice(slash + 1)];
      const found = tensor(result, key);
      if ((kind === "gradient" || kind === "update") && isZero(reference, name)) {
        const weights = tensor(reference, `gradient/${weightOf(name)}`);
        if (kind === "gradient")
          zeros.push({ name, relative: length(found.data) / length(weights.data) });
      } else {
        tensors.push({ kind, name, relative: relativeL2(found, expected), step });
      }
    }
  }
  return {
    tensors: worst(tensors, ({ kind, name }) => `${kind}/${name}`),
    zeros: worst(zeros, ({ name }) => name),
  };
};
