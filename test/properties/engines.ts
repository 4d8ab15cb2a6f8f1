/**
 * Sessions of all engines on one spec, held to the float64 evaluator, step by step from the same
 * state.
 */

import { referenceSession } from "../../bench/reference.js";
import { normals } from "../../src/base/random.js";
import type { Metrics, Session, StepInput } from "../../src/contracts/session.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { startsIn } from "../../src/engines/sessions/starts.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import type { Tensor } from "../../src/graph/operator.js";
import type { Model } from "../../src/program/model.js";
import { inputOf } from "../support/batches.js";

const seed = 5;

export const reference = (model: Model): Promise<Session> =>
  referenceSession(model, { engine: "float64", seed });

/**
 * What rounding to float32 may do to each number of an intermediate value: where the next operator
 * takes a difference of equals and divides by it, as a norm does, this is all that is left.
 */
const rounding = (value: Tensor, k: number): Tensor => {
  const noise = normals(k, "rounding", value.data.length);
  return { ...value, data: value.data.map((x, i) => x * (1 + 1e-7 * (noise[i] ?? 0))) };
};

const roundedReference = (model: Model): Promise<Session> => {
  let k = 0;
  return referenceSession(model, { engine: "float64", seed }, (value) => rounding(value, k++));
};

export const onnx = (model: Model): Promise<Session> =>
  onnxSession(model, { engine: "onnx", seed, open: openProgram });

export const explicit = (model: Model): Promise<Session> =>
  tfjsExplicitSession(model, { engine: "explicit", seed });

export const tape = async (model: Model, module: unknown): Promise<Session> => {
  const { average } = model.recipe;
  const starts = startsIn(model);
  return tfjsSession(module as GeneratedModule, { engine: "tape", seed, starts, average });
};

export interface Stepped {
  readonly metrics: Metrics;
  readonly state: State;
}

const stepFrom = async (session: Session, from: State, input: StepInput): Promise<Stepped> => {
  await session.setState(from);
  const metrics = await session.step(input);
  return { metrics, state: await session.getState() };
};

/** How an entry of the state is compared. */
const kindOf = (name: string): string => name.slice(0, name.indexOf("/"));

/**
 * What an optimizer keeps is gradients and their squares: rounding shows beside the largest of
 * them.
 */
const isSlot = (kind: string): boolean =>
  /^(?:adam|sgd|rmsprop)\.[a-z]$/.test(kind) && !kind.endsWith(".t");

const largest = (values: Iterable<number>): number => {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
};

const largestOf = (state: State, kind: string): number =>
  largest(
    [...state].filter(([name]) => kindOf(name) === kind).flatMap(([, { data }]) => [...data]),
  );

/**
 * By name, how far entries and values of one are from the other's, in units of what is tolerated.
 */
export const distances = (mine: Stepped, other: Stepped): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  const keys = (a: object): string => Object.keys(a).sort().join();
  if (keys(mine.metrics) !== keys(other.metrics)) found.set("metrics by other names", Infinity);
  for (const [label, value] of Object.entries(mine.metrics)) {
    const off = Math.abs((other.metrics[label] ?? Number.NaN) - value);
    found.set(`metric ${label}`, off / (1e-4 * Math.max(1, Math.abs(value))));
  }
  const [a, b] = [mine.state, other.state].map((state) => [...state.keys()].sort().join());
  if (a !== b) found.set("state of other names", Infinity);
  for (const [name, { data }] of mine.state) {
    const theirs = other.state.get(name)?.data ?? [];
    const off =
      data.length === theirs.length ? largest(data.map((x, i) => x - (theirs[i] ?? 0))) : Infinity;
    const isLost = [...theirs].some(Number.isNaN);
    const kind = kindOf(name);
    const unit = isSlot(kind)
      ? 4e-3 * Math.max(largest(data), 1e-2 * largestOf(mine.state, kind), 1e-6)
      : kind === "param" || kind === "average"
        ? // A parameter moves by a few rates at most, whatever becomes of a gradient that is nothing but rounding.
          8e-3
        : 1e-4 * Math.max(1, largest(data));
    found.set(name, isLost ? Infinity : off / unit);
  }
  return found;
};

/**
 * Parameters and draws with noise of a millionth: what moves far by that, and by rounding of all
 * that is computed of them, is no engine's fault.
 */
const shaken = (from: State, input: StepInput, k: number): readonly [State, StepInput] => {
  const noisy = (name: string, { shape, data }: HostTensor): HostTensor => {
    const noise = normals(k, `shake/${name}`, data.length);
    return {
      shape,
      data: data.map((x, i) => x * (1 + 1e-6 * (noise[i] ?? 0)) + 1e-7 * (noise[i] ?? 0)),
    };
  };
  const draws = (batch: StepInput["batch"]): StepInput["batch"] =>
    Object.fromEntries(Object.entries(batch).map(([key, tensor]) => [key, noisy(key, tensor)]));
  const state = new Map(
    [...from].map(([name, tensor]) => [
      name,
      kindOf(name) === "param" ? noisy(name, tensor) : tensor,
    ]),
  );
  return [state, { ...input, batch: draws(input.batch), again: (input.again ?? []).map(draws) }];
};

const notFinite = (label: string, { metrics, state }: Stepped): readonly string[] => [
  ...Object.entries(metrics)
    .filter(([, value]) => !Number.isFinite(value))
    .map(([name, value]) => `${label}: ${name} is ${value}`),
  ...[...state]
    .filter(([, { data }]) => data.some((x) => !Number.isFinite(x)))
    .map(([name]) => `${label}: ${name} is not finite`),
];

/** How many noisy steps say how far rounding may carry a value. */
const shakes = 4;

/** What is wrong, and nothing where every engine computes what float64 does. */
export const disagreements = async (
  model: Model,
  engines: Readonly<Record<string, Session>>,
  steps: number,
): Promise<readonly string[]> => {
  const exact = await reference(model);
  const rough = await roundedReference(model);
  const exactFrom = (from: State, input: StepInput): Promise<Stepped> =>
    stepFrom(exact, from, input);
  const problems: string[] = [];
  let state = await exact.getState();
  for (let step = 0; step < steps; step++) {
    const from = state;
    const input = inputOf(model, step);
    const right = await exactFrom(from, input);
    problems.push(...notFinite("float64", right));
    for (const [label, session] of Object.entries(engines)) {
      const found = await stepFrom(session, from, input);
      const far = [...distances(right, found)].filter(([, distance]) => !(distance < 1));
      if (far.length === 0) continue;
      const spread = new Map<string, number>();
      for (let k = 0; k < shakes; k++) {
        const [at, noisy] = shaken(from, input, k);
        // Noise may leave where a value can lie, as below the 0 of a root: that says nothing.
        for (const [name, distance] of distances(right, await stepFrom(rough, at, noisy)))
          if (Number.isFinite(distance))
            spread.set(name, Math.max(distance, spread.get(name) ?? 0));
      }
      for (const [name, distance] of far)
        if (!(distance < 1 + 10 * (spread.get(name) ?? 0)))
          problems.push(
            `${label}, step ${step}: ${name} is off by ${distance.toPrecision(3)} tolerances, and by ${(spread.get(name) ?? 0).toPrecision(3)} where float64 is shaken`,
          );
    }
    state = right.state;
  }
  exact.dispose();
  rough.dispose();
  return problems;
};
