/** The runs of an ablation: their list, their progress, and the file of results. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { HoldOut } from "../../data/sets/hold-out.js";
import { listCheckpoints, readCounters } from "../checkpoints/checkpoint-list.js";
import { attempt } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { CompiledSpec } from "../program/compiled.js";
import { imageDomains, specHash } from "../program/program.js";
import { ending, type Limits, type Position } from "../program/schedule.js";
import type { DataOrigin } from "../run-directory/manifest.js";
import { belonging, hasBegun, isRunDirectory, openRun } from "../run-directory/run-directory.js";

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** A spec of the family. */
export interface Member {
  /** Path of its file. */
  readonly spec: string;
  readonly name: string;
  readonly compiled: CompiledSpec;
}

/** The settings that all runs share. */
export interface Common {
  readonly origin: DataOrigin;
  readonly holdOut: HoldOut | undefined;
  readonly limits: Limits;
}

/** A run of the ablation. */
export interface Wanted {
  readonly member: Member;
  readonly seed: number;
  readonly folder: string;
}

/**
 * Lists the runs `OUT/cycle-alone/seed-0` and so on. Seeds are outermost, so that the first runs
 * can already be compared.
 */
export const wantedRuns = (
  out: string,
  members: readonly Member[],
  seeds: number,
): readonly Wanted[] =>
  Array.from({ length: seeds }, (_, seed) =>
    members.map((member) => ({ member, seed, folder: join(out, member.name, `seed-${seed}`) })),
  ).flat();

const wrong = (reason: string): Either<TrainingError, never> => left({ kind: "usage", reason });

const shapesOf = ({ compiled }: Member): string =>
  imageDomains(compiled.program)
    .map(({ name, shape }) => `${name} ${shape.join(" x ")}`)
    .sort()
    .join(", ");

/** Checks that the specs form a family. The left side is the reason why not. */
export const checkFamily = (members: readonly Member[]): Either<TrainingError, true> => {
  for (const [i, member] of members.entries()) {
    const twin = members.slice(0, i).find(({ name }) => name === member.name);
    if (twin !== undefined)
      return wrong(
        `${twin.spec} and ${member.spec} would both be called ${member.name}: rename one of the files.`,
      );
  }
  const [first, ...others] = members;
  const other = others.find((one) => first !== undefined && shapesOf(one) !== shapesOf(first));
  return first === undefined || other === undefined
    ? right(true)
    : wrong(
        `An ablation compares on equal images: ${first.spec} draws ${shapesOf(first)}, and ${other.spec} draws ${shapesOf(other)}.`,
      );
};

/** Progress of a run: not begun, on its way, or at the end of its schedule or budget. */
export type Progress =
  | { readonly kind: "new" }
  | { readonly kind: "begun"; readonly elapsed: number }
  | { readonly kind: "done" };

const newestPosition = async (
  run: Parameters<typeof belonging>[0],
): Promise<Position | undefined> => {
  const [step] = await listCheckpoints(run.checkpoints);
  if (step === undefined) return undefined;
  const counters = await readCounters(run.checkpoints, belonging(run), step);
  return isLeft(counters) ? undefined : counters.right.position;
};

/**
 * Words what a run has trained beyond the budget, for example `6 steps` and `--steps 3`. Undefined
 * if it has not.
 */
const beyond = (
  { steps = Infinity, epochs = Infinity }: Limits,
  position: Position,
): { readonly trained: string; readonly budget: string } | undefined => {
  const { step, epoch, stepInEpoch } = position;
  if (step > steps) return { trained: `${step} steps`, budget: `--steps ${steps}` };
  if (epoch < epochs || (epoch === epochs && stepInEpoch === 0)) return undefined;
  const more = stepInEpoch === 0 ? "" : ` and ${stepInEpoch} steps`;
  return { trained: `${epoch} epochs${more}`, budget: `--epochs ${epochs}` };
};

/**
 * Looks at the folder of a run. Refuses a different run, and a run that trained for more steps or
 * epochs than the budget, because it cannot be compared with the others.
 */
export const progressOf = async (
  { member, seed, folder }: Wanted,
  { origin, holdOut, limits }: Common,
): Attempt<Progress> => {
  if (!(await isRunDirectory(folder))) {
    // A process that died before it wrote a manifest left nothing of value.
    if (await hasBegun(folder)) {
      const removed = await attempt(folder, () => rm(folder, { recursive: true }));
      if (isLeft(removed)) return removed;
    }
    return right({ kind: "new" });
  }
  const run = await openRun(folder);
  if (isLeft(run)) return run;
  const { manifest } = run.right;
  const { program } = member.compiled;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const other =
    manifest.spec.hash !== specHash(program)
      ? `the spec ${member.spec}, or a param of it,`
      : !same(manifest.data.origin, origin)
        ? "--data"
        : !same(manifest.data.holdOut, holdOut)
          ? "--hold-out"
          : manifest.seed !== seed
            ? "the seed"
            : undefined;
  if (other !== undefined)
    return wrong(
      `${folder} holds a run that began otherwise: ${other} is not what it was. Choose another folder with --out, or remove that run.`,
    );
  const position = await newestPosition(run.right);
  if (position === undefined) return right({ kind: "begun", elapsed: 0 });
  const past = beyond(limits, position);
  if (past !== undefined)
    return wrong(
      `${folder} has trained for ${past.trained}, past the budget of ${past.budget}, which is to hold for all runs. Give at least as much, choose another folder with --out, or remove that run.`,
    );
  const { elapsed } = position;
  return right(
    ending(program.recipe.schedule, limits, position, elapsed) === undefined
      ? { kind: "begun", elapsed }
      : { kind: "done" },
  );
};
