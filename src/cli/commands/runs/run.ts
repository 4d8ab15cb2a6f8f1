import { type Command, Option } from "commander";
import { type Either, isLeft } from "fp-ts/lib/Either.js";
import { quote } from "../../../base/shell.js";
import { stopNames } from "../../../operators/monitors.js";
import { renderQuality } from "../../../report/measures/quality.js";
import { realDisk } from "../../../training/files/disk.js";
import { describe, isLoss, type TrainingError } from "../../../training/files/errors.js";
import { drawLosses } from "../../../training/logs/losses-chart.js";
import { openMetrics } from "../../../training/logs/metrics.js";
import type { Outcome, TrainingJob } from "../../../training/loop/job.js";
import { train } from "../../../training/loop/train.js";
import { evaluate } from "../../../training/measuring/compare-baselines.js";
import { measuringOf } from "../../../training/measuring/measure-run.js";
import type { Ready } from "../../../training/opening/begin.js";
import type { Cadence } from "../../../training/program/cadence.js";
import { type Compiler, engineNames } from "../../../training/program/compiled.js";
import { type Limits, plannedSteps, totalEpochs } from "../../../training/program/schedule.js";
import { translators } from "../../../training/program/translators.js";
import { shownPath, store } from "../../../training/run-directory/run-directory.js";
import { makesImages, sampleGrid } from "../../../training/translation/sample.js";
import { type LiveReport, liveReport, withEvents } from "../../reports/live-report.js";
import { reportFailure } from "../../terminal/failure.js";
import { pictureWays } from "../../terminal/graphics.js";
import { catchInterrupts, type Interrupts } from "../../terminal/interrupt.js";
import { progress } from "../../terminal/progress.js";
import { counted, formatDuration } from "../../terminal/progress-text.js";
import { samplesIn } from "../../terminal/samples.js";
import { telling } from "../../terminal/skipped.js";
import { commandName, note, say, type Terminal } from "../../terminal/terminal.js";
import {
  cadence,
  count,
  countCadence,
  folder,
  heldOut,
  keep,
  positive,
  rootOption,
  setOption,
} from "../options.js";
import { type RunOptions, startRun } from "./run-begin.js";
import { followCommand } from "./run-follow.js";
import { precisionOf, withPrecision } from "./run-precision.js";
import { type Reached, reach, tellEnd, tellSession } from "./run-session.js";
import { restartsOf, sharingOf, withSharing } from "./run-sharing.js";
import { monitorList, watchOf } from "./run-watch.js";
import {
  firstWords,
  goOnCommand,
  listen,
  measuringEvery,
  tellMeasuring,
  warnOfLimits,
  warnOfMeasuring,
} from "./run-words.js";

/**
 * Default intervals. Epochs of few images are short, and a sample each second helps nobody; a given
 * interval is taken literally.
 */
const defaultSampling: Cadence = { epochs: 1, minutes: 5, apart: 0.5 };
const defaultSaving: Cadence = { epochs: 10, minutes: 5, apart: 0.5 };

type Attempt<A> = Promise<Either<TrainingError, A>>;

const trainReady = async (
  ready: Ready,
  options: RunOptions,
  terminal: Terminal,
  interrupts: Interrupts,
  reached: Reached,
  live: LiveReport,
): Attempt<Outcome> => {
  const { compiled, run, data, session, start } = ready;
  const { program } = compiled;
  const { intervals } = run.manifest;
  const { epochs, steps, minutes } = options;
  const limits: Limits = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(steps === undefined ? {} : { steps }),
    ...(minutes === undefined ? {} : { minutes }),
  };
  warnOfLimits(ready, limits, terminal);
  const { step } = start;
  const measure = await measuringOf({ ...ready, program, path: run.measures, step });
  if (isLeft(measure)) return measure;
  const log = await openMetrics(realDisk, run.metrics, step);
  if (isLeft(log)) return log;
  const measureEvery = measuringEvery(ready, options.measureEvery);
  if (measure.right !== undefined) tellMeasuring(measureEvery, terminal);
  else warnOfMeasuring(options.measureEvery, terminal);
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
    shown.line(
      "finishing this step, then saving; Ctrl-C or the same signal again ends without saving",
    );
  const skipped = telling();
  const tell = listen(shown, skipped);
  const pictures = samplesIn(terminal, options.pictures ?? "auto", shown);
  const watch = await watchOf(ready, limits, options.stopOn, (error) =>
    tell({ kind: "notice", error }),
  );
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
    plateau: ready.plateau,
    limits,
    sampleEvery: options.sampleEvery ?? intervals?.samples ?? defaultSampling,
    checkpointEvery: options.checkpointEvery ?? intervals?.checkpoints ?? defaultSaving,
    ...(measure.right === undefined ? {} : { measure: measure.right, measureEvery }),
    watch,
    checkpoints: store(run, options.keep),
    displaced: ready.displaced,
    log: log.right,
    sample: (position) => sampleGrid(sampler, position),
    now: () => Math.round(performance.now()),
    signal: interrupts.signal,
    listener: (event) => {
      if (event.kind === "step") reach(reached, event.position, data.stepsPerEpoch);
      live.event(event);
      tell(event);
      if (event.kind === "sample") pictures.sample(event.path);
    },
  };
  try {
    return await interrupts.saving(finishing, () => train(job));
  } finally {
    const rest = skipped.rest();
    if (rest !== undefined) shown.line(rest);
    pictures.stop();
    shown.stop();
    await log.right.close();
  }
};

