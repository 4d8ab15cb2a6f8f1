/** `ganc translate`: writes what a trained network makes of images. The run's folder says all the rest. */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { printable } from "../../base/printable.js";
import { type Compiler, engineNames } from "../../training/compiled.js";
import type { TrainingError } from "../../training/errors.js";
import { type OpenedRun, openTrained } from "../../training/open-run.js";
import { shownPath } from "../../training/run-directory.js";
import { translateFiles } from "../../training/translate.js";
import { reportFailure } from "../terminal/failure.js";
import { counted } from "../terminal/format.js";
import { catchInterrupts } from "../terminal/interrupt.js";
import { complain, note, say, type Terminal } from "../terminal/terminal.js";
import { generate } from "./generate.js";
import { checkpointOption, count, folder } from "./options.js";
import { addInput, gather } from "./translate-inputs.js";
import { type Plan, plan, signature, type TranslateOptions } from "./translate-plan.js";

const translateWith = async (
  opened: OpenedRun,
  { translator, byDefault, variants }: Plan,
  inputs: readonly (readonly string[])[],
  options: TranslateOptions,
  terminal: Terminal,
): Promise<Either<TrainingError, { failed: number; interrupted: number | undefined }>> => {
  const { session, run, step, notices } = opened;
  for (const notice of notices) note(terminal, notice);
  if (byDefault)
    note(terminal, `translating with ${signature(translator)}; --net or --to chooses.`);
  terminal.err.write(
    `${signature(translator)}, after ${counted(step, "step")}; engine: ${session.engine}\n`,
  );
  const interrupts = catchInterrupts(() => undefined);
  try {
    const failed = await translateFiles({
      session,
      translator,
      inputs,
      variants,
      seed: options.seed ?? 0,
      folder: options.out ?? join(run.path, "translated", translator.network),
      originalSize: options.originalSize === true,
      signal: interrupts.signal,
      listener: (event) =>
        event.kind === "written"
          ? say(terminal, shownPath(event.output))
          : complain(terminal, `${printable(event.input)}: ${event.reason}`),
    });
    return isLeft(failed)
      ? failed
      : right({
          failed: failed.right,
          interrupted: interrupts.signal.aborted ? interrupts.code() : undefined,
        });
  } finally {
    interrupts.release();
  }
};

const use = async (
  opened: OpenedRun,
  images: readonly string[],
  options: TranslateOptions,
  terminal: Terminal,
): Promise<number> => {
  const planned = plan(opened, images, options);
  if (isLeft(planned)) {
    complain(terminal, planned.left);
    return 2;
  }
  const gathered = await gather(planned.right.paths, terminal);
  if (gathered === undefined) return 1;
  const { rows, lost } = gathered;
  const done = await translateWith(opened, planned.right, rows, options, terminal);
  if (isLeft(done)) {
    reportFailure(terminal, done.left);
    return 1;
  }
  const { failed, interrupted } = done.right;
  if (interrupted !== undefined) return interrupted;
  if (failed + lost === 0) return 0;
  complain(terminal, `${failed + lost} of ${rows.length + lost} could not be translated.`);
  return 1;
};

/** Whether images are named, as words or as inputs; else they are made of noise. */
const namesImages = (images: readonly string[], { input = [] }: TranslateOptions): boolean =>
  images.length + input.length > 0;

/** What is wrong whatever the run holds. */
const wrongUse = (images: readonly string[], options: TranslateOptions): string | undefined => {
  if (options.count === 0) return "--count 0 makes nothing.";
  if (namesImages(images, options)) return undefined;
  if (options.count === undefined)
    return "Name the images to translate, or say with --count how many to make of noise.";
  return options.originalSize === true
    ? "--original-size is the size of the image that is translated: name it, or leave this out."
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
  const misuse = wrongUse(images, options);
  if (misuse !== undefined) {
    complain(terminal, misuse);
    return 2;
  }
  const opened = await openTrained(compiler, path, options.engine, options.checkpoint);
  if (isLeft(opened)) {
    reportFailure(terminal, opened.left);
    return 1;
  }
  try {
    const { count: wanted } = options;
    return wanted === undefined || namesImages(images, options)
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
    .option(
      "--out <folder>",
      "where the PNG files go (default: `translated` in the run's folder)",
      folder,
    )
    .addOption(checkpointOption())
    .option(
      "--input <name=path>",
      "images of one of the inputs, `x=…`, `style=…`; of several, those of one name go together; may be repeated",
      addInput,
    )
    .option("--count <n>", "make so many images of noise, or of each image", count)
    .option("--class <name>", "a class by its name or number (default: each, or in turn)")
    .option("--seed <n>", "of the noise (default: 0)", count)
    .option("--original-size", "give each result the size of its input")
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (run: string, images: readonly string[], options: TranslateOptions) => {
      process.exitCode = await translateCommand(compiler, run, images, options, terminal);
    });
};
