/** Finds the checkpoint to resume from: the newest that is intact and accepted by the program. */

import { join } from "node:path";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { State } from "../../contracts/tensor.js";
import { reasonOf } from "../../data/files/errors.js";
import type { Plateau } from "../../program/plateau.js";
import type { TrainingError } from "../files/errors.js";
import { readTensors } from "../files/read-tensors.js";
import type { Position } from "../program/schedule.js";
import { nonFinite } from "../program/state.js";
import { nameOf, readCounters, surveyCheckpoints } from "./checkpoint-list.js";
import type { Belonging } from "./counters.js";

export interface Checkpoint {
  readonly position: Position;
  readonly state: State;
  /** Path of the file of tensors. */
  readonly path: string;
  /** Fingerprint of the log's lines before. Checkpoints of earlier versions have none. */
  readonly log: string | undefined;
  /** State of the monitors. */
  readonly monitors?: unknown;
  /** What a schedule that goes by scores remembers of them. */
  readonly plateau?: Plateau | undefined;
}

/**
 * Reads one checkpoint and checks that it is intact and belongs to the run. The reason begins with
 * the file's name.
 */
const readCheckpoint = async (
  folder: string,
  belonging: Belonging,
  step: number,
): Promise<Either<string, Checkpoint>> => {
  const counters = await readCounters(folder, belonging, step);
  if (isLeft(counters)) return left(`${nameOf(step)}.json ${counters.left}`);
  const { tensors, position, log, monitors, plateau } = counters.right;
  const file = `${nameOf(step)}.safetensors`;
  const path = join(folder, file);
  const contents = await readTensors(path);
  if (isLeft(contents)) return left(`${file} ${contents.left}`);
  if (contents.right.sha256 !== tensors.sha256)
    return left(`${file} was damaged: its contents do not fit its fingerprint`);
  const state = contents.right.tensors;
  const broken = nonFinite(state);
  return broken === undefined
    ? right({ position, state, path, log, monitors, plateau })
    : left(`${file} holds ${broken.value} in ${broken.what}`);
};

/** Puts the state into the session. The reason begins with the file's name. */
const take = async (
  session: Pick<Session, "setState">,
  { state, position }: Checkpoint,
): Promise<Either<string, true>> => {
  try {
    await session.setState(state);
    return right(true);
  } catch (thrown) {
    const file = `${nameOf(position.step)}.safetensors`;
    return left(`${file} does not fit the run's spec: ${reasonOf(thrown)}`);
  }
};

export interface Found {
  readonly checkpoint: Checkpoint;
  /** Reasons why newer ones were passed over, newest first; usually empty. */
  readonly passedOver: readonly string[];
}

export interface Wanted {
  /** Load the checkpoint of this step only. */
  readonly only?: number | undefined;
  /** Whether to load the newest intact checkpoint or none, even if an older one fits. */
  readonly mustTake?: boolean;
}

/**
 * Loads a checkpoint into the session: the newest that is intact and accepted by the session,
 * unless `Wanted` says otherwise. `no-checkpoint` carries a reason for each that is not.
 */
export const loadCheckpoint = async (
  folder: string,
  belonging: Belonging,
  session: Pick<Session, "setState">,
  { only, mustTake = false }: Wanted = {},
): Promise<Either<TrainingError, Found>> => {
  const listed = await surveyCheckpoints(folder);
  if (isLeft(listed))
    return left({ kind: "no-checkpoint", directory: folder, reasons: [`It ${listed.left}.`] });
  const all = listed.right.steps;
  const steps = only === undefined ? all : all.filter((step) => step === only);
  const passedOver: string[] = [];
  for (const step of steps) {
    const checkpoint = await readCheckpoint(folder, belonging, step);
    const taken = isLeft(checkpoint) ? checkpoint : await take(session, checkpoint.right);
    if (isRight(checkpoint) && isRight(taken))
      return right({ checkpoint: checkpoint.right, passedOver });
    if (isLeft(taken)) passedOver.push(taken.left);
    if (isRight(checkpoint) && isLeft(taken) && mustTake)
      return left({ kind: "usage", reason: `It cannot be carried over: ${taken.left}.` });
  }
  if (only !== undefined && steps.length === 0)
    return left({ kind: "no-such-checkpoint", directory: folder, step: only, listed: all });
  return left({ kind: "no-checkpoint", directory: folder, reasons: passedOver });
};
