/** `ganc run`: trains a spec on images, with progress, sample grids and checkpoints, and goes on where a run stopped. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { specName } from "../../model/build.js";
import { renderQuality } from "../../report/quality.js";
import { absolute, beginRun, type Ready } from "../../training/begin.js";
import type { Cadence } from "../../training/cadence.js";
import { type Compiler, type EngineName, engineNames, type Sets } from "../../training/compiled.js";
import { realDisk } from "../../training/disk.js";
import { describe, type TrainingError } from "../../training/errors.js";
import { evaluate } from "../../training/evaluate.js";
import { drawLosses } from "../../training/losses.js";
import type { DataOrigin } from "../../training/manifest.js";
import { openMetrics } from "../../training/metrics.js";
import { imageDomains } from "../../training/program.js";
import { resumeRun } from "../../training/resume.js";
import { isRunDirectory, newestDirectory, shownPath, store } from "../../training/run-directory.js";
import { makesImages, sampleGrid } from "../../training/sample.js";
import { type Limits, plannedSteps, totalEpochs } from "../../training/schedule.js";
import { type Outcome, type TrainingEvent, type TrainingJob, train } from "../../training/train.js";
import { translators } from "../../training/translators.js";
import { reportFailure } from "../terminal/failure.js";
import { counted, formatDuration } from "../terminal/format.js";
import { catchInterrupts, type Interrupts } from "../terminal/interrupt.js";
import { type Progress, progress } from "../terminal/progress.js";
import { skippedEntries, type Telling, telling } from "../terminal/skipped.js";
import { note, say, type Terminal } from "../terminal/terminal.js";
import { cadence, count, originOf, positive, rootOption, setOption } from "./options.js";

export interface RunOptions extends Limits {
  readonly set: Sets;
  readonly data?: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly seed?: number;
  readonly engine: EngineName;
  readonly sampleEvery: Cadence;
  readonly checkpointEvery: Cadence;
}

/** Epochs of few images are short: nobody wants a sample each second. Who names an interval gets what it says. */
const defaultSampling: Cadence = { epochs: 1, minutes: 5, apart: 0.5 };
const defaultSaving: Cadence = { epochs: 10, minutes: 5, apart: 0.5 };

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** Of a spec that draws none: all that it sees are numbers that ganc draws. */
const noImages: DataOrigin = { kind: "folders", paths: {} };

const wrong = (reason: string): Either<TrainingError, never> => left({ kind: "usage", reason });

/** A new run needs the spec compiled before its folder has a name. */
const startNew = async (compiler: Compiler, spec: string, options: RunOptions): Attempt<Ready> => {
  if (await isRunDirectory(spec))
    return wrong(`${spec} is the folder of a run: add --resume to go on with it.`);
  const given = options.data === undefined ? right(undefined) : originOf(options.data);
  if (isLeft(given)) return wrong(given.left);
  const compiled = await compiler.fromFile(spec, options.set);
  if (isLeft(compiled)) return left({ kind: "spec", reason: compiled.left });
  const { program } = compiled.right;
  const { name } = program;
  const origin = given.right ?? (imageDomains(program).length === 0 ? noImages : undefined);
  if (origin === undefined)
    return wrong(
      "Say where the images are: --data FOLDER (with trainA and trainB in it), --data X=FOLDER Y=FOLDER, or --data emoji.",
    );
  return beginRun({
    compiled: compiled.right,
    origin: absolute(origin),
    directory: options.out ?? `runs/${name}`,
    isNumbered: options.out === undefined,
    engine: options.engine,
    seed: options.seed ?? 0,
    now: new Date().toISOString(),
  });
};

/** The folder to go on in: as told, or the newest of the spec's. */
const startAgain = async (
  compiler: Compiler,
  spec: string,
  options: RunOptions,
): Attempt<Ready> => {
  const itself = await isRunDirectory(spec);
  if (itself && options.out !== undefined && resolve(options.out) !== resolve(spec))
    return wrong(
      `${spec} is the folder of a run, which goes on where it is: leave out --out. A new run needs the spec's file, without --resume.`,
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
    origin: origin === undefined ? undefined : absolute(origin.right),
    engine: options.engine,
    seed: options.seed,
  });
};

/** A spec's name is its file's, as the compiler has it. */
const newestOf = (spec: string): Promise<string | undefined> =>
  newestDirectory(`runs/${specName(spec)}`);

/** A word for the shell, quoted where it must be. */
const quote = (word: string): string =>
  /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** What the user types for ganc: started through npm, it is not on the path. */
const commandName = ({ env }: Terminal): string =>
  env.npm_command === undefined ? "ganc" : "npx ganc";

