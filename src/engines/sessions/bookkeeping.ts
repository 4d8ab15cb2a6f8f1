/**
 * The state that the host keeps for a training program, whichever engine runs it: image histories
 * and the networks' update counts; and from both, the feeds of a step besides its weights and
 * moments.
 */

import { impossible } from "../../base/impossible.js";
import { recordOf } from "../../base/record.js";
import type { Metrics, StepInput } from "../../contracts/session.js";
import type { Draws, HostTensor, State } from "../../contracts/tensor.js";
import { type Graph, inputName, sizeOf } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import { optimizers, slotNames } from "../../operators/optimizers.js";
import { type Model, type Network, optimizerOf, rateOf, runsIn } from "../../program/model.js";
import { planStep, type StepPlan } from "../../program/plan.js";
import { chances, chosenPlaces, decayAt, maskOf } from "./draws.js";
import { HostHistory } from "./history.js";
import { weightsOf } from "./starts.js";
import { type StateForm, stateFault } from "./state-fit.js";

const scalar = (value: number): HostTensor => ({ shape: [], data: Float32Array.of(value) });

/** Returns a network's optimizer from the table, with the recipe's options. */
const moverOf = (model: Model, network: string) => {
  const { kind, options } = optimizerOf(model.recipe, network);
  const optimizer = optimizers.get(kind) ?? impossible(`${kind} is no optimizer`);
  return { optimizer, options, slots: optimizer.keeps(options) ? optimizer.slots : [] };
};

const isTrained = ({ players }: Model, network: string): boolean =>
  players.some(({ networks }) => networks.includes(network));

/**
 * Lists the tensors that a step replaces, with canonical shapes: parameters, optimizer slots,
 * averages.
 */
export const tensorsOf = (model: Model): ReadonlyMap<string, readonly number[]> => {
  const averaged = model.recipe.average > 0;
  return new Map(
    model.networks.flatMap((network) => {
      const slots = isTrained(model, network.name) ? moverOf(model, network.name).slots : [];
      const parameters = network.parameters.flatMap(({ name, shape }) =>
        [
          names.parameterName(name),
          ...slots.map((slot) => names.slotName(slot, name)),
          ...(averaged ? [names.averageName(name)] : []),
        ].map((entry) => [entry, shape] as const),
      );
      const buffers = network.buffers.map(
        ({ name, shape }) => [names.bufferName(name), shape] as const,
      );
      return [...parameters, ...buffers];
    }),
  );
};

/**
 * Tells whether an entry of the state is an optimizer slot, which is absent before the first
 * update.
 */
const isSlot = (name: string): boolean => slotNames.has(name.slice(0, name.indexOf("/")));

/** Returns the state's name for the number of a network's updates. */
const countName = (model: Model, network: string): string =>
  `${optimizerOf(model.recipe, network).kind}.t/${network}`;

/** One run of a program of the step. */
export interface Run {
  readonly phase: number;
  /** Index among the programs of the step. */
  readonly program: number;
  /** Whether it computes gradients: it draws, reports, and stores images in histories. */
  readonly computes: boolean;
  /** Whether it updates weights. */
  readonly moves: boolean;
  /** Index of its batch within the update, from 0. */
  readonly part: number;
  /** Index of the phase's repetition, from 0. */
  readonly repetition: number;
  /** Whether it ends the step. */
  readonly last: boolean;
}

type Place = Pick<Run, "phase" | "repetition" | "last">;

/**
 * Lists the runs of one update: a single run or, for accumulated gradients, one for each batch and
 * one that updates.
 */
const updateOf = (place: Place, parts: number): readonly Run[] => {
  const { phase } = place;
  if (parts === 1) return [{ ...place, program: phase, computes: true, moves: true, part: 0 }];
  const batches = Array.from({ length: parts }, (_, part): Run => {
    const computed = { program: 2 * phase, computes: true, moves: false, part };
    return { ...place, ...computed, last: false };
  });
  return [...batches, { ...place, program: 2 * phase + 1, computes: false, moves: true, part: 0 }];
};