/** Exit code of a run that a monitor ended, as requested. */
const stoppedByMonitor = 3;

const reasons: Readonly<Record<Outcome["ending"], string>> = {
  schedule: "Trained to the end of the schedule",
  epochs: "Stopped as --epochs asks",
  steps: "Stopped as --steps asks",
  minutes: "Stopped as --minutes asks",
  interrupted: "Interrupted, and saved",
  monitor: "Stopped by what a monitor saw, and saved",
};

/** Prints the last words and returns the exit code. */
const conclude = async (
  ready: Ready,
  outcome: Outcome,
  options: RunOptions,
  terminal: Terminal,
  interrupts: Interrupts,
  live: LiveReport,
): Promise<number> => {
  const { position, ending } = outcome;
  const { compiled, run, session, dataset } = ready;
  say(
    terminal,
    `${reasons[ending]}: ${counted(position.step, "step")}, ${counted(position.epoch, "whole epoch")}, in ${formatDuration(position.elapsed)}.`,
  );
  const moved = options.resume ? options.data : undefined;
  if (ending !== "schedule" && !options.isPart)
    say(terminal, `Go on with:  ${goOnCommand(ready, moved, terminal)}`);
  if (ending === "interrupted") return interrupts.code();
  if (ending === "monitor") return stoppedByMonitor;
  const displaced = await ready.displaced();
  if (displaced !== undefined) {
    reportFailure(terminal, displaced);
    return 1;
  }
  const evaluated = await evaluate(session, compiled.program, dataset, `${run.path}/evaluation`);
  if (isLeft(evaluated)) {
    reportFailure(terminal, evaluated.left);
    return 1;
  }
  if (evaluated.right) say(terminal, `\n${renderQuality(evaluated.right.qualities)}\n`);
  if (evaluated.right?.unwritten !== undefined) {
    reportFailure(terminal, evaluated.right.unwritten);
    return 1;
  }
  const chart = await drawLosses(run);
  if (isLeft(chart)) note(terminal, describe(chart.left));
  const charts = isLeft(chart) ? [] : [chart.right];
  const reported = await live.finish(true);
  if (isLeft(reported)) note(terminal, describe(reported.left));
  const page = isLeft(reported) || reported.right === undefined ? [] : [reported.right];
  const files = [
    ...page,
    ...(evaluated.right?.files ?? []),
    ...charts,
    ...(makesImages(compiled.program) ? [run.samples] : []),
  ];
  if (files.length > 0)
    say(terminal, `Look at:     ${files.map(shownPath).join("\n             ")}`);
  // A network from noise translates nothing.
  if (translators(compiled.program).length > 0)
    say(
      terminal,
      `Use it:      ${commandName(terminal)} translate ${quote(shownPath(run.path))} IMAGE…`,
    );
  return 0;
};

/** The run lost a process of its engine, and may go on from its newest checkpoint. */
interface Lost {
  readonly run: string;
}

const trainAndConclude = async (
  ready: Ready,
  options: RunOptions,
  terminal: Terminal,
  interrupts: Interrupts,
  mayRestart: boolean,
): Promise<number | Lost> => {
  try {
    firstWords(ready, terminal);
    await tellSession(ready, options.command, terminal);
    const reached = { step: ready.start.step, epoch: ready.start.epoch };
    const page = await liveReport(ready, options.report !== false);
    const live = options.tensorboard ? await withEvents(page, ready) : page;
    const outcome = await trainReady(ready, options, terminal, interrupts, reached, live);
    const uncaught = interrupts.uncaught();
    await tellEnd(ready, outcome, uncaught, reached, terminal);
    if (isLeft(outcome)) reportFailure(terminal, outcome.left);
    if (uncaught !== undefined) throw uncaught.error;
    if (isLeft(outcome) || outcome.right.ending === "interrupted") await live.finish();
    if (!isLeft(outcome))
      return await conclude(ready, outcome.right, options, terminal, interrupts, live);
    const goesOn = mayRestart && isLoss(outcome.left) && !interrupts.signal.aborted;
    return goesOn ? { run: ready.run.path } : 1;
  } finally {
    await ready.end();
  }
};

/** The options that go on with a run in place, `spent` milliseconds after it began. */
const onwards = (options: RunOptions, spent: number): RunOptions => {
  const { out: _out, seed: _seed, holdOut: _held, root: _root, data, minutes, ...rest } = options;
  return {
    ...rest,
    set: {},
    resume: true,
    carryOver: false,
    // A resumed run knows where its images are, unless they had been moved.
    ...(options.resume && data !== undefined ? { data } : {}),
    ...(minutes === undefined ? {} : { minutes: Math.max(0.001, minutes - spent / 60_000) }),
  };
};

