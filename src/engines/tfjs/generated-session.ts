/** The tfjs engine: a generated module as a session. */

import * as tf from "@tensorflow/tfjs";
import { recordOf } from "../../base/record.js";
import type { Metrics, Session, StepInput } from "../../contracts/session.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import {
  type Chance,
  type ImageHistory,
  type Optimizer,
  parameters,
  toHost,
} from "../../runtime/index.js";
import { buffers, setValue } from "../../runtime/parameters.js";
import { drawsFor } from "../sessions/bookkeeping.js";
import { chances, decayAt } from "../sessions/draws.js";
import { type Start, startValues } from "../sessions/starts.js";

type Networks = Readonly<Record<string, tf.LayersModel>>;

interface Memory {
  /** For networks without one of their own. */
  readonly optimizer?: Optimizer;
  /** By network. */
  readonly optimizers?: Readonly<Record<string, Optimizer>>;
  readonly histories: Readonly<Record<string, ImageHistory>>;
}

type DrawTensors = Readonly<Record<string, tf.Tensor>>;

/**
 * The step of a module. It takes one draw and its chances or, for a game in phases, those of the
 * k-th repetition, and where a phase runs in some steps only the number of the step, from 0.
 */
type StepOf<D, C> = (
  nets: Networks,
  memory: Memory,
  draws: D,
  rate: number,
  chance: C,
  count: number,
) => Readonly<Record<string, tf.Scalar>>;

/** The exports of every module that `ganc compile` writes. */
export type GeneratedModule = {
  /** Domain of each draw: `{ x: "X" }`. */
  readonly domains: Readonly<Record<string, string>>;
  networks(): Networks;
  memory(): Memory;
} & (
  | {
      readonly repetitions?: undefined;
      readonly accumulate?: undefined;
      readonly step: StepOf<DrawTensors, Chance>;
    }
  | {
      /** Number of draws in a step, if its phases are repeated. */
      readonly repetitions?: number;
      /** Batches of an update, if there are several: each repetition draws as often. */
      readonly accumulate?: number;
      readonly step: StepOf<(k: number) => DrawTensors, (k: number) => Chance>;
    }
);

/** Tells whether a step draws once. */
const isSimple = (
  module: GeneratedModule,
): module is GeneratedModule & { readonly step: StepOf<DrawTensors, Chance> } =>
  module.repetitions === undefined && module.accumulate === undefined;

export interface TfjsOptions {
  /** For example `tfjs on tensorflow 2.21`. */
  readonly engine: string;
  readonly seed: number;
  /** How all weights and buffers begin. */
  readonly starts: readonly Start[];
  /**
   * Decay for each step of the weights' moving average, which `translate` uses; 0 for the weights
   * themselves.
   */
  readonly average?: number;
}

const variables = (nets: Networks): ReadonlyMap<string, tf.Variable> =>
  new Map(Object.values(nets).flatMap((net) => [...parameters(net)]));

const kept = (nets: Networks): ReadonlyMap<string, tf.Variable> =>
  new Map(Object.values(nets).flatMap((net) => [...buffers(net)]));

/**
 * Disposes networks through their variables: tfjs would dispose a nested network once more for each
 * that contains it.
 */
const disposeNetworks = (nets: Networks): void => {
  for (const variable of [...variables(nets).values(), ...kept(nets).values()]) variable.dispose();
};

/** Reads all values in one transfer, since a transfer waits for the device. */
const readScalars = async (scalars: Readonly<Record<string, tf.Scalar>>): Promise<Metrics> => {
  const names = Object.keys(scalars);
  const stacked = tf.stack(Object.values(scalars));
  tf.dispose(Object.values(scalars));
  const values = await stacked.data();
  stacked.dispose();
  return recordOf(names.map((name, i) => [name, values[i] ?? Number.NaN]));
};

/** Lists optimizers with their networks; the common one has none. */
const optimizersIn = ({
  optimizer,
  optimizers = {},
}: Memory): readonly (readonly [network: string | undefined, Optimizer])[] => [
  ...(optimizer === undefined ? [] : [[undefined, optimizer] as const]),
  ...Object.entries(optimizers),
];

/** Filters the state to the networks of one optimizer. */
const stateFor = (state: State, { optimizers = {} }: Memory, network: string | undefined): State =>
  new Map(
    [...state].filter(([key]) => {
      const [of = ""] = key.slice(key.indexOf("/") + 1).split(".");
      return network === undefined ? !Object.hasOwn(optimizers, of) : of === network;
    }),
  );

const historyState = async (
  histories: Memory["histories"],
): Promise<readonly (readonly [string, HostTensor])[]> => {
  const entries: [string, HostTensor][] = [];
  for (const [name, history] of Object.entries(histories)) {
    const slots = await history.getState();
    slots.forEach((images, slot) => {
      entries.push([`history/${name}/${slot}`, images]);
    });
  }
  return entries;
};

/** Collects the images of one history, by slot. */
const slotsOf = (state: State, name: string): readonly HostTensor[] => {
  const slots: HostTensor[] = [];
  for (let slot = 0; ; slot++) {
    const images = state.get(`history/${name}/${slot}`);
    if (images === undefined) return slots;
    slots.push(images);
  }
};

