/** A session over programs that run a whole graph at once, from host arrays to host arrays. */
import { impossible } from "../../base/impossible.js";
import type { Metrics, Program, Session, StepInput } from "../../contracts/session.js";
import type { HostTensor, State, Tensors } from "../../contracts/tensor.js";
import { type Graph, sizeOf } from "../../graph/graph.js";
import { overwritten } from "../../graph/overwrite.js";
import type { PassOptions } from "../../graph/passes/index.js";
import type { Held } from "../../graph/passes/layout-assignment.js";
import * as names from "../../lowering/names.js";
import { heldStepPrograms, translateProgram } from "../../lowering/programs.js";
import type { Model, Network } from "../../program/model.js";
import {
  Bookkeeping,
  metricsOf,
  networkOf,
  type Run,
  runsOf,
  sumsOf,
  tensorsOf,
  translationWeights,
  withReport,
} from "./bookkeeping.js";
import { Buffers } from "./buffers.js";
import { explaining } from "./failure.js";
import type { Places } from "./places.js";
import { weightsOf } from "./starts.js";

export interface GraphOptions {
  /** For example `ONNX Runtime 1.30 (CPU)`. */
  readonly engine: string;
  readonly why?: string | undefined;
  readonly threads?: number | undefined;
  readonly seed: number;
  /** Finds places in the spec, for messages. */
  readonly locate?: Places["locate"];
  /** Passes to run; all by default. */
  readonly passes?: PassOptions;
}

/** Makes a graph runnable. `lean` frees memory after each run, which is a little slower. */
export type Load = (graph: Graph, lean?: boolean) => Promise<Program>;

/** A loaded phase of the step. */
interface LoadedPhase {
  readonly graph: Graph;
  readonly program: Program;
  /** Outputs other than the state: metrics, and images for histories. */
  readonly results: Tensors;
}

const loadedPhase = async (
  graph: Graph,
  states: ReadonlySet<string>,
  load: Load,
  places: Places,
): Promise<LoadedPhase> => {
  const results = new Map(
    [...graph.outputs]
      .filter(([name]) => !states.has(name))
      .map(([name, { shape }]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  );
  return { graph, program: await explaining(graph, places, () => load(graph)), results };
};

/** Finds the entries of a state that every phase that replaces them may overwrite in place. */
export const inPlace = (
  graphs: readonly Graph[],
  entries: readonly string[],
): ReadonlySet<string> => {
  const pairs = entries.map((name) => [name, names.nextName(name)] as const);
  const found = graphs.map((graph) => ({ graph, may: overwritten(graph, pairs) }));
  const isReplaced = (graph: Graph, name: string): boolean =>
    graph.outputs.has(names.nextName(name));
  return new Set(
    entries.filter((name) =>
      found.every(({ graph, may }) => may.has(name) || !isReplaced(graph, name)),
    ),
  );
};

class GraphSession implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  readonly threads: number | undefined;
  readonly streams: readonly string[];
  private readonly places: Places;
  private readonly state: Buffers;
  private readonly books: Bookkeeping;
  private readonly translators = new Map<
    string,
    { readonly graph: Graph; readonly program: Program }
  >();

  constructor(
    private readonly model: Model,
    private readonly options: GraphOptions,
    private readonly load: Load,
    private readonly held: Held,
    private readonly phases: readonly LoadedPhase[],
  ) {
    this.engine = options.engine;
    this.why = options.why;
    this.threads = options.threads;
    this.places = { model, locate: options.locate };
    const graphs = phases.map(({ graph }) => graph);
    const shapes = new Map([...tensorsOf(model), ...sumsOf(model)]);
    this.state = new Buffers(shapes, held, inPlace(graphs, [...shapes.keys()]));
    this.books = new Bookkeeping(model, options.seed, graphs);
    this.streams = this.books.streams();
    for (const [name, values] of weightsOf(model, options.seed)) this.state.set(name, values);
  }

  async step(input: StepInput): Promise<Metrics> {
    let metrics: Metrics = {};
    const { accumulate } = this.model.recipe;
    for (const run of runsOf(this.model, input.step))
      metrics = withReport(metrics, await this.run(input, run), run, accumulate);
    return metrics;
  }

  private async run(input: StepInput, run: Run): Promise<Metrics> {
    const { graph, program, results } =
      this.phases[run.program] ?? impossible("there is no program");
    // The sum starts empty.
    if (run.computes && run.part === 0) this.state.clear(sumsOf(this.model).keys());
    const state = this.state.feeds().filter(([name]) => this.books.reads(run.program, name));
    const feeds = new Map([...state, ...this.books.feeds(input, run)]);
    const into = new Map([...this.state.into(graph.outputs), ...results]);
    await explaining(graph, this.places, () => program.run(feeds, into));
    this.state.swap(graph.outputs);
    await this.books.stepped(run, async (name) => results.get(name)?.data ?? new Float32Array());
    return metricsOf([...results].map(([name, { data }]) => [name, data[0] ?? Number.NaN]));
  }

  private async translator(network: Network, count: number) {
    const key = `${network.name} ${count}`;
    const known = this.translators.get(key);
    if (known !== undefined) return known;
    const graph = translateProgram(network, count, this.options.passes, this.held);
    const program = await explaining(graph, this.places, () => this.load(graph));
    const made = { graph, program };
    this.translators.set(key, made);
    return made;
  }

  async translate(name: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    const network = networkOf(this.model, name);
    const [count = 1] = inputs[0]?.shape ?? [];
    const { graph, program } = await this.translator(network, count);
    const weights = translationWeights(this.model, network).map(
      ([input, tensor]) => [input, this.state.held(tensor)] as const,
    );
    const shape = [count, ...network.output];
    const result = { shape, data: new Float32Array(sizeOf(shape)) };
    const feeds = new Map([...weights, ...inputs.map((x, i) => [names.imagesName(i), x] as const)]);
    const into = new Map([[names.translatedName, result]]);
    await explaining(graph, this.places, () => program.run(feeds, into));
    return result;
  }

  getState(): Promise<State> {
    return this.books.getState(async (name) => this.state.get(name));
  }

  async setState(state: State): Promise<void> {
    this.books.setState(state, (name, data) => this.state.set(name, data));
  }

  dispose(): void {
    for (const { program } of this.phases) program.dispose();
    for (const { program } of this.translators.values()) program.dispose();
  }
}

/**
 * Opens a session whose programs run as `load` makes them. Weights are drawn from the seed's
 * streams `init/<parameter>`.
 */
export const graphSession = async (
  model: Model,
  options: GraphOptions,
  load: Load,
): Promise<Session> => {
  const { graphs, held } = heldStepPrograms(model, options.passes);
  const states = new Set([...tensorsOf(model).keys(), ...sumsOf(model).keys()].map(names.nextName));
  const phases: LoadedPhase[] = [];
  const places = { model, locate: options.locate };
  for (const graph of graphs) phases.push(await loadedPhase(graph, states, load, places));
  return new GraphSession(model, options, load, held, phases);
};