/** Lists the runs of a step, counted from 0, in order. The last phase is in every step. */
export const runsOf = (
  { phases, recipe }: Pick<Model, "phases" | "recipe">,
  step: number,
): readonly Run[] =>
  phases.flatMap((of, phase) =>
    Array.from({ length: runsIn(of, step) ? of.times : 0 }, (_, repetition): Place => {
      const last = phase === phases.length - 1 && repetition === of.times - 1;
      return { phase, repetition, last };
    }).flatMap((place) => updateOf(place, recipe.accumulate)),
  );

/**
 * Lists the sums of gradients over the batches of an update, by name. They exist only during the
 * update.
 */
export const sumsOf = (model: Model): ReadonlyMap<string, readonly number[]> =>
  new Map(
    model.recipe.accumulate === 1
      ? []
      : model.networks
          .filter(({ name }) => isTrained(model, name))
          .flatMap(({ parameters }) => parameters)
          .map(({ name, shape }) => [names.gradientName(name), shape]),
  );

/**
 * Adds a run's report to the step's: the mean over the batches of an update; for a repeated phase,
 * the last repetition.
 */
export const withReport = (
  metrics: Metrics,
  reported: Metrics,
  { part }: Pick<Run, "part">,
  parts: number,
): Metrics => {
  const shares = Object.entries(reported).map(([name, value]) => {
    const before = part === 0 ? 0 : (metrics[name] ?? 0);
    return [name, before + value / parts] as const;
  });
  return { ...metrics, ...recordOf(shares) };
};

/**
 * Finds a network.
 * @throws Error if there is none of that name
 */
export const networkOf = (model: Model, name: string): Network => {
  const found = model.networks.find((network) => network.name === name);
  if (found === undefined) throw new Error(`there is no network ${name}`);
  return found;
};

/** Pairs each weight input of a translation with its tensor: the weight itself, or its average. */
export const translationWeights = (
  { recipe }: Model,
  { reads, buffers }: Network,
): readonly (readonly [input: string, tensor: string])[] => {
  const source = recipe.average > 0 ? names.averageName : names.parameterName;
  return [
    ...reads.map(({ name }) => [names.parameterName(name), source(name)] as const),
    ...buffers.map(({ name }) => [names.bufferName(name), names.bufferName(name)] as const),
  ];
};

export class Bookkeeping {
  /** Number of updates of each network. */
  private readonly updates: Map<string, number>;
  private readonly histories: ReadonlyMap<string, HostHistory>;
  /** Dropout masks of each program, with their shapes. */
  private readonly drawn: readonly (readonly (readonly [string, readonly number[]])[])[];
  /** Inputs of each program. Inputs that were folded away are not fed. */
  private readonly inputs: readonly ReadonlySet<string>[];
  private readonly plan: StepPlan;
  private readonly shapes: ReadonlyMap<string, readonly number[]>;

  /**
   * Prepares the bookkeeping.
   * @param programs those of the step, in order
   */
  constructor(
    private readonly model: Model,
    private readonly seed: number,
    programs: readonly Graph[],
  ) {
    this.shapes = new Map(
      programs.flatMap(({ inputs }) => inputs.map((node) => [inputName(node), node.shape])),
    );
    this.drawn = programs.map(({ inputs }) =>
      inputs
        .map((node) => [inputName(node), node.shape] as const)
        .filter(([name]) => name.startsWith(names.maskName(""))),
    );
    this.inputs = programs.map(({ inputs }) => new Set(inputs.map(inputName)));
    this.updates = new Map(
      model.phases
        .flatMap(({ players }) => players)
        .flatMap(({ networks }) => networks)
        .map((name) => [name, 0]),
    );
    this.plan = planStep(model);
    // Found by what was made: if nothing depends on a recalled image, no program takes it.
    const made = new Map(programs.flatMap(({ outputs }) => [...outputs]));
    this.histories = new Map(
      this.plan.histories.map(({ key, size }) => [
        key,
        new HostHistory(made.get(names.madeName(key))?.shape ?? [], size, this.parts),
      ]),
    );
  }

