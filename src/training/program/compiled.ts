/** What the compiler and the engines offer to runs. The commands are given one; tests give a fake. */
import type { Either } from "fp-ts/lib/Either.js";
import type { SourceFile } from "../../base/source.js";
import type { Session } from "../../contracts/session.js";
import type { Model } from "../../program/model.js";
import type { SpecProgram } from "./program.js";

export const engineNames = ["auto", "onnx", "webgpu", "cuda", "tensorflow", "cpu"] as const;
export type EngineName = (typeof engineNames)[number];

/** What a step takes of this machine's memory, in words. */
export interface MemoryWords {
  /** `about 620 MiB of the 23.5 GiB that this machine has` */
  readonly line: string;
  /** What the user should know before it is tried; nothing as a rule. */
  readonly caution?: string | undefined;
  /** Why it is clearly too much, and what would fit; nothing where it fits. */
  readonly refusal?: string | undefined;
}

/** What a session is opened for: `train` does all; `code` does it by the TypeScript that `ganc compile` writes. */
export type Purpose = "train" | "code" | "translate";

/** The engines that run generated code. */
export const codeEngines: readonly EngineName[] = ["auto", "tensorflow", "cpu"];

export interface CompiledSpec {
  readonly program: SpecProgram;
  /** The networks with their layers, for who makes programs of them. */
  readonly model?: Model;
  /** Found without anything being allocated; nothing where it cannot be told. */
  readonly memory?: (engine: EngineName, purpose?: Purpose) => Promise<MemoryWords | undefined>;
  /**
   * A session with its initial state, which the seed fixes. The error says what is missing and how to get it. One that only
   * translates compiles no step, and takes images of other sizes.
   */
  open(engine: EngineName, seed: number, purpose?: Purpose): Promise<Either<string, Session>>;
}

/** Values for params by name, as text. */
export type Sets = Readonly<Record<string, string>>;

/** The errors are finished reports, ready to be shown. */
export interface Compiler {
  /** `root`: a folder that imports may lie in, beyond the spec's project. */
  fromFile(path: string, sets: Sets, root?: string): Promise<Either<string, CompiledSpec>>;
  /** From texts alone, the file system left out: `entry` is the name of one of them. */
  fromSources(
    sources: readonly SourceFile[],
    entry: string,
    sets: Sets,
  ): Promise<Either<string, CompiledSpec>>;
}
