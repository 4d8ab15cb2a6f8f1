/**
 * The tfjs engine with explicit forward and backward code: it executes the step's graph kernel by
 * kernel and disposes every intermediate after its last use. The tape of generated-session.ts keeps
 * them all to the end of the step.
 */
import * as tf from "@tensorflow/tfjs";
import { impossible } from "../../base/impossible.js";
import type { Metrics, Session, StepInput } from "../../contracts/session.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { type Graph, sizeOf } from "../../graph/graph.js";
import type { PassOptions } from "../../graph/passes/index.js";
import * as names from "../../lowering/names.js";
import { stepPrograms, translateProgram } from "../../lowering/programs.js";
import type { Model, Network } from "../../program/model.js";
import { toHost } from "../../runtime/index.js";
import {
  Bookkeeping,
  isMetric,
  metricsOf,
  networkOf,
  type Run,
  runsOf,
  sumsOf,
  tensorsOf,
  translationWeights,
  withReport,
} from "../sessions/bookkeeping.js";
import { explaining } from "../sessions/failure.js";
import type { Places } from "../sessions/places.js";
import { weightsOf } from "../sessions/starts.js";
import { type Executable, executable } from "./execute.js";

export interface ExplicitOptions {
  /** For example `tfjs on tensorflow 2.21`. */
  readonly engine: string;
  readonly why?: string | undefined;
  readonly threads?: number | undefined;
  readonly seed: number;
  /** Finds places in the spec, for messages. */
  readonly locate?: Places["locate"];
  /**
   * Leaves out the passes that change rounding. Default true, because on libtensorflow they gain
   * little and take half as much memory again.
   */
  readonly exact?: boolean;
}

/**
 * The passes left out: batching of a network's applications, because TensorFlow is no faster with
 * three images than one by one, each can be freed before the next, and its fused normalisation
 * takes one image; and memory scheduling, which this engine does itself.
 */
export const without: readonly string[] = ["batch", "memory-scheduling"];

/** Uploads a tensor that outlives every tidy. */
const uploaded = ({ data, shape }: HostTensor): tf.Tensor =>
  tf.keep(tf.tensor(data, [...shape], "float32"));

const zeros = (shape: readonly number[]): HostTensor => ({
  shape,
  data: new Float32Array(sizeOf(shape)),
});

/** Reads all values in one transfer, since a transfer waits for the device. */
const readScalars = async (scalars: readonly tf.Tensor[]): Promise<ArrayLike<number>> => {
  if (scalars.length === 0) return [];
  const stacked = tf.stack([...scalars]);
  const values = await stacked.data();
  stacked.dispose();
  return values;
};

interface Loaded {
  readonly graph: Graph;
  readonly program: Executable;
}

