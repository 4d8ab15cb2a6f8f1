/** The beginning and end of commands that use a trained run. */
import { isLeft } from "fp-ts/lib/Either.js";
import {
  type CheckpointChoice,
  type OpenedRun,
  openTrained,
} from "../../training/opening/open-run.js";
import type { Compiler, EngineName } from "../../training/program/compiled.js";
import { type KnownImages, readKnownImages } from "../../training/run-directory/known-images.js";
import { shownPath } from "../../training/run-directory/run-directory.js";
import { reportFailure } from "../terminal/failure.js";
import { note, type Terminal } from "../terminal/terminal.js";

export interface TrainedOptions {
  readonly engine: EngineName;
  readonly checkpoint?: CheckpointChoice;
}

/** Opens a run, passes it to `use`, and always closes it. Returns the exit code of `use`, or 1. */
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

/**
 * Reads the traits of the training images. If they cannot be read, says that pictures are not
 * compared with them.
 */
export const knownImages = async (
  { run }: OpenedRun,
  terminal: Terminal,
): Promise<KnownImages | undefined> => {
  const known = await readKnownImages(run.traits, run.manifest);
  if (!isLeft(known)) return known.right;
  note(
    terminal,
    `${shownPath(run.traits)} ${known.left}. Pictures are not compared with the training images.`,
  );
  return undefined;
};
