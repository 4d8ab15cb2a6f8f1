/**
 * What the host keeps for a training program from the graph, whichever engine runs it: image histories, how many updates
 * each network has had, and from both what a step is fed beside its weights and moments.
 */
import { normals } from "../base/random.js";
import { type Graph, inputName, sizeOf } from "../graph/graph.js";
import * as names from "../lowering/names.js";
import type { Model, Network } from "../model/model.js";
import { planStep } from "../model/plan.js";
import { chances, decayAt } from "./draws.js";
import { HostHistory } from "./history.js";
import type { HostTensor, Metrics, State, StepInput } from "./session.js";

const scalar = (value: number): HostTensor => ({ shape: [], data: Float32Array.of(value) });

const parametersOf = (model: Model) => model.networks.flatMap((network) => network.parameters);

/** The tensors that a step replaces, with their canonical shapes: parameters, moments, averages. */
export const tensorsOf = (model: Model): ReadonlyMap<string, readonly number[]> => {
  const averaged = model.recipe.average > 0;
  return new Map(
    parametersOf(model).flatMap(({ name, shape }) =>
      [
        names.parameterName(name),
        names.firstMoment(name),
        names.secondMoment(name),
        ...(averaged ? [names.averageName(name)] : []),
      ].map((entry) => [entry, shape] as const),
    ),
  );
};

/** The weights at the start, from the seed's streams `init/<parameter>`; all else begins as zeros. */
export function* weightsOf(
  { networks, recipe }: Model,
  seed: number,
): Generator<readonly [string, Float32Array]> {
  const { mean, std } = recipe.init;
  for (const { name, shape } of networks.flatMap((network) => network.parameters))
    if (!name.endsWith(".bias"))
      yield [names.parameterName(name), normals(seed, `init/${name}`, sizeOf(shape), mean, std)];
}

/** @throws Error where there is no such network */
export const networkOf = (model: Model, name: string): Network => {
  const found = model.networks.find((network) => network.name === name);
  if (found === undefined) throw new Error(`there is no network ${name}`);
  return found;
};

/** For each weight that a translation is fed, the tensor that it is: the weight itself, or its average. */
export const translationWeights = (
  { recipe }: Model,
  { parameters }: Network,
): readonly (readonly [input: string, tensor: string])[] => {
  const source = recipe.average > 0 ? names.averageName : names.parameterName;
  return parameters.map(({ name }) => [names.parameterName(name), source(name)]);
};

export class Bookkeeping {
  /** Updates that each network has had. */
  private readonly updates: Map<string, number>;
  private readonly histories: ReadonlyMap<string, HostHistory>;
  /** Inputs of the program: what it folded away is not fed. */
  private readonly inputs: ReadonlySet<string>;

  constructor(
    private readonly model: Model,
    private readonly seed: number,
    step: Graph,
  ) {
    const shapes = new Map(step.inputs.map((node) => [inputName(node), node.shape]));
    this.inputs = new Set(shapes.keys());
    this.updates = new Map(model.networks.map(({ name }) => [name, 0]));
    this.histories = new Map(
      planStep(model).histories.map(({ key, size }) => [
        key,
        new HostHistory(shapes.get(names.recalledName(key)) ?? [], size),
      ]),
    );
  }

  /** Whether the program reads an input of that name. */
  reads(name: string): boolean {
    return this.inputs.has(name);
  }

  /** What a step is fed beside the state. */
  feeds({ batch, rate, step }: StepInput): readonly (readonly [string, HostTensor])[] {
    const draws = Object.entries(batch).map(([domain, t]) => [names.batchName(domain), t] as const);
    const { average } = this.model.recipe;
    const decay = average > 0 ? [[names.decayName, scalar(decayAt(average, step))] as const] : [];
    return [...draws, ...this.rates(rate), ...this.recalled(step), ...decay].filter(([name]) =>
      this.reads(name),
    );
  }

  /** Adam's corrections, folded into the rate and epsilon as in runtime/adam.ts. */
  private *rates(rate: number): Generator<readonly [string, HostTensor]> {
    const { beta1, beta2, epsilon } = this.model.recipe.optimizer;
    for (const [network, count] of this.updates) {
      const root = Math.sqrt(1 - beta2 ** (count + 1));
      yield [names.rateName(network), scalar((rate * root) / (1 - beta1 ** (count + 1)))];
      yield [names.epsilonName(network), scalar(epsilon * root)];
    }
  }

  private *recalled(step: number): Generator<readonly [string, HostTensor]> {
    const chance = chances(this.seed, step);
    for (const [key, history] of this.histories) {
      const { recalled, recall } = history.choose((slot) => chance(key, slot));
      yield [names.recalledName(key), recalled];
      yield [names.recallName(key), recall];
    }
  }

  /** After a step, whose outputs `read` gives on the host: keeps what was made. */
  async stepped(read: (output: string) => Promise<Float32Array>): Promise<void> {
    for (const [network, count] of this.updates) this.updates.set(network, count + 1);
    for (const [key, history] of this.histories) history.store(await read(names.madeName(key)));
  }

  /** The canonical state, of which `read` gives the tensors on the host. */
  async getState(read: (tensor: string) => Promise<HostTensor>): Promise<State> {
    const state = new Map<string, HostTensor>();
    for (const name of tensorsOf(this.model).keys())
      if (!name.startsWith("adam.")) state.set(name, await read(name));
    for (const { name: network, parameters } of this.model.networks) {
      const count = this.updates.get(network) ?? 0;
      // Before its first update a network has no moments.
      if (count === 0) continue;
      for (const { name } of parameters)
        for (const moment of [names.firstMoment(name), names.secondMoment(name)])
          state.set(moment, await read(moment));
      state.set(`adam.t/${network}`, scalar(count));
    }
    for (const [key, history] of this.histories)
      history.getState().forEach((images, slot) => {
        state.set(`history/${key}/${slot}`, images);
      });
    return state;
  }

  /**
   * Takes the state: `write` is given each tensor's numbers, zeros for moments that the state has none of.
   * @throws Error where a weight is missing or of another size
   */
  setState(state: State, write: (tensor: string, data: Float32Array) => void): void {
    for (const [name, shape] of tensorsOf(this.model)) {
      const given = state.get(name)?.data;
      if (given === undefined && !name.startsWith("adam."))
        throw new Error(`the state has no ${name}`);
      const data = given ?? new Float32Array(sizeOf(shape));
      if (data.length !== sizeOf(shape))
        throw new Error(`${name} holds ${sizeOf(shape)} numbers, not ${data.length}`);
      write(name, data);
    }
    for (const { name } of this.model.networks)
      this.updates.set(name, state.get(`adam.t/${name}`)?.data[0] ?? 0);
    for (const [key, history] of this.histories) history.setState(slotsOf(state, key));
  }
}

/** The images of one history, by batch slot. */
const slotsOf = (state: State, key: string): readonly HostTensor[] => {
  const slots: HostTensor[] = [];
  for (let slot = 0; ; slot++) {
    const images = state.get(`history/${key}/${slot}`);
    if (images === undefined) return slots;
    slots.push(images);
  }
};

const metric = names.metricName("");

/** Whether an output is a value that the step reports. */
export const isMetric = (output: string): boolean => output.startsWith(metric);

/** What a step reports, from its outputs by name. */
export const metricsOf = (outputs: Iterable<readonly [string, number]>): Metrics =>
  Object.fromEntries(
    [...outputs]
      .filter(([name]) => isMetric(name))
      .map(([name, value]) => [name.slice(metric.length), value]),
  );
