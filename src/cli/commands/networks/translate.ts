/** `ganc translate`: translates images with a trained network, given only the run's folder. */
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { printable } from "../../../base/printable.js";
import { outputFormats } from "../../../data/images/picture-file.js";
import type { Domain } from "../../../program/model.js";
import type { TrainingError } from "../../../training/files/errors.js";
import type { OpenedRun } from "../../../training/opening/open-run.js";
import { type Compiler, engineNames } from "../../../training/program/compiled.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { expand, type FoundFile } from "../../../training/translation/expand.js";
import { type Applied, fixedReason } from "../../../training/translation/picture-translation.js";
import { translateFiles } from "../../../training/translation/translate.js";
import { reportFailure } from "../../terminal/failure.js";
import { catchInterrupts } from "../../terminal/interrupt.js";
import { counted } from "../../terminal/progress-text.js";
import { complain, note, type Terminal } from "../../terminal/terminal.js";
import { translationProgress } from "../../terminal/translation-progress.js";
import { unlikeNotes } from "../../terminal/unlike-notes.js";
import { checkpointOption, count, folder } from "../options.js";
import { knownImages, withTrained } from "../trained.js";
import { generate } from "./generate.js";
import { addInput, gather } from "./translate-inputs.js";
import {
  type Plan,
  plan,
  signature,
  sizeOption,
  type TranslateOptions,
  tileOption,
} from "./translate-plan.js";

/** Says which network translates, and how. */
const introduce = (
  { session, step, notices }: OpenedRun,
  { translator, byDefault }: Plan,
  applied: Applied,
  terminal: Terminal,
): void => {
  for (const notice of notices) note(terminal, notice);
  if (byDefault)
    note(terminal, `translating with ${signature(translator)}; --net or --to chooses.`);
  const reason = fixedReason(applied);
  if (reason !== undefined)
    note(
      terminal,
      `${translator.network} takes images of ${sizeText(translator.from)} alone (${reason}): pictures are resized to that, and --original-size resizes the results back.`,
    );
  terminal.err.write(
    `${signature(translator)}, after ${counted(step, "step")}; engine: ${session.engine}\n`,
  );
};

const sizeText = ({ shape: [height, width] }: Domain): string => `${width} x ${height}`;

const translateWith = async (
  opened: OpenedRun,
  planned: Plan,
  inputs: readonly (readonly FoundFile[])[],
  options: TranslateOptions,
  terminal: Terminal,
): Promise<Either<TrainingError, { failed: number; interrupted: number | undefined }>> => {
  const { session, run } = opened;
  const { translator, variants, sizing, output } = planned;
  const network = opened.compiled.model?.networks.find(({ name }) => name === translator.network);
  const applied = { session, translator, network, sizing };
  introduce(opened, planned, applied, terminal);
  const known = await knownImages(opened, terminal);
  const interrupts = catchInterrupts(() => undefined);
  const shown = translationProgress(inputs.length, terminal);
  const unlike = unlikeNotes(shown.note);
  try {
    const failed = await translateFiles({
      ...applied,
      tile: options.tile,
      part: shown.part,
      inputs,
      variants,
      output,
      seed: options.seed ?? 0,
      folder: options.out ?? ownFolder(run.path, planned),
      overwrites: options.out === undefined || options.overwrite === true,
      keepsNotes: options.metadata !== false,
      known,
      signal: interrupts.signal,
      listener: (event) => {
        if (event.kind === "begun") shown.begin(event.index, event.input);
        else if (event.kind === "written") shown.result(shownPath(event.output));
        else if (event.kind === "unlike") unlike.add(event.input, event.words);
        else shown.failure(`${printable(event.input)}: ${event.reason}`);
      },
    });
    unlike.end();
    return isLeft(failed)
      ? failed
      : right({
          failed: failed.right,
          interrupted: interrupts.signal.aborted ? interrupts.code() : undefined,
        });
  } finally {
    shown.stop();
    interrupts.release();
  }
};

const ownFolder = (run: string, { translator }: Plan): string =>
  join(run, "translated", translator.network);

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
  const out = resolve(options.out ?? ownFolder(opened.run.path, planned.right));
  const without = [await realpath(out).catch(() => out)];
  const gathered = await gather(planned.right.paths, terminal, (path) => expand(path, without));
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

/** Tells whether images are given, as words or as inputs. If not, they are made from noise. */
const namesImages = (images: readonly string[], { input = [] }: TranslateOptions): boolean =>
  images.length + input.length > 0;

/** Returns what is wrong with the options, whatever the run contains. */
const wrongUse = (images: readonly string[], options: TranslateOptions): string | undefined => {
  if (options.count === 0) return "--count 0 makes nothing.";
  if (namesImages(images, options)) return undefined;
  if (options.count === undefined)
    return "Name the images to translate, or say with --count how many to make from noise.";
  return options.originalSize === true
    ? "--original-size is the size of the image that is translated: name it, or leave this out."
    : undefined;
};

/** Runs the command. Exit code: 0 if every image was translated, 1 if not, 2 for wrong usage. */
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
  const { count: wanted } = options;
  return withTrained(compiler, path, options, terminal, (opened) =>
    wanted === undefined || namesImages(images, options)
      ? use(opened, images, options, terminal)
      : generate(opened, { ...options, count: wanted }, terminal),
  );
};

/** Adds `translate` to the command line. */
export const registerTranslate = (
  program: Command,
  compiler: Compiler,
  terminal: Terminal,
): void => {
  program
    .command("translate")
    .description("Translate images with a trained run, or make images from noise.")
    .argument("<run>", "the folder of a run")
    .argument("[images...]", 'image files, folders of them, or patterns such as "photos/**/*.jpg"')
    .option("--to <domain>", "the domain to translate into")
    .option("--net <name>", "the network to translate with")
    .option(
      "--out <folder>",
      "where the results go (default: `translated` in the run's folder)",
      folder,
    )
    .addOption(checkpointOption())
    .option(
      "--input <name=path>",
      "images for one input, `x=…`, `style=…`; images of equal names go together; may be repeated",
      addInput,
    )
    .option("--count <n>", "make this many images from noise, or for each image", count)
    .option("--class <name>", "a class by its name or number (default: each, or in turn)")
    .option("--seed <n>", "seed of the noise (default: 0)", count)
    .addOption(
      new Option(
        "--size <size>",
        "own: each image's own; domain: that of training; N: N pixels along the longer side",
      )
        .argParser(sizeOption)
        .default("own"),
    )
    .option(
      "--original-size",
      "as --size domain, and each result stretched to the size of its input",
    )
    .option(
      "--tile <pixels>",
      "cut pictures into tiles of this side (default: only those too large for one piece)",
      tileOption,
    )
    .addOption(
      new Option("--format <name>", "of the results").choices(outputFormats).default("png"),
    )
    .option("--quality <n>", "1 to 100, for jpeg, webp and avif", count)
    .option("--no-metadata", "leave out colour profile, EXIF and XMP data")
    .option("--overwrite", "replace files in --out instead of writing beside them, as a-2.png")
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (run: string, images: readonly string[], options: TranslateOptions) => {
      process.exitCode = await translateCommand(compiler, run, images, options, terminal);
    });
};