const goOnCommand = ({ run }: Ready, terminal: Terminal): string =>
  `${commandName(terminal)} run ${quote(shownPath(run.path))} --resume`;

const firstWords = (
  { compiled, run, session, dataset, data, start, notices }: Ready,
  terminal: Terminal,
) => {
  const cautions = session.caution === undefined ? [] : [session.caution];
  for (const notice of [...notices, ...(data.notices ?? []), ...cautions]) note(terminal, notice);
  const { recipe } = compiled.program;
  const epochs = totalEpochs(recipe.schedule);
  terminal.err.write(
    [
      data.description,
      ...skippedEntries(dataset),
      `${counted(epochs, "epoch")} of ${counted(data.stepsPerEpoch, "step")}, batch ${recipe.batch}`,
      `engine: ${session.engine}${session.why === undefined ? "" : `, ${session.why}`}`,
      `in ${shownPath(run.path)}${start.step > 0 ? `, from step ${start.step}` : ""}`,
      "",
    ].join("\n"),
  );
};

/** Limits that fall short of the schedule, said before the time is spent. */
const warnOfLimits = ({ compiled, data, start }: Ready, limits: Limits, terminal: Terminal) => {
  const { schedule } = compiled.program.recipe;
  const all = plannedSteps(schedule, {}, start, data.stepsPerEpoch);
  const planned = plannedSteps(schedule, limits, start, data.stepsPerEpoch);
  const { steps = Infinity, epochs = Infinity } = limits;
  if (start.step > 0 && (start.step >= steps || start.epoch >= epochs))
    note(
      terminal,
      `nothing is left to do: ${counted(start.step, "step")} and ${counted(start.epoch, "epoch")} are behind this run, and --steps and --epochs count those of the run as a whole.`,
    );
  else if (planned < all)
    note(
      terminal,
      `stops at step ${planned} of ${all}, before the schedule ends: the rate will not have gone down as the spec says.`,
    );
  if (limits.minutes !== undefined)
    note(
      terminal,
      `stops after ${limits.minutes} min; the schedule stays as the spec has it, in epochs.`,
    );
};

/** The line that an event is worth, if any. */
const lineOf = (event: TrainingEvent, skipped: Telling): string | undefined => {
  switch (event.kind) {
    case "sample":
      return `sample      ${shownPath(event.path)}`;
    case "checkpoint":
      return `checkpoint  ${shownPath(event.path)}`;
    case "skipped-image":
      return skipped.next(event.image);
    case "notice":
      return `note: ${describe(event.error)}`;
    case "started":
    case "step":
    case "interrupted":
      return undefined;
  }
};

const listen =
  (shown: Progress, skipped: Telling) =>
  (event: TrainingEvent): void => {
    if (event.kind === "step") shown.step(event.position, event.metrics);
    const line = lineOf(event, skipped);
    if (line !== undefined) shown.line(line);
  };

const trainReady = async (
  ready: Ready,
  options: RunOptions,
  terminal: Terminal,
  interrupts: Interrupts,
): Attempt<Outcome> => {
  const { compiled, run, data, session, start } = ready;
  const { program } = compiled;
  const { epochs, steps, minutes } = options;
  const limits: Limits = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(steps === undefined ? {} : { steps }),
    ...(minutes === undefined ? {} : { minutes }),
  };
  warnOfLimits(ready, limits, terminal);
  const log = await openMetrics(realDisk, run.metrics, start.step);
  if (isLeft(log)) return log;
  const { schedule } = program.recipe;
  const shown = progress(
    {
      epochs: Math.min(totalEpochs(schedule), epochs ?? Infinity),
      steps: Math.max(start.step, plannedSteps(schedule, limits, start, data.stepsPerEpoch)),
      start,
      players: program.players ?? [],
      ...(minutes === undefined ? {} : { timeLimit: minutes * 60_000 }),
    },
    terminal,
  );
  const finishing = () =>
    shown.line("finishing this step; press Ctrl-C again to leave without saving");
  const skipped = telling();
  const sampler = {
    program,
    session,
    preview: data.preview,
    folder: run.samples,
    raw: realDisk,
    classes: run.manifest.data.classes,
  };
  const job: TrainingJob = {
    program,
    session,
    data,
    start,
    limits,
    sampleEvery: options.sampleEvery,
    checkpointEvery: options.checkpointEvery,
    checkpoints: store(run),
    log: log.right,
    sample: (position) => sampleGrid(sampler, position),
    now: () => Math.round(performance.now()),
    signal: interrupts.signal,
    listener: listen(shown, skipped),
  };
  try {
    return await interrupts.saving(finishing, () => train(job));
  } finally {
    const rest = skipped.rest();
    if (rest !== undefined) shown.line(rest);
    shown.stop();
    await log.right.close();
  }
};

