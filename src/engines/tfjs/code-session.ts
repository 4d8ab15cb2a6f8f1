/**
 * Trains with the TypeScript that `ganc compile` writes, from a folder where a debugger finds it.
 * The state is canonical before the code loads and after, so a run can resume on every engine.
 */

import { url } from "node:inspector";
import { impossible } from "../../base/impossible.js";
import type { Metrics, Session, StepInput } from "../../contracts/session.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { stepPrograms } from "../../lowering/programs.js";
import type { Model } from "../../program/model.js";
import { Bookkeeping, firstState } from "../sessions/bookkeeping.js";
import { startsIn } from "../sessions/starts.js";
import { stateFault } from "../sessions/state-fit.js";
import { without } from "./explicit.js";
import { importGenerated, writeGenerated } from "./generated-module.js";
import { tfjsSession } from "./generated-session.js";

export interface CodeOptions {
  /** For example `tfjs on tensorflow 2.21, generated code`. */
  readonly engine: string;
  readonly why?: string | undefined;
  readonly threads?: number | undefined;
  readonly seed: number;
  /** Name of the code's files, without endings. */
  readonly name: string;
  /** Text of the generated module. */
  readonly text: string;
}

/** Tells whether this process was started for a debugger to stop it, and one is connected. */
const isDebugged = (): boolean =>
  url() !== undefined && process.execArgv.some((word) => word.startsWith("--inspect-brk"));

class CodeSession implements Session {
  readonly engine: string;
  readonly why: string | undefined;
  readonly threads: number | undefined;
  readonly streams: readonly string[];
  private script: string | undefined;
  private running: Session | undefined;

  constructor(
    private readonly model: Model,
    private readonly books: Bookkeeping,
    private readonly options: CodeOptions,
    /** State that the code begins with, once it is loaded. */
    private state: State,
  ) {
    this.engine = options.engine;
    this.why = options.why;
    this.threads = options.threads;
    this.streams = books.streams();
  }

  async writeCode(folder: string): Promise<void> {
    const { name, text } = this.options;
    this.script = writeGenerated(folder, name, text);
  }

  private async loaded(): Promise<Session> {
    if (this.running !== undefined) return this.running;
    const { engine, seed } = this.options;
    const module = await importGenerated(this.script ?? impossible("no code is written"));
    const { average } = this.model.recipe;
    const starts = startsIn(this.model);
    const session = tfjsSession(module, { engine, seed, starts, average });
    await session.setState(this.state);
    this.state = new Map();
    this.running = session;
    // The code is there for the first time: this is where breakpoints can be set in it.
    // biome-ignore lint/suspicious/noDebugger: who started Node by --inspect-brk waits for this
    if (isDebugged()) debugger;
    return session;
  }

  async step(input: StepInput): Promise<Metrics> {
    return (await this.loaded()).step(input);
  }

  async translate(network: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    return (await this.loaded()).translate(network, inputs);
  }

  async getState(): Promise<State> {
    return this.running?.getState() ?? this.state;
  }

  async setState(state: State): Promise<void> {
    const fault = stateFault(this.books.form(), state);
    if (fault !== undefined) throw new Error(`it ${fault}`);
    if (this.running === undefined) this.state = state;
    else await this.running.setState(state);
  }

  dispose(): void {
    this.running?.dispose();
  }
}

/**
 * Opens a session over generated code, on the current tfjs backend. Loads nothing before the first
 * step or translation.
 */
export const codeSession = async (model: Model, options: CodeOptions): Promise<Session> => {
  const books = new Bookkeeping(model, options.seed, stepPrograms(model, { exact: true, without }));
  return new CodeSession(model, books, options, await firstState(model, books, options.seed));
};
