/**
 * The tfjs engine with forward and backward code of its own: the step of the graph, one kernel after the other, every
 * intermediate disposed after its last use. The tape of session.ts keeps them all to the end of the step.
 */
import * as tf from "@tensorflow/tfjs";
import { impossible } from "../../base/impossible.js";
import { normals } from "../../base/random.js";
import { inputName, sizeOf } from "../../graph/graph.js";
import { heldPasses, objectivePasses, stepPasses } from "../../graph/passes/index.js";
import * as names from "../../lowering/names.js";
import { stepProgram, translateProgram } from "../../lowering/programs.js";
import type { Model, Network } from "../../model/model.js";
import { planStep } from "../../model/plan.js";
import { toHost } from "../../runtime/index.js";
import { chances, decayAt } from "../draws.js";
import { HostHistory } from "../history.js";
import type { HostTensor, Metrics, Session, State, StepInput } from "../session.js";
import { type Executable, executable } from "./execute.js";

export interface ExplicitOptions {
  /** For example `tfjs on tensorflow 2.21`. */
  readonly engine: string;
  readonly seed: number;
  /** Leaves out the passes that round otherwise. Default: true, for on libtensorflow they gain little and take half as much memory again. */
  readonly exact?: boolean;
}

/**
 * All but the batching of a network's applications: TensorFlow computes three images no faster than one after the
 * other, each can be let go before the next begins, and its fused normalisation is of one image.
 */
const passes: readonly string[] = [...objectivePasses, ...stepPasses, ...heldPasses]
  .map(({ name }) => name)
  .filter((name) => name !== "batch");

const parametersOf = (model: Model) => model.networks.flatMap((network) => network.parameters);