const reasons: Readonly<Record<Outcome["ending"], string>> = {
  schedule: "Trained to the end of the schedule",
  epochs: "Stopped as --epochs asks",
  steps: "Stopped as --steps asks",
  minutes: "Stopped as --minutes asks",
  interrupted: "Interrupted, and saved",
};

/** The last words, and the exit code. */
const conclude = async (ready: Ready, outcome: Outcome, terminal: Terminal): Promise<number> => {
  const { position, ending } = outcome;
  const { compiled, run, session, dataset } = ready;
  say(
    terminal,
    `${reasons[ending]}: ${counted(position.step, "step")}, ${counted(position.epoch, "whole epoch")}, in ${formatDuration(position.elapsed)}.`,
  );
  if (ending !== "schedule") say(terminal, `Go on with:  ${goOnCommand(ready, terminal)}`);
  if (ending === "interrupted") return 130;
  const evaluated = await evaluate(session, compiled.program, dataset, `${run.path}/evaluation`);
  if (isLeft(evaluated)) {
    reportFailure(terminal, evaluated.left);
    return 1;
  }
  if (evaluated.right) say(terminal, `\n${renderQuality(evaluated.right.qualities)}\n`);
  const chart = await drawLosses(run);
  if (isLeft(chart)) note(terminal, describe(chart.left));
  const charts = isLeft(chart) ? [] : [chart.right];
  const files = [
    ...(evaluated.right?.files ?? []),
    ...charts,
    ...(makesImages(compiled.program) ? [run.samples] : []),
  ];
  if (files.length > 0)
    say(terminal, `Look at:     ${files.map(shownPath).join("\n             ")}`);
  // What makes images of noise translates none.
  if (translators(compiled.program).length > 0)
    say(
      terminal,
      `Use it:      ${commandName(terminal)} translate ${quote(shownPath(run.path))} IMAGE…`,
    );
  return 0;
};

const trainAndConclude = async (
  ready: Ready,
  options: RunOptions,
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<number> => {
  try {
    firstWords(ready, terminal);
    const outcome = await trainReady(ready, options, terminal, interrupts);
    const uncaught = interrupts.uncaught();
    if (isLeft(outcome)) reportFailure(terminal, outcome.left);
    if (uncaught !== undefined) throw uncaught.error;
    return isLeft(outcome) ? 1 : await conclude(ready, outcome.right, terminal);
  } finally {
    await ready.end();
  }
};

/** Runs the command and gives its exit code: 0 done, 1 a reported failure, 2 wrong usage, 130 interrupted. */
export const runCommand = async (
  compiler: Compiler,
  spec: string,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> => {
  const interrupts = catchInterrupts();
  try {
    const started = options.resume
      ? await startAgain(compiler, spec, options)
      : await startNew(compiler, spec, options);
    if (!isLeft(started))
      return await trainAndConclude(started.right, options, terminal, interrupts);
    reportFailure(terminal, started.left);
    return started.left.kind === "usage" ? 2 : 1;
  } finally {
    interrupts.release();
  }
};

/** Adds `run` to the command line. */
export const registerRun = (program: Command, compiler: Compiler, terminal: Terminal): void => {
  program
    .command("run")
    .description("Train a spec on images.")
    .argument("<spec>", "a .gan file; with --resume also the folder of a run")
    .option("--data <source...>", "emoji, a folder with trainA and trainB, or X=FOLDER Y=FOLDER")
    .addOption(setOption())
    .addOption(rootOption())
    .option("--out <folder>", "where the run is kept (default: a new one under runs/)")
    .option("--resume", "go on with a run from its newest checkpoint")
    .option("--seed <n>", "of weights, crops, flips and histories (default: 0)", count)
    .option("--epochs <n>", "stop after so many epochs of the run as a whole", positive)
    .option("--steps <n>", "stop after so many steps of the run as a whole", positive)
    .option("--minutes <n>", "stop after so many minutes; the schedule stays in epochs", positive)
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .addOption(
      new Option("--sample-every <interval>", "sample grids: 100 steps, 1 epoch, 5 min, never")
        .argParser(cadence)
        .default(defaultSampling, "every epoch, and every 5 min; at most one in 30 s"),
    )
    .addOption(
      new Option("--checkpoint-every <interval>", "checkpoints, likewise")
        .argParser(cadence)
        .default(defaultSaving, "every 10 epochs, and every 5 min; at most one in 30 s"),
    )
    .action(async (spec: string, options: RunOptions) => {
      process.exitCode = await runCommand(compiler, spec, options, terminal);
    });
};
