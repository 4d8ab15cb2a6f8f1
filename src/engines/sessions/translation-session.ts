/**
 * A session that only translates. It compiles no step and holds no moments, so it opens in a second
 * and takes little more memory than the weights. It translates images of any size that the
 * network's layers accept.
 */
import type { Metrics, Program, Session } from "../../contracts/session.js";
import type { HostTensor, State, Tensors } from "../../contracts/tensor.js";
import { type Graph, inputName, sizeOf } from "../../graph/graph.js";
import type { PassOptions } from "../../graph/passes/index.js";
import * as names from "../../lowering/names.js";
import { optimised, translateProgram } from "../../lowering/programs.js";
import type { Model, Network } from "../../program/model.js";
import { networkOf, translationWeights } from "./bookkeeping.js";
import { explaining } from "./failure.js";
import type { GraphOptions, Load } from "./graph-session.js";
import type { Places } from "./places.js";
import { weightsOf } from "./starts.js";
import { resizedFor, translated, translatedFrom } from "./translation-weights.js";

interface Loaded {
  readonly graph: Graph;
  readonly program: Program;
}

class TranslationSession implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  private readonly places: Places;
  private readonly passes: PassOptions;
  private weights: ReadonlyMap<string, HostTensor>;
  /** The program for the current image size. Only one is kept, since each keeps memory. */
  private current: (Loaded & { readonly key: string }) | undefined;

  constructor(
    private readonly model: Model,
    { engine, why, seed, locate, passes = {} }: GraphOptions,
    private readonly load: Load,
  ) {
    this.engine = engine;
    this.why = why;
    this.places = { model, locate };
    this.passes = passes;
    const start = new Map(weightsOf(model, seed));
    this.weights = new Map(
      [...translated(model)].map(([name, shape]) => [
        name,
        { shape, data: start.get(name) ?? new Float32Array(sizeOf(shape)) },
      ]),
    );
  }

  step(): Promise<Metrics> {
    return Promise.reject(new Error("this session only translates"));
  }

  private async loaded(graph: Graph, lean = false): Promise<Loaded> {
    const program = await explaining(graph, this.places, () => this.load(graph, lean));
    return { graph, program };
  }

  private async translator(network: Network, count: number): Promise<Loaded> {
    const key = JSON.stringify([network.name, count, network.inputs]);
    if (this.current?.key === key) return this.current;
    this.current?.program.dispose();
    this.current = undefined;
    const made = await this.loaded(translateProgram(network, count, this.passes));
    this.current = { key, ...made };
    return made;
  }

  private feedsOf(network: Network): readonly (readonly [string, HostTensor])[] {
    return translationWeights(this.model, network).flatMap(([input, tensor]) => {
      const weight = this.weights.get(tensor);
      return weight === undefined ? [] : [[input, weight] as const];
    });
  }

  async translate(name: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    const network = resizedFor(this.model, name, inputs);
    const [count = 1] = inputs[0]?.shape ?? [];
    const { graph, program } = await this.translator(network, count);
    const shape = [count, ...network.output];
    const result = { shape, data: new Float32Array(sizeOf(shape)) };
    const feeds = new Map([
      ...this.feedsOf(network),
      ...inputs.map((x, i) => [names.imagesName(i), x] as const),
    ]);
    const into = new Map([[names.translatedName, result]]);
    const made = await explaining(graph, this.places, () => program.run(feeds, into));
    return made.get(names.translatedName) ?? result;
  }

  async prepare(name: string, graph: Graph): Promise<Program> {
    const network = networkOf(this.model, name);
    const { program } = await this.loaded(optimised(graph, this.passes), true);
    const read = new Set(graph.inputs.map(inputName));
    const weights = this.feedsOf(network).filter(([input]) => read.has(input));
    return {
      run: (feeds: Tensors, into?: Tensors) =>
        explaining(graph, this.places, () => program.run(new Map([...weights, ...feeds]), into)),
      dispose: () => program.dispose(),
    };
  }

  async getState(): Promise<State> {
    return this.weights;
  }

  async setState(state: State): Promise<void> {
    this.weights = translatedFrom(this.model, state);
  }

  dispose(): void {
    this.current?.program.dispose();
  }
}

/**
 * Opens a session whose programs run as `load` makes them. Weights are drawn from the seed until a
 * state is set.
 */
export const translationSession = (model: Model, options: GraphOptions, load: Load): Session =>
  new TranslationSession(model, options, load);
