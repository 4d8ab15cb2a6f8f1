/** What commands that use a trained run begin and end with. */
import { isLeft } from "fp-ts/lib/Either.js";
import type { Compiler, EngineName } from "../training/compiled.js";
import { type CheckpointChoice, type OpenedRun, openTrained } from "../training/open-run.js";
import { reportFailure } from "./terminal/failure.js";
import type { Terminal } from "./terminal/terminal.js";

export interface TrainedOptions {
  readonly engine: EngineName;
  readonly checkpoint?: CheckpointChoice;
}

/** Opens a run, lets `use` have it, and closes it whatever happens. Gives the exit code: that of `use`, or 1. */
export const withTrained = async (
  compiler: Compiler,
  path: string,
  { engine, checkpoint }: TrainedOptions,
  terminal: Terminal,
  use: (opened: OpenedRun) => Promise<number>,
): Promise<number> => {
  const opened = await openTrained(compiler, path, engine, checkpoint);
  if (isLeft(opened)) {
    reportFailure(terminal, opened.left);
    return 1;
  }
  try {
    return await use(opened.right);
  } finally {
    opened.right.session.dispose();
  }
};
