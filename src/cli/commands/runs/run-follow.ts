/** `ganc run` on a machine that another one leads: it draws its samples, and writes nothing. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Draw } from "../../../engines/torch/follow.js";
import type { TrainingError } from "../../../training/files/errors.js";
import { absolute, sameOf } from "../../../training/opening/begin.js";
import { openDataset, trainingData } from "../../../training/opening/dataset.js";
import type { Compiler, OnTorch, Sharing } from "../../../training/program/compiled.js";
import type { Drawn, TrainingData } from "../../../training/program/data.js";
import { reportFailure } from "../../terminal/failure.js";
import { note, say, type Terminal } from "../../terminal/terminal.js";
import { originFor, type RunOptions } from "./run-begin.js";

/** Draws the batch of any place; that of the next place is ready sooner. */
const drawing = (data: TrainingData): Draw => {
  let batches: AsyncIterator<Drawn> | undefined;
  let next = "";
  return async ({ epoch, stepInEpoch }) => {
    if (batches === undefined || next !== `${epoch} ${stepInEpoch}`) {
      await batches?.return?.();
      batches = data.epoch(epoch, stepInEpoch)[Symbol.asyncIterator]();
    }
    next = `${epoch} ${stepInEpoch + 1}`;
    const drawn = await batches.next();
    if (drawn.done === true) throw new Error(`epoch ${epoch} has no step ${stepInEpoch}`);
    const { batch, again } = drawn.value;
    return { batch, again };
  };
};

type Attempt<A> = Promise<Either<TrainingError, A>>;

const usage = (reason: string) => left<TrainingError, never>({ kind: "usage", reason });

/** What this machine needs of the run: the spec and its images. */
const gatherHere = async (
  compiler: Compiler,
  spec: string,
  { resume, carryOver, set, root, data, holdOut, seed = 0 }: RunOptions,
) => {
  if (resume === true || carryOver === true)
    return usage(
      "Only the machine of number 0 resumes a run: give the others the spec, without --resume.",
    );
  const compiled = await compiler.fromFile(spec, set, root);
  if (isLeft(compiled)) return left<TrainingError, never>({ kind: "spec", reason: compiled.left });
  const { program } = compiled.right;
  const origin = originFor(program, data);
  if (isLeft(origin)) return origin;
  const dataset = await openDataset(absolute(origin.right), program, undefined, holdOut);
  if (isLeft(dataset)) return dataset;
  const images = await trainingData(dataset.right, program, seed);
  return isLeft(images) ? images : right({ compiled: compiled.right, data: images.right, seed });
};

/** Follows the first machine until the run ends there. */
const followed = async (
  compiler: Compiler,
  spec: string,
  options: RunOptions,
  torch: OnTorch & { readonly sharing: Sharing },
  restarts: number,
  terminal: Terminal,
): Attempt<void> => {
  const here = await gatherHere(compiler, spec, options);
  if (isLeft(here)) return here;
  const { compiled, data, seed } = here.right;
  const { sharing } = torch;
  const { host = "", port = 0 } = sharing.rdzv ?? {};
  const same = sameOf(compiled, data, seed, options.holdOut, torch);
  terminal.err.write(
    `${data.description}\nmachine ${sharing.nodeRank} of ${sharing.nnodes}, led from ${host}:${port}\n`,
  );
  for (let tries = 0; ; tries++) {
    const ended = await compiled.follow?.(seed, torch, same, drawing(data));
    if (ended === undefined) return usage("This spec cannot be shared.");
    if (isLeft(ended)) return left({ kind: "engine", reason: ended.left });
    switch (ended.right.kind) {
      case "ended":
        return right(undefined);
      case "refused":
        return left({
          kind: "engine",
          reason: `The first machine refuses this one: ${ended.right.reason}.`,
        });
      case "nobody":
        return left({ kind: "engine", reason: `Nobody waits at ${host}:${port}.` });
      case "lost":
        if (tries >= restarts) return left({ kind: "engine", reason: ended.right.reason });
        note(terminal, `${ended.right.reason} Waiting for the first machine to go on.`);
    }
  }
};

/** Runs the command on a machine that does not lead. Exit code: 0 the run has ended, 1, 2. */
export const followCommand = async (
  ...[compiler, spec, options, torch, restarts, terminal]: Parameters<typeof followed>
): Promise<number> => {
  const ended = await followed(compiler, spec, options, torch, restarts, terminal);
  if (isLeft(ended)) {
    reportFailure(terminal, ended.left);
    return ended.left.kind === "usage" ? 2 : 1;
  }
  say(terminal, "The run has ended on the first machine, which has written it.");
  return 0;
};
