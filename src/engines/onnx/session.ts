/** The onnx engine: a whole training step, forward, backward and update, is one run of one ONNX graph. */
import { normals } from "../../base/random.js";
import { type Graph, inputName, sizeOf } from "../../graph/graph.js";
import type { PassOptions } from "../../graph/passes/index.js";
import * as names from "../../lowering/names.js";
import { type HeldProgram, heldStepProgram, translateProgram } from "../../lowering/programs.js";
import type { Model, Network } from "../../model/model.js";
import { planStep } from "../../model/plan.js";
import { onnxModel } from "../../targets/onnx/model-file.js";
import { chances, decayAt } from "../draws.js";
import { HostHistory } from "../history.js";
import type { HostTensor, Metrics, Session, State, StepInput } from "../session.js";
import { Buffers } from "./buffers.js";
import type { Program, ProgramOptions } from "./runtime.js";

export interface GraphOptions {
  /** For example `ONNX Runtime 1.30 (CPU)`. */
  readonly engine: string;
  readonly seed: number;
  /** Which passes run; all of them by default. */
  readonly passes?: PassOptions;
}

/** Makes a program of the graph runnable. */
type Load = (graph: Graph) => Promise<Program>;

export interface OnnxOptions extends GraphOptions {
  /** Makes a program runnable. */
  readonly open: (model: Uint8Array, options?: ProgramOptions) => Promise<Program>;
}

const scalar = (value: number): HostTensor => ({ shape: [], data: Float32Array.of(value) });

const parametersOf = (model: Model) => model.networks.flatMap((network) => network.parameters);

const stateOf = (model: Model, held: HeldProgram["held"]): Buffers => {
  const averaged = model.recipe.average > 0;
  return new Buffers(
    parametersOf(model).flatMap(({ name, shape }) =>
      [
        names.parameterName(name),
        names.firstMoment(name),
        names.secondMoment(name),
        ...(averaged ? [names.averageName(name)] : []),
      ].map((entry) => [entry, shape] as const),
    ),
    held,
  );
};

class GraphSession implements Session {
  readonly engine: string;
  private readonly state: Buffers;
  private readonly histories: ReadonlyMap<string, HostHistory>;
  /** Updates that each network has had. */
  private readonly updates: Map<string, number>;
  private readonly translators = new Map<string, Program>();
  /** Outputs other than the state: metrics, and what is made for histories. */
  private readonly results: ReadonlyMap<string, HostTensor>;

  /** Those of the program: what it folded away is not fed. */
  private readonly inputs: ReadonlySet<string>;