class ExplicitSession implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  readonly threads: number | undefined;
  readonly streams: readonly string[];
  private readonly places: Places;
  private readonly state = new Map<string, tf.Tensor>();
  private readonly books: Bookkeeping;
  /** Programs of the phases. */
  private readonly programs: readonly Loaded[];
  private readonly translators = new Map<string, Loaded>();
  private readonly passes: PassOptions;

  constructor(
    private readonly model: Model,
    { engine, why, threads, seed, locate, exact = true }: ExplicitOptions,
  ) {
    this.places = { model, locate };
    this.engine = engine;
    this.why = why;
    this.threads = threads;
    this.passes = { exact, without };
    const graphs = stepPrograms(model, this.passes);
    const shapes = new Map([...tensorsOf(model), ...sumsOf(model)]);
    // The old state is given up as the new one is made, so it never exists twice.
    this.programs = graphs.map((graph) => ({
      graph,
      program: executable(
        graph,
        (name) => !shapes.has(name) || graph.outputs.has(names.nextName(name)),
      ),
    }));
    this.books = new Bookkeeping(model, seed, graphs);
    this.streams = this.books.streams();
    const weights = new Map(weightsOf(model, seed));
    for (const [name, shape] of shapes)
      this.set(name, { shape, data: weights.get(name) ?? new Float32Array(sizeOf(shape)) });
  }

  private set(name: string, value: HostTensor): void {
    this.state.get(name)?.dispose();
    this.state.set(name, uploaded(value));
  }

  private get(name: string): tf.Tensor {
    return this.state.get(name) ?? impossible(`the state has no ${name}`);
  }

  async step(input: StepInput): Promise<Metrics> {
    let metrics: Metrics = {};
    const { accumulate } = this.model.recipe;
    for (const run of runsOf(this.model, input.step))
      metrics = withReport(metrics, await this.run(input, run), run, accumulate);
    return metrics;
  }

  private async run(input: StepInput, run: Run): Promise<Metrics> {
    const { graph, program } = this.programs[run.program] ?? impossible("there is no such program");
    // The sum starts empty.
    if (run.computes && run.part === 0)
      for (const [name, shape] of sumsOf(this.model)) this.set(name, zeros(shape));
    const feeds = new Map([
      ...[...this.state].filter(([name]) => this.books.reads(run.program, name)),
      ...this.books.feeds(input, run).map(([name, tensor]) => [name, uploaded(tensor)] as const),
    ]);
    const outputs = new Map(await explaining(graph, this.places, () => program.run(feeds)));
    for (const name of this.state.keys()) {
      const next = outputs.get(names.nextName(name));
      if (next === undefined) continue;
      this.state.set(name, tf.keep(next));
      outputs.delete(names.nextName(name));
    }
    await this.books.stepped(run, async (output) => {
      const made = outputs.get(output) ?? impossible(`${output} is not made`);
      return (await toHost(made)).data;
    });
    const metrics = await this.report(outputs);
    tf.dispose([...outputs.values()]);
    return metrics;
  }

  private async report(outputs: ReadonlyMap<string, tf.Tensor>): Promise<Metrics> {
    const metrics = [...outputs].filter(([name]) => isMetric(name));
    const values = await readScalars(metrics.map(([, value]) => value));
    return metricsOf(metrics.map(([name], i) => [name, values[i] ?? Number.NaN]));
  }

  private translator(network: Network, count: number): Loaded {
    const key = `${network.name} ${count}`;
    const known = this.translators.get(key);
    if (known !== undefined) return known;
    const graph = translateProgram(network, count, this.passes);
    const isGiven = (name: string): boolean =>
      network.inputs.some((_, i) => name === names.imagesName(i));
    const made = { graph, program: executable(graph, isGiven) };
    this.translators.set(key, made);
    return made;
  }

  async translate(name: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    const network = networkOf(this.model, name);
    const weights = translationWeights(this.model, network).map(
      ([input, tensor]) => [input, this.get(tensor)] as const,
    );
    const { graph, program } = this.translator(network, inputs[0]?.shape[0] ?? 1);
    const fed = inputs.map((x, i) => [names.imagesName(i), uploaded(x)] as const);
    const feeds = new Map([...weights, ...fed]);
    const outputs = await explaining(graph, this.places, () => program.run(feeds));
    const made = outputs.get(names.translatedName) ?? impossible("nothing is translated");
    const host = await toHost(made);
    made.dispose();
    return host;
  }

  getState(): Promise<State> {
    return this.books.getState((name) => toHost(this.get(name)));
  }

  async setState(state: State): Promise<void> {
    const shapes = tensorsOf(this.model);
    this.books.setState(state, (name, data) =>
      this.set(name, { shape: shapes.get(name) ?? [], data }),
    );
  }

  dispose(): void {
    tf.dispose([...this.state.values()]);
    this.state.clear();
    for (const { program } of [...this.programs, ...this.translators.values()]) program.dispose();
  }
}

/**
 * Opens a session on the current tfjs backend. Weights are drawn from the seed's streams
 * `init/<parameter>`. After a failed step the state is incomplete and must be replaced.
 */
export const tfjsExplicitSession = async (
  model: Model,
  options: ExplicitOptions,
): Promise<Session> => new ExplicitSession(model, options);
