/**
 * Trains with the Python that `ganc compile --target torch` writes, in a process of its own. The
 * state is the canonical one, and ganc draws all that is random: a run moves to this engine and
 * from it at any checkpoint.
 */
import { impossible } from "../../base/impossible.js";
import type { Metrics, Session, StepInput } from "../../contracts/session.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { sizeOf } from "../../graph/graph.js";
import { stepPrograms } from "../../lowering/programs.js";
import { type Model, repetitionsOf } from "../../program/model.js";
import type { Program } from "../../program/program.js";
import { emitTorch } from "../../targets/torch/emit.js";
import {
  Bookkeeping,
  drawsFor,
  firstState,
  translationWeights,
  weightsOf,
} from "../sessions/bookkeeping.js";
import { chances, decayAt } from "../sessions/draws.js";
import { stateFault } from "../sessions/state-fit.js";
import { resizedFor, translated, translatedFrom } from "../sessions/translation-weights.js";
import type { Asked } from "./channel.js";
import { droppingPaths, torchForm } from "./form.js";
import { startTorch, type TorchProcess } from "./process.js";

export interface TorchOptions {
  /** For example `torch 2.15 on cpu`. */
  readonly engine: string;
  readonly why?: string | undefined;
  readonly seed: number;
  readonly python: string;
  readonly device: "cpu" | "cuda" | "mps";
  /** Processor threads; PyTorch's own choice where it is absent. */
  readonly threads?: number | undefined;
}

/** What the driver is told of a program. */
const openingOf = (program: Program, { device, threads = 0 }: TorchOptions, module: string) => ({
  op: "open",
  module,
  device,
  threads,
  parts: program.model.recipe.accumulate,
  ...torchForm(program),
});

class TorchSession implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  readonly threads: number | undefined;
  readonly streams: readonly string[];
  private readonly model: Model;

  constructor(
    private readonly program: Program,
    private readonly books: Bookkeeping,
    private readonly options: TorchOptions,
    private readonly process: TorchProcess,
    private readonly isOwn: boolean,
  ) {
    this.model = program.model;
    this.engine = options.engine;
    this.why = options.why;
    this.threads = options.threads;
    this.streams = books.streams();
  }

  async open(): Promise<void> {
    const module = this.process.write(emitTorch(this.program));
    await this.process.request(openingOf(this.program, this.options, module));
  }

  /** Draws what a step asks for, from the streams that every engine draws from. */
  private drawing(step: number): (asked: Asked) => Float32Array {
    const parts = this.model.recipe.accumulate;
    return (asked) => {
      const { k, slot = 0, count = 0, i = 0, application = "" } = asked;
      const of = { part: k % parts, parts };
      const chance = chances(this.options.seed, step, Math.floor(k / parts), of);
      switch (asked.what) {
        case "recall":
          return Float32Array.from(chance.recall(asked.history ?? "")(slot));
        case "masks": {
          // The key of an application begins with its network's name.
          const [network = ""] = /^\w+/.exec(application) ?? [];
          const of = this.model.networks.find(({ name }) => name === network);
          const path = of && droppingPaths(of)[i];
          return chance.masks(application)(path ?? impossible(`${network} drops nothing`), count);
        }
        case "places":
          return chance.places(asked.height ?? 0, asked.width ?? 0, count);
        default:
          return impossible(`the process asks for ${asked.what}`);
      }
    };
  }

  async step(input: StepInput): Promise<Metrics> {
    const { rate, step } = input;
    const repetitions = repetitionsOf(this.model);
    const tensors = Array.from({ length: repetitions }, (_, k) =>
      Object.entries(drawsFor(input, k)).map(
        ([domain, tensor]) => [`${k}/${domain}`, tensor] as const,
      ),
    ).flat();
    const { average } = this.model.recipe;
    const header = {
      op: "step",
      rate,
      decay: average > 0 ? decayAt(average, step) : 0,
    };
    const { header: reply } = await this.process.request(header, tensors, this.drawing(step));
    return reply.terms ?? impossible("a step reports nothing");
  }

  async translate(network: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    if (!this.model.networks.some(({ name }) => name === network))
      throw new Error(`there is no network ${network}`);
    return applied(this.process, network, inputs);
  }

  async getState(): Promise<State> {
    return (await this.process.request({ op: "get_state" })).tensors;
  }

  async setState(state: State): Promise<void> {
    const fault = stateFault(this.books.form(), state);
    if (fault !== undefined) throw new Error(`it ${fault}`);
    await this.process.request({ op: "set_state" }, state);
  }

  dispose(): void {
    if (this.isOwn) this.process.dispose();
  }
}