  /**
   * Lists the random streams of weights, histories, masks and places; `<…>` stands for a counter or
   * a name in the model.
   */
  streams(): readonly string[] {
    const owned = this.model.networks.some(
      ({ parameters, buffers }) => parameters.length + buffers.length > 0,
    );
    const masks = this.drawn.flat().map(([name]) => name);
    const places = this.inputs.flatMap((inputs) =>
      [...inputs].flatMap((name) => {
        const size = name.slice(0, name.lastIndexOf("/"));
        return names.placesFor(name) === undefined ? [] : [`${size}/<step>/<repetition>`];
      }),
    );
    const histories = [...this.histories.keys()].map((key) => `history/${key}/<slot>`);
    return [
      ...new Set([...(owned ? ["init/<parameter>"] : []), ...histories, ...masks, ...places]),
    ];
  }

  private get parts(): number {
    return this.model.recipe.accumulate;
  }

  /** Tells whether a program of the step reads an input of that name. */
  reads(program: number, name: string): boolean {
    return this.inputs[program]?.has(name) === true;
  }

  /**
   * Returns the feeds of a run besides the state.
   * @throws Error if the step has fewer draws than repetitions
   */
  feeds(input: StepInput, run: Run): readonly (readonly [string, HostTensor])[] {
    const { rate, step } = input;
    const drawn = run.computes ? drawsFor(input, run.repetition * this.parts + run.part) : {};
    const draws = Object.entries(drawn).map(([domain, t]) => [names.batchName(domain), t] as const);
    return [
      ...draws,
      ...this.rates(run.phase, rate),
      ...this.recalled(step, run),
      ...this.places(step, run),
      ...this.decay(step, run),
      ...this.masks(step, run),
    ].filter(([name]) => this.reads(run.program, name));
  }

  /**
   * Draws the dropout masks: one stream for each application and layer, of which a step uses a
   * range.
   */
  private *masks(
    step: number,
    { program, repetition, part }: Run,
  ): Generator<readonly [string, HostTensor]> {
    const of = { part, parts: this.parts };
    for (const [name, shape] of this.drawn[program] ?? [])
      yield [name, { shape, data: maskOf(this.seed, name, sizeOf(shape), step, repetition, of) }];
  }

  /** Returns the decay of the average, which moves once a step, at its end. */
  private decay(step: number, { last }: Run): readonly (readonly [string, HostTensor])[] {
    const { average } = this.model.recipe;
    if (average === 0) return [];
    return [[names.decayName, scalar(last ? decayAt(average, step) : 1)]];
  }

  private trained(phase: number): readonly string[] {
    return (this.model.phases[phase]?.players ?? []).flatMap(({ networks }) => networks);
  }

  private *rates(phase: number, rate: number): Generator<readonly [string, HostTensor]> {
    for (const network of this.trained(phase)) {
      const { optimizer, options } = moverOf(this.model, network);
      const count = this.updates.get(network) ?? 0;
      const values = optimizer.values(options, rateOf(this.model.recipe, network, rate), count + 1);
      for (const [i, name] of optimizer.scalars.entries())
        yield [names.scalarName(name, network), scalar(values[i] ?? Number.NaN)];
    }
  }

  /** Returns the histories of a phase, which advance with each of its runs. */
  private historiesOf(phase: number): readonly (readonly [string, HostHistory])[] {
    const keys = (this.plan.phases[phase]?.histories ?? []).map(({ key }) => key);
    return [...this.histories].filter(([key]) => keys.includes(key));
  }

  /** Draws the places that functions read, equal for all values of one size. */
  private *places(step: number, { program, repetition }: Run): Generator<[string, HostTensor]> {
    for (const name of this.inputs[program] ?? []) {
      const places = names.placesFor(name);
      if (places === undefined) continue;
      const [count = 0] = this.shapes.get(name) ?? [];
      const data = chosenPlaces(this.seed, name, { count, places }, step, repetition);
      yield [name, { shape: [count], data }];
    }
  }

  private *recalled(step: number, run: Run): Generator<readonly [string, HostTensor]> {
    if (!run.computes) return;
    const chance = chances(this.seed, step, run.repetition);
    for (const [key, history] of this.historiesOf(run.phase)) {
      const { recalled, recall } = history.choose(chance.recall(key), run.part);
      yield [names.recalledName(key), recalled];
      yield [names.recallName(key), recall];
    }
  }

