/**
 * What the compiler and the engines offer to runs. Commands receive an implementation; tests pass a
 * fake.
 */
import type { Either } from "fp-ts/lib/Either.js";
import type { SourceFile } from "../../base/source.js";
import type { Precision, Session } from "../../contracts/session.js";
import type { Draw, Followed } from "../../engines/torch/follow.js";
import type { Same } from "../../engines/torch/wire.js";
import type { Model } from "../../program/model.js";
import type { SpecProgram } from "./program.js";

export const engineNames = [
  "auto",
  "onnx",
  "webgpu",
  "cuda",
  "torch",
  "tensorflow",
  "cpu",
] as const;
export type EngineName = (typeof engineNames)[number];

/** Memory of a step on this machine, in words. */
export interface MemoryWords {
  /** For example `about 620 MiB of the 23.5 GiB that this machine has`. */
  readonly line: string;
  /** A warning before it is tried; usually undefined. */
  readonly caution?: string | undefined;
  /** Why it is clearly too much, and what would fit. Undefined if it fits. */
  readonly refusal?: string | undefined;
}

/**
 * Purpose of a session: `train` does everything; `code` does it with the TypeScript that `ganc
 * compile` writes.
 */
export type Purpose = "train" | "code" | "translate";

/** Processes that share each step, on one machine or on several; on PyTorch only. */
export interface Sharing {
  /** Processes on each machine, at least 1. */
  readonly nproc: number;
  /** Machines, at least 1. */
  readonly nnodes: number;
  /** Number of this machine, from 0: the first leads, and writes the run. */
  readonly nodeRank: number;
  /** Where the first machine waits for the others, where there are others. */
  readonly rdzv?: { readonly host: string; readonly port: number } | undefined;
  /** Seconds of silence after which a process or a machine counts as lost. */
  readonly patience: number;
}

/** What only PyTorch can do. */
export interface OnTorch {
  /** Processes that share each step; one makes them where it is absent. */
  readonly sharing?: (Sharing & { readonly same?: Same | undefined }) | undefined;
  readonly precision?: Precision | undefined;
}

/** Engines that run generated code. */
export const codeEngines: readonly EngineName[] = ["auto", "tensorflow", "cpu"];

export interface CompiledSpec {
  readonly program: SpecProgram;
  /** The networks with their layers, from which programs are made. */
  readonly model?: Model;
  /** Estimates memory without allocating anything. Undefined if it cannot be told. */
  readonly memory?: (engine: EngineName, purpose?: Purpose) => Promise<MemoryWords | undefined>;
  /**
   * Opens a session with its initial state, which the seed determines. The left side says what is
   * missing and how to get it. A session for translation compiles no step, and accepts images of
   * other sizes.
   */
  open(
    engine: EngineName,
    seed: number,
    purpose?: Purpose,
    torch?: OnTorch,
  ): Promise<Either<string, Session>>;
  /**
   * Takes part in a run that another machine leads, until it ends or something is lost. The left
   * side says what is missing and how to get it.
   */
  readonly follow?: (
    seed: number,
    torch: OnTorch & { readonly sharing: Sharing },
    same: Same,
    draw: Draw,
  ) => Promise<Either<string, Followed>>;
}

/** Values of params by name, as text. */
export type Sets = Readonly<Record<string, string>>;

/** Compiles specs. Errors are complete reports, ready to print. */
export interface Compiler {
  /** Compiles a file. `root`: an additional folder for imports. */
  fromFile(path: string, sets: Sets, root?: string): Promise<Either<string, CompiledSpec>>;
  /** Compiles texts without the file system; `entry` names one of them. */
  fromSources(
    sources: readonly SourceFile[],
    entry: string,
    sets: Sets,
  ): Promise<Either<string, CompiledSpec>>;
}