/**
 * Runs the command. Exit code: 0 done, 1 a reported failure, 2 wrong usage, 3 ended by a monitor,
 * 128 + n after signal n.
 */
export const runCommand = async (
  compiler: Compiler,
  spec: string,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> => {
  const interrupts = catchInterrupts();
  const sharing = sharingOf(options, options.engine);
  const restarts = restartsOf(options, isLeft(sharing) ? undefined : sharing.right);
  const begun = performance.now();
  let [place, now] = [spec, options];
  try {
    if (!isLeft(sharing) && sharing.right !== undefined && sharing.right.nodeRank > 0) {
      const precision = precisionOf(options, options.engine);
      if (isLeft(precision)) {
        reportFailure(terminal, { kind: "usage", reason: precision.left });
        return 2;
      }
      const torch = { sharing: sharing.right, precision: precision.right };
      return await followCommand(compiler, spec, options, torch, restarts, terminal);
    }
    for (let tries = 0; ; tries++) {
      const started = await startRun(compiler, place, now);
      if (isLeft(started)) {
        reportFailure(terminal, started.left);
        return started.left.kind === "usage" ? 2 : 1;
      }
      const mayRestart = tries < restarts;
      const ended = await trainAndConclude(started.right, now, terminal, interrupts, mayRestart);
      if (typeof ended === "number") return ended;
      note(terminal, `going on from the newest checkpoint, try ${tries + 1} of ${restarts}`);
      [place, now] = [ended.run, onwards(options, performance.now() - begun)];
    }
  } finally {
    interrupts.release();
  }
};

/** Adds `run` to the command line. */
export const registerRun = (program: Command, compiler: Compiler, terminal: Terminal): void => {
  const command = program.command("run");
  command
    .description("Train a spec on images.")
    .argument("<spec>", "a .gan file; with --resume also the folder of a run")
    .option(
      "--data <source...>",
      "emoji, a folder or zip with trainA and trainB, or X=PLACE Y=PLACE: folders, zips, patterns, lists",
    )
    .addOption(setOption())
    .addOption(rootOption())
    .option("--out <folder>", "where the run is kept (default: a new one under runs/)", folder)
    .option("--resume", "resume a run from its newest checkpoint")
    .option("--carry-over", "resume with a changed spec, if the learnt state fits it")
    .option("--seed <n>", "seed of weights, crops, flips and histories (default: 0)", count)
    .option("--epochs <n>", "stop after this many epochs of the whole run", positive)
    .option("--steps <n>", "stop after this many steps of the whole run", positive)
    .option(
      "--minutes <n>",
      "stop after this many minutes; the schedule still counts epochs",
      positive,
    )
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .option(
      "--code",
      "train by the TypeScript that `ganc compile` writes, kept in the run's folder for a debugger to step through",
    )
    .option("--force-memory", "try it even if the memory is clearly too small by the plan")
    .addOption(
      new Option(
        "--sample-every <interval>",
        "sample grids: 100 steps, 1 epoch, 5 min, never (default: every epoch, and every 5 min; at most one in 30 s; with --resume as the run began)",
      ).argParser(cadence),
    )
    .addOption(
      new Option(
        "--checkpoint-every <interval>",
        "checkpoints, likewise (default: every 10 epochs, and every 5 min; at most one in 30 s; with --resume as the run began)",
      ).argParser(cadence),
    )
    .addOption(
      new Option(
        "--hold-out <n>",
        "hold this many images of each domain, 20 or 10%, out of training, to measure the run and to choose its best checkpoint (default: none)",
      ).argParser(heldOut),
    )
    .addOption(
      new Option(
        "--measure-every <interval>",
        "measure on the held-out images: 1 epoch, 500 steps, never (default: every epoch, or every few if they are short; with --resume as the run began)",
      ).argParser(countCadence),
    )
    .addOption(
      new Option(
        "--keep <what>",
        'which checkpoints stay: "last=3, every=10 epochs, best", "no-best", "all" (default: last=3, best; with --resume as the run began)',
      ).argParser(keep),
    )
    .option("--tensorboard", "write the curves for TensorBoard too, into the run's folder")
    .addOption(
      new Option(
        "--pictures <how>",
        "show samples in the terminal: the best way that it supports (auto), one way, or none",
      )
        .choices(pictureWays)
        .default("auto"),
    )
    .option("--no-report", "write no report.html while it trains; `ganc report` makes one later")
    .addOption(
      new Option(
        "--stop-on <monitors>",
        `end the run if one of these monitors speaks: ${stopNames.join(", ")}; all, none (default: as the spec's \`stop\` says)`,
      ).argParser(monitorList),
    );
  withPrecision(withSharing(command)).action(async (spec: string, options: RunOptions) => {
    const command = ["ganc", ...process.argv.slice(2)];
    process.exitCode = await runCommand(compiler, spec, { ...options, command }, terminal);
  });
};