/** Applies a network in the process. */
const applied = async (
  process: TorchProcess,
  network: string,
  inputs: readonly HostTensor[],
): Promise<HostTensor> => {
  const header = { op: "translate", network, count: inputs.length };
  const named = inputs.map((tensor, i) => [String(i), tensor] as const);
  const { tensors } = await process.request(header, named);
  return tensors.get("output") ?? impossible("a translation gives nothing");
};

/**
 * Opens a program in a process of PyTorch: in one of its own, unless it is given one, which then
 * has no other program.
 * @throws EngineFailure (rejects) if the process or the code does not start
 */
export const torchSession = async (
  program: Program,
  options: TorchOptions,
  given?: TorchProcess,
): Promise<Session> => {
  const { model } = program;
  const process = given ?? startTorch(options.python);
  const books = new Bookkeeping(model, options.seed, stepPrograms(model, {}));
  const session = new TorchSession(program, books, options, process, given === undefined);
  try {
    await session.open();
    await session.setState(await firstState(model, books, options.seed));
    return session;
  } catch (error) {
    session.dispose();
    throw error;
  }
};

/** A session that only translates, images of any size that the network's layers accept. */
class TorchTranslation implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  readonly threads: number | undefined;
  private readonly model: Model;
  private weights: State;

  constructor(
    program: Program,
    options: TorchOptions,
    private readonly process: TorchProcess,
  ) {
    this.model = program.model;
    this.engine = options.engine;
    this.why = options.why;
    this.threads = options.threads;
    const start = new Map(weightsOf(this.model, options.seed));
    this.weights = new Map(
      [...translated(this.model)].map(([name, shape]) => [
        name,
        { shape, data: start.get(name) ?? new Float32Array(sizeOf(shape)) },
      ]),
    );
  }

  /** Hands the weights to the process, averages in their place where the recipe has them. */
  async send(): Promise<void> {
    const given = this.model.networks.flatMap((network) =>
      translationWeights(this.model, network).flatMap(([input, tensor]) => {
        const weight = this.weights.get(tensor);
        return weight === undefined ? [] : [[input, weight] as const];
      }),
    );
    await this.process.request({ op: "set_weights" }, new Map(given));
  }

  step(): Promise<Metrics> {
    return Promise.reject(new Error("this session only translates"));
  }

  async translate(name: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    resizedFor(this.model, name, inputs);
    return applied(this.process, name, inputs);
  }

  async getState(): Promise<State> {
    return this.weights;
  }

  async setState(state: State): Promise<void> {
    this.weights = translatedFrom(this.model, state);
    await this.send();
  }

  dispose(): void {
    this.process.dispose();
  }
}

/** Opens a program for translation only, in a process of its own. */
export const torchTranslation = async (
  program: Program,
  options: TorchOptions,
): Promise<Session> => {
  const process = startTorch(options.python);
  const session = new TorchTranslation(program, options, process);
  try {
    const module = process.write(emitTorch(program));
    await process.request({ ...openingOf(program, options, module), average: false });
    await session.send();
    return session;
  } catch (error) {
    session.dispose();
    throw error;
  }
};
