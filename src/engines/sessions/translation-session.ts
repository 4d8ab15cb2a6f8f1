/**
 * A session that only translates. It compiles no step and holds no moments, so it opens in a second
 * and takes little more memory than the weights. It translates images of any size that the
 * network's layers accept.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import type { Metrics, Program, Session } from "../../contracts/session.js";
import type { HostTensor, State, Tensors } from "../../contracts/tensor.js";
import { type Graph, inputName, sameShape, sizeOf } from "../../graph/graph.js";
import type { PassOptions } from "../../graph/passes/index.js";
import * as names from "../../lowering/names.js";
import { optimised, translateProgram } from "../../lowering/programs.js";
import type { Shape } from "../../operators/layer.js";
import type { Model, Network } from "../../program/model.js";
import { resized } from "../../program/resized.js";
import { networkOf, translationWeights, weightsOf } from "./bookkeeping.js";
import { explaining } from "./failure.js";
import type { GraphOptions, Load } from "./graph-session.js";
import type { Places } from "./places.js";

interface Loaded {
  readonly graph: Graph;
  readonly program: Program;
}

/**
 * Resizes the network to inputs of these shapes.
 * @throws Error if its layers do not accept them
 */
const networkFor = (model: Model, name: string, inputs: readonly HostTensor[]): Network => {
  const network = networkOf(model, name);
  const shapes = inputs.map(({ shape: [, h = 1, w = 1, c = 1] }): Shape => [h, w, c]);
  const fitting = resized(network, shapes);
  if (isLeft(fitting))
    throw new Error(`${name} does not take images of this size: ${fitting.left}`);
  return fitting.right;
};

class TranslationSession implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  private readonly places: Places;
  private readonly passes: PassOptions;
  private readonly weights = new Map<string, HostTensor>();
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
    for (const [name, shape] of this.wanted())
      this.weights.set(name, { shape, data: start.get(name) ?? new Float32Array(sizeOf(shape)) });
  }

  /** Returns the entries of a state that translations read, with their shapes. */
  private wanted(): ReadonlyMap<string, readonly number[]> {
    return new Map(
      this.model.networks.flatMap((network) => {
        const shapes = [...network.reads, ...network.buffers].map(({ shape }) => shape);
        return translationWeights(this.model, network).map(
          ([, tensor], i) => [tensor, shapes[i] ?? []] as const,
        );
      }),
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
    const network = networkFor(this.model, name, inputs);
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
    for (const [name, shape] of this.wanted()) {
      const given = state.get(name);
      if (given === undefined) throw new Error(`it lacks ${name}`);
      if (!sameShape(given.shape, shape))
        throw new Error(`it holds ${name} as [${given.shape}], which is [${shape}]`);
    }
    for (const name of this.wanted().keys()) {
      const given = state.get(name);
      // Copied: the tensor may be part of a file that is held whole.
      if (given !== undefined)
        this.weights.set(name, { shape: given.shape, data: given.data.slice() });
    }
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