/**
 * An exponential moving average of all weights, which circle around it as the players answer each
 * other.
 */
class MovingAverage {
  readonly variables: ReadonlyMap<string, tf.Variable>;
  private readonly sources: ReadonlyMap<string, tf.Variable>;

  constructor(
    readonly nets: Networks,
    private readonly followed: Networks,
    private readonly decay: number,
  ) {
    this.variables = variables(nets);
    this.sources = variables(followed);
  }

  /**
   * Updates the average after step `step`, from 0, at which it begins. Early steps average over
   * fewer than the decay's window.
   */
  follow(step: number): void {
    const decay = decayAt(this.decay, step);
    tf.tidy(() => {
      for (const [name, average] of this.variables) {
        const now = this.sources.get(name);
        if (now !== undefined)
          average.assign(tf.add(tf.mul(average, decay), tf.mul(now, 1 - decay)));
      }
    });
  }

  /** Copies what is not learnt, which is not averaged. */
  keep(): void {
    const now = kept(this.followed);
    for (const [name, own] of kept(this.nets)) own.assign(now.get(name) ?? own);
  }

  dispose(): void {
    disposeNetworks(this.nets);
  }
}

/**
 * Opens a session on the current tfjs backend. Weights are drawn from the seed's streams
 * `init/<parameter>`.
 */
export const tfjsSession = (
  module: GeneratedModule,
  { engine, seed, starts, average = 0 }: TfjsOptions,
): Session => {
  const nets = module.networks();
  const memory = module.memory();
  const draws = Object.entries(module.domains);
  const begun = new Map([...variables(nets), ...kept(nets)]);
  for (const start of starts) {
    const variable = begun.get(start.name.slice(start.name.indexOf("/") + 1));
    if (variable !== undefined) setValue(variable, startValues(start, seed));
  }
  const averaged = average > 0 ? new MovingAverage(module.networks(), nets, average) : undefined;

  const step = async (input: StepInput): Promise<Metrics> => {
    const { rate, step: number } = input;
    const tensorsOf = (k: number): DrawTensors => {
      const batch = drawsFor(input, k);
      const inputs = draws.map(([draw, domain]) => {
        const host = batch[domain];
        if (host === undefined)
          throw new Error(`the step draws from ${domain}, and the batch has none of it`);
        return [draw, tf.tensor(host.data, [...host.shape])] as const;
      });
      return recordOf(inputs);
    };
    const parts = module.accumulate ?? 1;
    const chance = (k: number): Chance =>
      chances(seed, number, Math.floor(k / parts), { part: k % parts, parts });
    const scalars = tf.tidy(() => ({
      ...(isSimple(module)
        ? module.step(nets, memory, tensorsOf(0), rate, chance(0), number)
        : module.step(nets, memory, tensorsOf, rate, chance, number)),
    }));
    averaged?.follow(number);
    return readScalars(scalars);
  };

  const translate = async (network: string, inputs: readonly HostTensor[]): Promise<HostTensor> => {
    const net = (averaged?.nets ?? nets)[network];
    if (net === undefined) throw new Error(`there is no network ${network}`);
    averaged?.keep();
    const output = tf.tidy(() => {
      const xs = inputs.map(({ data, shape }) => tf.tensor(data, [...shape]));
      return net.apply(xs.length === 1 ? (xs[0] ?? xs) : xs) as tf.Tensor;
    });
    const host = await toHost(output);
    output.dispose();
    return host;
  };

  const getState = async (): Promise<State> => {
    const state = new Map<string, HostTensor>();
    for (const [name, variable] of variables(nets))
      state.set(`param/${name}`, await toHost(variable));
    for (const [name, u] of kept(nets)) state.set(`buffer/${name}`, await toHost(u));
    for (const [name, variable] of averaged?.variables ?? [])
      state.set(`average/${name}`, await toHost(variable));
    for (const [, optimizer] of optimizersIn(memory))
      for (const [name, tensor] of await optimizer.getState()) state.set(name, tensor);
    for (const [name, images] of await historyState(memory.histories)) state.set(name, images);
    return state;
  };

  const setState = async (state: State): Promise<void> => {
    const set = (key: string, variable: tf.Variable): void => {
      const tensor = state.get(key);
      if (tensor === undefined) throw new Error(`the state has no ${key}`);
      setValue(variable, tensor.data);
    };
    for (const [name, variable] of variables(nets)) set(`param/${name}`, variable);
    for (const [name, u] of kept(nets)) set(`buffer/${name}`, u);
    for (const [name, variable] of averaged?.variables ?? []) set(`average/${name}`, variable);
    for (const [network, optimizer] of optimizersIn(memory))
      optimizer.setState(stateFor(state, memory, network));
    for (const [name, history] of Object.entries(memory.histories))
      history.setState(slotsOf(state, name));
  };

  const dispose = (): void => {
    for (const [, optimizer] of optimizersIn(memory)) optimizer.dispose();
    for (const history of Object.values(memory.histories)) history.dispose();
    disposeNetworks(nets);
    averaged?.dispose();
  };

  return { engine, step, translate, getState, setState, dispose };
};
