/** `ganc translate`: writes what a trained network makes of images. The run's folder says all the rest. */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { type Compiler, type EngineName, engineNames } from "../../training/compiled.js";
import type { TrainingError } from "../../training/errors.js";
import { checkpointStep, type OpenedRun, openTrained } from "../../training/open-run.js";
import { type Direction, directions } from "../../training/program.js";
import { shownPath } from "../../training/run-directory.js";
import { expand, translateFiles } from "../../training/translate.js";
import { reportFailure } from "../terminal/failure.js";
import { counted } from "../terminal/format.js";
import { catchInterrupts } from "../terminal/interrupt.js";
import { complain, note, say, type Terminal } from "../terminal/terminal.js";
import { generate } from "./generate.js";
import { count } from "./options.js";

export interface TranslateOptions {
  /** Name of a domain. */
  readonly to?: string;
  readonly net?: string;
  readonly out?: string;
  readonly checkpoint?: string;
  readonly engine: EngineName;
  readonly originalSize?: boolean;
  /** Images to make of noise, where none are translated. */
  readonly count?: number;
  readonly class?: string;
  readonly seed?: number;
}

export interface Choice {
  readonly direction: Direction;
  /** Whether others were possible, and the user did not say. */
  readonly byDefault: boolean;
}

const signature = ({ network, from, to }: Direction): string =>
  `${network} : ${from.name} -> ${to.name}`;

/** The network that is asked for; unasked, the first from the first domain. */
export const chooseDirection = (
  all: readonly Direction[],
  { to, net }: Pick<TranslateOptions, "to" | "net">,
): Either<string, Choice> => {
  const fitting = all.filter(
    (d) => (net === undefined || d.network === net) && (to === undefined || d.to.name === to),
  );
  const first = fitting.find(({ from }) => from.name === all[0]?.from.name) ?? fitting[0];
  if (first === undefined)
    return left(
      all.length === 0
        ? "This run has no network from one image to another: there is nothing to translate with. --count 16 has a network make images of noise."
        : `No such network. This run has:\n${all.map((d) => `  ${signature(d)}`).join("\n")}`,
    );
  return right({ direction: first, byDefault: fitting.length > 1 });
};

/** Files of what the user named; a name that leads nowhere is told and counted, the others go on. */
const gather = async (paths: readonly string[], terminal: Terminal) => {
  const found = await Promise.all(paths.map(expand));
  for (const one of found) if (isLeft(one)) reportFailure(terminal, one.left);
  return {
    inputs: found.flatMap((one) => (isRight(one) ? one.right : [])),
    lost: found.filter(isLeft).length,
  };
};

const translateWith = async (
  opened: OpenedRun,
  { direction, byDefault }: Choice,
  inputs: readonly string[],
  options: TranslateOptions,
  terminal: Terminal,
): Promise<Either<TrainingError, { failed: number; interrupted: boolean }>> => {
  const { session, run, step, notices } = opened;
  for (const notice of notices) note(terminal, notice);
  if (byDefault) note(terminal, `translating with ${signature(direction)}; --net or --to chooses.`);
  terminal.err.write(
    `${signature(direction)}, after ${counted(step, "step")}; engine: ${session.engine}\n`,
  );
  const interrupts = catchInterrupts(() => undefined);
  try {
    const failed = await translateFiles({
      session,
      direction,
      inputs,
      folder: options.out ?? join(run.path, "translated", direction.network),
      originalSize: options.originalSize === true,
      signal: interrupts.signal,
      listener: (event) =>
        event.kind === "written"
          ? say(terminal, shownPath(event.output))
          : complain(terminal, `${event.input}: ${event.reason}`),
    });
    return isLeft(failed)
      ? failed
      : right({ failed: failed.right, interrupted: interrupts.signal.aborted });
  } finally {
    interrupts.release();
  }
};

const use = async (
  opened: OpenedRun,
  paths: readonly string[],
  options: TranslateOptions,
  terminal: Terminal,
): Promise<number> => {
  const choice = chooseDirection(directions(opened.compiled.program), options);
  if (isLeft(choice)) {
    complain(terminal, choice.left);
    return 2;
  }
  const { inputs, lost } = await gather(paths, terminal);
  if (inputs.length === 0) return 1;
  const done = await translateWith(opened, choice.right, inputs, options, terminal);
  if (isLeft(done)) {
    reportFailure(terminal, done.left);
    return 1;
  }
  const { failed, interrupted } = done.right;
  if (interrupted) return 130;
  if (failed + lost === 0) return 0;
  complain(terminal, `${failed + lost} of ${inputs.length + lost} could not be translated.`);
  return 1;
};

/** Images are translated or made, and what is said must belong to the one that is asked for. */
const wrongUse = (images: readonly string[], options: TranslateOptions): string | undefined => {
  if (options.count === undefined) {
    if (options.class !== undefined || options.seed !== undefined)
      return "--class and --seed go with --count, which makes images of noise.";
    return images.length === 0
      ? "Name the images to translate, or say with --count how many to make of noise."
      : undefined;
  }
  if (options.count === 0) return "--count 0 makes nothing.";
  return images.length > 0 || options.originalSize === true
    ? "--count makes images of noise: leave out the images and --original-size, or --count."
    : undefined;
};

/** Runs the command and gives its exit code: 0 when every image was translated, 1 when not, 2 wrong usage. */
export const translateCommand = async (
  compiler: Compiler,
  path: string,
  images: readonly string[],
  options: TranslateOptions,
  terminal: Terminal,
): Promise<number> => {
  const step = options.checkpoint === undefined ? undefined : checkpointStep(options.checkpoint);
  if (options.checkpoint !== undefined && step === undefined) {
    complain(terminal, `"${options.checkpoint}" names no checkpoint: give its step or its file.`);
    return 2;
  }
  const misuse = wrongUse(images, options);
  if (misuse !== undefined) {
    complain(terminal, misuse);
    return 2;
  }
  const opened = await openTrained(compiler, path, options.engine, step);
  if (isLeft(opened)) {
    reportFailure(terminal, opened.left);
    return 1;
  }
  try {
    const { count: wanted } = options;
    return wanted === undefined
      ? await use(opened.right, images, options, terminal)
      : await generate(opened.right, { ...options, count: wanted }, terminal);
  } finally {
    opened.right.session.dispose();
  }
};

/** Adds `translate` to the command line. */
export const registerTranslate = (
  program: Command,
  compiler: Compiler,
  terminal: Terminal,
): void => {
  program
    .command("translate")
    .description("Translate images with a trained run, or make images of noise.")
    .argument("<run>", "the folder of a run")
    .argument("[images...]", "image files, or folders of them")
    .option("--to <domain>", "the domain to translate into")
    .option("--net <name>", "the network to translate with")
    .option("--out <folder>", "where the PNG files go (default: `translated` in the run's folder)")
    .option("--checkpoint <step>", "a checkpoint by its step or file (default: the newest)")
    .option("--count <n>", "make so many images of noise", count)
    .option("--class <name>", "with --count: a class by its name or number (default: in turn)")
    .option("--seed <n>", "with --count: of the noise (default: 0)", count)
    .option("--original-size", "give each result the size of its input")
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (run: string, images: readonly string[], options: TranslateOptions) => {
      process.exitCode = await translateCommand(compiler, run, images, options, terminal);
    });
};
