/** What the compiler and the engines offer to runs. The commands are given one; tests give a fake. */
import type { Either } from "fp-ts/lib/Either.js";
import type { SourceFile } from "../base/source.js";
import type { Session } from "../engines/session.js";
import type { Model } from "../model/model.js";
import type { SpecProgram } from "./program.js";

export const engineNames = ["auto", "onnx", "webgpu", "cuda", "tensorflow", "cpu"] as const;
export type EngineName = (typeof engineNames)[number];

/** What a session is opened for: `train` does all. */
export type Purpose = "train" | "translate";

export interface CompiledSpec {
  readonly program: SpecProgram;
  /** The networks with their layers, for who makes programs of them. */
  readonly model?: Model;
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