/** The shapes of the state, by name; histories are the host's. */
const shapesOf = (model: Model): ReadonlyMap<string, readonly number[]> => {
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

/** A tensor that outlives every tidy. */
const uploaded = ({ data, shape }: HostTensor): tf.Tensor =>
  tf.keep(tf.tensor(data, [...shape], "float32"));

/** All values in one transfer: a transfer waits for the device. */
const readScalars = async (scalars: readonly tf.Tensor[]): Promise<ArrayLike<number>> => {
  if (scalars.length === 0) return [];
  const stacked = tf.stack([...scalars]);
  const values = await stacked.data();
  stacked.dispose();
  return values;
};

class ExplicitSession implements Session {
  readonly engine: string;
  private readonly shapes: ReadonlyMap<string, readonly number[]>;
  private readonly state = new Map<string, tf.Tensor>();
  /** Updates that each network has had. */
  private readonly updates: Map<string, number>;
  private readonly histories: ReadonlyMap<string, HostHistory>;
  private readonly program: Executable;
  private readonly translators = new Map<string, Executable>();
  /** Inputs of the program: what it folded away is not fed. */
  private readonly inputs: ReadonlySet<string>;
  private readonly exact: boolean;

  constructor(
    private readonly model: Model,
    private readonly options: ExplicitOptions,
  ) {
    this.engine = options.engine;
    this.exact = options.exact ?? true;
    const graph = stepProgram(model, { exact: this.exact, only: passes });
    this.shapes = shapesOf(model);
    // The old state is given up as the new one is made: it is never there twice.
    this.program = executable(
      graph,
      (name) => !this.shapes.has(name) || graph.outputs.has(names.nextName(name)),
    );
    this.inputs = new Set(graph.inputs.map(inputName));
    const shapes = new Map(graph.inputs.map((node) => [inputName(node), node.shape]));
    this.histories = new Map(
      planStep(model).histories.map(({ key, size }) => [
        key,
        new HostHistory(shapes.get(names.recalledName(key)) ?? [], size),
      ]),
    );
    this.updates = new Map(model.networks.map(({ name }) => [name, 0]));
    this.initialise();
  }

  private initialise(): void {
    const { mean, std } = this.model.recipe.init;
    const weights = new Map(
      parametersOf(this.model)
        .filter(({ name }) => !name.endsWith(".bias"))
        .map(({ name, shape }) => [
          names.parameterName(name),
          normals(this.options.seed, `init/${name}`, sizeOf(shape), mean, std),
        ]),
    );
    for (const [name, shape] of this.shapes)
      this.set(name, { shape, data: weights.get(name) ?? new Float32Array(sizeOf(shape)) });
  }

  private set(name: string, value: HostTensor): void {
    this.state.get(name)?.dispose();
    this.state.set(name, uploaded(value));
  }

  private get(name: string): tf.Tensor {
    return this.state.get(name) ?? impossible(`the state has no ${name}`);
  }

  /** Adam's corrections, folded into the rate and epsilon as in runtime/adam.ts. */
  private *rates(rate: number): Generator<readonly [string, HostTensor]> {
    const { beta1, beta2, epsilon } = this.model.recipe.optimizer;
    const scalar = (value: number) => ({ shape: [], data: Float32Array.of(value) });
    for (const [network, count] of this.updates) {
      const root = Math.sqrt(1 - beta2 ** (count + 1));
      yield [names.rateName(network), scalar((rate * root) / (1 - beta1 ** (count + 1)))];
      yield [names.epsilonName(network), scalar(epsilon * root)];
    }
  }

  /** What the host gives to a step, beside the state. */
  private *given({ batch, rate, step }: StepInput): Generator<readonly [string, HostTensor]> {
    for (const [domain, images] of Object.entries(batch)) yield [names.batchName(domain), images];
    yield* this.rates(rate);
    const chance = chances(this.options.seed, step);
    for (const [key, history] of this.histories) {
      const { recalled, recall } = history.choose((slot) => chance(key, slot));
      yield [names.recalledName(key), recalled];
      yield [names.recallName(key), recall];
    }
    const { average } = this.model.recipe;
    if (average > 0)
      yield [names.decayName, { shape: [], data: Float32Array.of(decayAt(average, step)) }];
  }

  async step(input: StepInput): Promise<Metrics> {
    const own = [...this.given(input)].filter(([name]) => this.inputs.has(name));
    const feeds = new Map([
      ...[...this.state].filter(([name]) => this.inputs.has(name)),
      ...own.map(([name, tensor]) => [name, uploaded(tensor)] as const),
    ]);
    const outputs = new Map(this.program.run(feeds));
    for (const name of this.shapes.keys()) {
      const next = outputs.get(names.nextName(name));
      if (next === undefined) continue;
      this.state.set(name, tf.keep(next));
      outputs.delete(names.nextName(name));
    }
    for (const [network, count] of this.updates) this.updates.set(network, count + 1);
    const metrics = await this.report(outputs);
    tf.dispose([...outputs.values()]);
    return metrics;
  }

  /** Puts what was made into the histories, and reads the values. */
  private async report(outputs: ReadonlyMap<string, tf.Tensor>): Promise<Metrics> {
    for (const [key, history] of this.histories) {
      const made = outputs.get(names.madeName(key)) ?? impossible(`${key} is not made`);
      history.store((await toHost(made)).data);
    }
    const prefix = names.metricName("");
    const metrics = [...outputs].filter(([name]) => name.startsWith(prefix));
    const values = await readScalars(metrics.map(([, value]) => value));
    return Object.fromEntries(
      metrics.map(([name], i) => [name.slice(prefix.length), values[i] ?? Number.NaN]),
    );
  }

  private translator(network: Network, count: number): Executable {
    const key = `${network.name} ${count}`;
    const known =
      this.translators.get(key) ??
      executable(
        translateProgram(network, count, { exact: this.exact, only: passes }),
        (name) => name === names.imagesName,
      );
    this.translators.set(key, known);
    return known;
  }

  async translate(name: string, images: HostTensor): Promise<HostTensor> {
    const network = this.model.networks.find((n) => n.name === name);
    if (network === undefined) throw new Error(`there is no network ${name}`);
    const source = this.model.recipe.average > 0 ? names.averageName : names.parameterName;
    const weights = network.parameters.map(
      (p) => [names.parameterName(p.name), this.get(source(p.name))] as const,
    );
    const program = this.translator(network, images.shape[0] ?? 1);
    const outputs = program.run(new Map([...weights, [names.imagesName, uploaded(images)]]));
    const made = outputs.get(names.translatedName) ?? impossible("nothing is translated");
    const host = await toHost(made);
    made.dispose();
    return host;
  }

  async getState(): Promise<State> {
    const state = new Map<string, HostTensor>();
    const copy = async (name: string): Promise<void> => {
      state.set(name, await toHost(this.get(name)));
    };
    for (const name of this.shapes.keys()) if (!name.startsWith("adam.")) await copy(name);
    for (const { name: network, parameters } of this.model.networks) {
      const count = this.updates.get(network) ?? 0;
      // Before its first update a network has no moments.
      if (count === 0) continue;
      for (const { name } of parameters)
        for (const moment of [names.firstMoment, names.secondMoment]) await copy(moment(name));
      state.set(`adam.t/${network}`, { shape: [], data: Float32Array.of(count) });
    }
    for (const [key, history] of this.histories)
      history.getState().forEach((images, slot) => {
        state.set(`history/${key}/${slot}`, images);
      });
    return state;
  }

  async setState(state: State): Promise<void> {
    for (const [name, shape] of this.shapes) {
      const tensor = state.get(name);
      if (tensor === undefined && !name.startsWith("adam."))
        throw new Error(`the state has no ${name}`);
      const data = tensor?.data ?? new Float32Array(sizeOf(shape));
      if (data.length !== sizeOf(shape))
        throw new Error(`${name} holds ${sizeOf(shape)} numbers, not ${data.length}`);
      this.set(name, { shape, data });
    }
    for (const { name } of this.model.networks)
      this.updates.set(name, state.get(`adam.t/${name}`)?.data[0] ?? 0);
    for (const [key, history] of this.histories) {
      const slots: HostTensor[] = [];
      for (let slot = 0; ; slot++) {
        const images = state.get(`history/${key}/${slot}`);
        if (images === undefined) break;
        slots.push(images);
      }
      history.setState(slots);
    }
  }

  dispose(): void {
    tf.dispose([...this.state.values()]);
    this.state.clear();
    this.program.dispose();
    for (const translator of this.translators.values()) translator.dispose();
  }
}

/**
 * A session on the backend that tfjs has now; weights are drawn from the seed's streams `init/<parameter>`. A step that
 * fails halfway leaves a state that is only good for being replaced.
 */
export const tfjsExplicitSession = async (
  model: Model,
  options: ExplicitOptions,
): Promise<Session> => new ExplicitSession(model, options);