  constructor(
    private readonly model: Model,
    private readonly options: GraphOptions,
    private readonly load: Load,
    private readonly compiled: HeldProgram,
    private readonly program: Program,
  ) {
    const { graph, held } = compiled;
    this.engine = options.engine;
    this.state = stateOf(model, held);
    this.updates = new Map(model.networks.map(({ name }) => [name, 0]));
    const states = new Set(this.state.names().map(names.nextName));
    this.results = new Map(
      [...graph.outputs]
        .filter(([name]) => !states.has(name))
        .map(([name, { shape }]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
    );
    this.inputs = new Set(graph.inputs.map(inputName));
    const shapes = new Map(graph.inputs.map((node) => [inputName(node), node.shape]));
    this.histories = new Map(
      planStep(model).histories.map(({ key, size }) => {
        const shape = shapes.get(names.recalledName(key)) ?? [];
        return [key, new HostHistory(shape, size)];
      }),
    );
    this.initialise();
  }

  private initialise(): void {
    const { mean, std } = this.model.recipe.init;
    for (const { name, shape } of parametersOf(this.model)) {
      if (name.endsWith(".bias")) continue;
      const values = normals(this.options.seed, `init/${name}`, sizeOf(shape), mean, std);
      this.state.set(names.parameterName(name), values);
    }
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
    const chance = chances(this.options.seed, step);
    for (const [key, history] of this.histories) {
      const { recalled, recall } = history.choose((slot) => chance(key, slot));
      yield [names.recalledName(key), recalled];
      yield [names.recallName(key), recall];
    }
  }

  async step({ batch, rate, step }: StepInput): Promise<Metrics> {
    const { average } = this.model.recipe;
    const draws = Object.entries(batch).map(([domain, t]) => [names.batchName(domain), t] as const);
    const feeds = new Map<string, HostTensor>([
      ...this.state.feeds(),
      ...draws,
      ...this.rates(rate),
      ...this.recalled(step),
      ...(average > 0 ? [[names.decayName, scalar(decayAt(average, step))] as const] : []),
    ]);
    for (const name of feeds.keys()) if (!this.inputs.has(name)) feeds.delete(name);
    await this.program.run(feeds, new Map([...this.state.into(), ...this.results]));
    this.state.swap();
    for (const [network, count] of this.updates) this.updates.set(network, count + 1);
    for (const [key, history] of this.histories) history.store(this.result(names.madeName(key)));
    const prefix = names.metricName("");
    return Object.fromEntries(
      [...this.results]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, { data }]) => [name.slice(prefix.length), data[0] ?? Number.NaN]),
    );
  }

  private result(name: string): Float32Array {
    return this.results.get(name)?.data ?? new Float32Array();
  }

  private network(name: string): Network {
    const found = this.model.networks.find((network) => network.name === name);
    if (found === undefined) throw new Error(`there is no network ${name}`);
    return found;
  }

  private async translator(network: Network, count: number): Promise<Program> {
    const key = `${network.name} ${count}`;
    const known = this.translators.get(key);
    if (known !== undefined) return known;
    const graph = translateProgram(network, count, this.options.passes, this.compiled.held);
    const program = await this.load(graph);
    this.translators.set(key, program);
    return program;
  }

  async translate(name: string, images: HostTensor): Promise<HostTensor> {
    const network = this.network(name);
    const [count = 1] = images.shape;
    const program = await this.translator(network, count);
    const source = this.model.recipe.average > 0 ? names.averageName : names.parameterName;
    const weights = network.parameters.map(
      (p) => [names.parameterName(p.name), this.state.held(source(p.name))] as const,
    );
    const shape = [count, ...network.output];
    const result = { shape, data: new Float32Array(sizeOf(shape)) };
    await program.run(
      new Map([...weights, [names.imagesName, images]]),
      new Map([[names.translatedName, result]]),
    );
    return result;
  }

  async getState(): Promise<State> {
    const state = new Map<string, HostTensor>();
    const copy = (name: string): void => {
      state.set(name, this.state.get(name));
    };
    for (const name of this.state.names()) if (!name.startsWith("adam.")) copy(name);
    for (const { name: network, parameters } of this.model.networks) {
      const count = this.updates.get(network) ?? 0;
      // Before its first update a network has no moments.
      if (count === 0) continue;
      for (const { name } of parameters)
        for (const moment of [names.firstMoment, names.secondMoment]) copy(moment(name));
      state.set(`adam.t/${network}`, scalar(count));
    }
    for (const [key, history] of this.histories)
      history.getState().forEach((images, slot) => {
        state.set(`history/${key}/${slot}`, images);
      });
    return state;
  }

  async setState(state: State): Promise<void> {
    for (const name of this.state.names()) {
      const tensor = state.get(name);
      if (tensor !== undefined) this.state.set(name, tensor.data);
      else if (name.startsWith("adam.")) this.state.clear(name);
      else throw new Error(`the state has no ${name}`);
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
    this.program.dispose();
    for (const translator of this.translators.values()) translator.dispose();
  }
}

/** A session whose programs run as `load` makes them; weights are drawn from the seed's streams `init/<parameter>`. */
export const graphSession = async (
  model: Model,
  options: GraphOptions,
  load: Load,
): Promise<Session> => {
  const compiled = heldStepProgram(model, options.passes);
  return new GraphSession(model, options, load, compiled, await load(compiled.graph));
};

/** The session of the engine: each program is a model for ONNX Runtime. */
export const onnxSession = (model: Model, { open, ...options }: OnnxOptions): Promise<Session> =>
  graphSession(model, options, (graph) => open(onnxModel(graph, model)));
