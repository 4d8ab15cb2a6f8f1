/** Begins or resumes the run for `ganc run`. */
import { resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { HoldOut } from "../../../data/sets/hold-out.js";
import { specName } from "../../../program/naming.js";
import type { KeepParts } from "../../../training/checkpoints/keep.js";
import type { TrainingError } from "../../../training/files/errors.js";
import { absolute, beginRun, type Ready } from "../../../training/opening/begin.js";
import { resumeRun } from "../../../training/opening/resume.js";
import type { Cadence } from "../../../training/program/cadence.js";
import {
  type Compiler,
  codeEngines,
  type EngineName,
  type OnTorch,
  type Sets,
} from "../../../training/program/compiled.js";
import { imageDomains, type SpecProgram } from "../../../training/program/program.js";
import type { Limits } from "../../../training/program/schedule.js";
import type { DataOrigin } from "../../../training/run-directory/manifest.js";
import { isRunDirectory, newestDirectory } from "../../../training/run-directory/run-directory.js";
import type { PictureWay } from "../../terminal/graphics.js";
import { originOf } from "../options.js";
import { type PrecisionOptions, precisionOf } from "./run-precision.js";
import { type SharingOptions, sharingOf } from "./run-sharing.js";

export interface RunOptions extends Limits, SharingOptions, PrecisionOptions {
  readonly set: Sets;
  readonly root?: string;
  readonly data?: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly carryOver?: boolean;
  readonly seed?: number;
  readonly forceMemory?: boolean;
  readonly engine: EngineName;
  /** Train by generated code. */
  readonly code?: boolean;
  readonly sampleEvery?: Cadence;
  readonly checkpointEvery?: Cadence;
  readonly measureEvery?: Cadence;
  readonly holdOut?: HoldOut;
  /** False by `--no-report`. */
  readonly report?: boolean;
  readonly tensorboard?: boolean;
  readonly pictures?: PictureWay;
  readonly keep?: KeepParts;
  /** Monitors that end the run. Default: those in the spec. */
  readonly stopOn?: readonly string[];
  /** Set by a command that resumes the run itself. */
  readonly isPart?: boolean;
  /** The command as typed, `ganc` first. */
  readonly command?: readonly string[];
}

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** Origin for a spec without image domains, which sees only numbers that ganc draws. */
const noImages: DataOrigin = { kind: "folders", paths: {} };

const wrong = (reason: string): Either<TrainingError, never> => left({ kind: "usage", reason });

/** Where the images of a new run are. */
export const originFor = (
  program: SpecProgram,
  data: readonly string[] | undefined,
): Either<TrainingError, DataOrigin> => {
  const given = data === undefined ? right(undefined) : originOf(data);
  if (isLeft(given)) return wrong(given.left);
  const origin = given.right ?? (imageDomains(program).length === 0 ? noImages : undefined);
  return origin === undefined
    ? wrong(
        "Say where the images are: --data FOLDER (with trainA and trainB in it), --data X=FOLDER Y=FOLDER, or --data emoji.",
      )
    : right(origin);
};

/** Makes `--root` absolute, since a run may be resumed from another folder. */
const rootOf = ({ root }: RunOptions): string | undefined =>
  root === undefined ? undefined : resolve(root);

const intervalsOf = ({ sampleEvery, checkpointEvery, measureEvery }: RunOptions) => ({
  samples: sampleEvery,
  checkpoints: checkpointEvery,
  measures: measureEvery,
});

const purposeOf = ({ code }: RunOptions) => (code === true ? "code" : "train");

/** Begins a new run. The spec is compiled before its folder has a name. */
const startNew = async (
  compiler: Compiler,
  spec: string,
  options: RunOptions,
  torch: OnTorch,
): Attempt<Ready> => {
  if (options.carryOver === true)
    return wrong("--carry-over is for resuming a run: add --resume, or leave it out.");
  if (await isRunDirectory(spec))
    return wrong(`${spec} is the folder of a run: add --resume to go on with it.`);
  const compiled = await compiler.fromFile(spec, options.set, options.root);
  if (isLeft(compiled)) return left({ kind: "spec", reason: compiled.left });
  const { program } = compiled.right;
  const { name } = program;
  const origin = originFor(program, options.data);
  if (isLeft(origin)) return origin;
  return beginRun({
    compiled: compiled.right,
    sets: options.set,
    place: { folder: process.cwd(), root: rootOf(options) },
    origin: absolute(origin.right),
    directory: options.out ?? `runs/${name}`,
    isNumbered: options.out === undefined,
    engine: options.engine,
    purpose: purposeOf(options),
    torch,
    seed: options.seed ?? 0,
    forceMemory: options.forceMemory,
    holdOut: options.holdOut,
    intervals: intervalsOf(options),
    keep: options.keep,
    now: new Date().toISOString(),
  });
};

/** Resumes a run: in the given folder, or the newest of the spec. */
const startAgain = async (
  compiler: Compiler,
  spec: string,
  options: RunOptions,
  torch: OnTorch,
): Attempt<Ready> => {
  if (options.holdOut !== undefined)
    return wrong(
      "A run keeps the held-out images that it began with: leave out --hold-out. Or train anew: leave out --resume.",
    );
  const itself = await isRunDirectory(spec);
  if (itself && options.out !== undefined && resolve(options.out) !== resolve(spec))
    return wrong(
      `${spec} is the folder of a run, which resumes in place: leave out --out. A new run needs the spec's file, without --resume.`,
    );
  const directory = itself ? spec : (options.out ?? (await newestOf(spec)));
  if (directory === undefined)
    return wrong(
      `There is no run of ${spec} under runs/. Name its folder with --out, or leave out --resume.`,
    );
  const origin = options.data === undefined ? undefined : originOf(options.data);
  if (origin !== undefined && isLeft(origin)) return wrong(origin.left);
  return resumeRun({
    compiler,
    directory,
    file: itself ? undefined : spec,
    sets: options.set,
    root: rootOf(options),
    folder: process.cwd(),
    carryOver: options.carryOver === true,
    intervals: intervalsOf(options),
    keep: options.keep,
    now: new Date().toISOString(),
    origin: origin === undefined ? undefined : absolute(origin.right),
    engine: options.engine,
    purpose: purposeOf(options),
    torch,
    seed: options.seed,
    forceMemory: options.forceMemory,
  });
};

/** Finds the newest run of a spec, whose name is that of its file, as in the compiler. */
const newestOf = (spec: string): Promise<string | undefined> =>
  newestDirectory(`runs/${specName(spec)}`);

/** Begins a new run, or resumes one if `--resume` says so. */
export const startRun = async (
  compiler: Compiler,
  spec: string,
  options: RunOptions,
): Attempt<Ready> => {
  if (options.code === true && !codeEngines.includes(options.engine))
    return wrong(
      `Generated code runs on tfjs, not on ${options.engine}: with --code use --engine tensorflow or --engine cpu, or leave out --engine. The run can resume with --engine ${options.engine} afterwards.`,
    );
  const sharing = sharingOf(options, options.engine);
  if (isLeft(sharing)) return wrong(sharing.left);
  const start = options.resume ? startAgain : startNew;
  const precision = precisionOf(options, options.engine);
  if (isLeft(precision)) return wrong(precision.left);
  const torch = { sharing: sharing.right, precision: precision.right };
  return start(compiler, spec, options, torch);
};