  /** Stores made images after a run, whose outputs `read` returns on the host. */
  async stepped(
    { phase, computes, moves }: Run,
    read: (output: string) => Promise<Float32Array>,
  ): Promise<void> {
    if (moves)
      for (const network of this.trained(phase))
        this.updates.set(network, (this.updates.get(network) ?? 0) + 1);
    if (computes)
      for (const [key, history] of this.historiesOf(phase))
        history.store(await read(names.madeName(key)));
  }

  /** Returns the canonical state; `read` returns its tensors on the host. */
  async getState(read: (tensor: string) => Promise<HostTensor>): Promise<State> {
    const state = new Map<string, HostTensor>();
    for (const name of tensorsOf(this.model).keys())
      if (!isSlot(name)) state.set(name, await read(name));
    for (const { name: network, parameters } of this.model.networks) {
      const count = this.updates.get(network) ?? 0;
      // Before its first update a network has no moments.
      if (count === 0) continue;
      const { slots } = moverOf(this.model, network);
      for (const { name } of parameters)
        for (const slot of slots.map((each) => names.slotName(each, name)))
          state.set(slot, await read(slot));
      state.set(countName(this.model, network), scalar(count));
    }
    for (const [key, history] of this.histories)
      history.getState().forEach((images, slot) => {
        state.set(`history/${key}/${slot}`, images);
      });
    return state;
  }

  /** Describes the entries of the canonical state. */
  form(): StateForm {
    return {
      tensors: tensorsOf(this.model),
      updated: this.model.networks.map(({ name: network, parameters }) => ({
        count: countName(this.model, network),
        slots: moverOf(this.model, network).slots.flatMap((slot) =>
          parameters.map(({ name }) => names.slotName(slot, name)),
        ),
      })),
      histories: [...this.histories].map(([key, { shape, capacity }]) => ({
        key,
        shape,
        capacity,
      })),
    };
  }

  /**
   * Sets the state. `write` receives each tensor's numbers, zeros for moments before the first
   * update.
   * @throws Error if the state does not fit this program, before anything is written
   */
  setState(state: State, write: (tensor: string, data: Float32Array) => void): void {
    const fault = stateFault(this.form(), state);
    if (fault !== undefined) throw new Error(`it ${fault}`);
    for (const [name, shape] of tensorsOf(this.model))
      write(name, state.get(name)?.data ?? new Float32Array(sizeOf(shape)));
    for (const name of this.updates.keys())
      this.updates.set(name, state.get(countName(this.model, name))?.data[0] ?? 0);
    for (const [key, history] of this.histories) history.setState(slotsOf(state, key));
  }
}

/** Makes the initial state: the seed's weights, and zeros. */
export const firstState = (model: Model, books: Bookkeeping, seed: number): Promise<State> => {
  const shapes = tensorsOf(model);
  const weights = new Map(weightsOf(model, seed));
  return books.getState(async (name): Promise<HostTensor> => {
    const shape = shapes.get(name) ?? impossible(`the state has no ${name}`);
    return { shape, data: weights.get(name) ?? new Float32Array(sizeOf(shape)) };
  });
};

/**
 * Returns the draws of a repetition.
 * @throws Error if the step has no such draws
 */
export const drawsFor = ({ batch, again = [] }: StepInput, repetition: number): Draws => {
  const draws = repetition === 0 ? batch : again[repetition - 1];
  if (draws === undefined)
    throw new Error(`the step draws ${repetition + 1} times, and was given ${1 + again.length}`);
  return draws;
};

/** Collects the images of one history, by batch slot. */
const slotsOf = (state: State, key: string): readonly HostTensor[] => {
  const slots: HostTensor[] = [];
  for (let slot = 0; ; slot++) {
    const images = state.get(`history/${key}/${slot}`);
    if (images === undefined) return slots;
    slots.push(images);
  }
};

const metric = names.metricName("");

/** Tells whether an output is a reported value. */
export const isMetric = (output: string): boolean => output.startsWith(metric);

/** Collects a step's metrics from its outputs. */
export const metricsOf = (outputs: Iterable<readonly [string, number]>): Metrics =>
  recordOf(
    [...outputs]
      .filter(([name]) => isMetric(name))
      .map(([name, value]) => [name.slice(metric.length), value]),
  );
