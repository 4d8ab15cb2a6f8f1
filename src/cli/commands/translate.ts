/** `ganc translate`: writes what a trained network makes of images. The run's folder says all the rest. */
import { basename, join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { stemOf } from "../../data/pairing.js";
import { type Compiler, type EngineName, engineNames } from "../../training/compiled.js";
import type { TrainingError } from "../../training/errors.js";
import { checkpointStep, type OpenedRun, openTrained } from "../../training/open-run.js";
import { shownPath } from "../../training/run-directory.js";
import { expand, translateFiles, type Variant, variantsOf } from "../../training/translate.js";
import {
  classCount,
  classNames,
  draws,
  imageInputs,
  type NamedInput,
  type Translator,
  translators,
} from "../../training/translators.js";
import { reportFailure } from "../terminal/failure.js";
import { counted } from "../terminal/format.js";
import { catchInterrupts } from "../terminal/interrupt.js";
import { complain, note, say, type Terminal } from "../terminal/terminal.js";
import { chooseClass, generate } from "./generate.js";
import { count } from "./options.js";

export interface TranslateOptions {
  /** Name of a domain. */
  readonly to?: string;
  readonly net?: string;
  readonly out?: string;
  readonly checkpoint?: string;
  readonly engine: EngineName;
  readonly originalSize?: boolean;
  /** Images by the inputs that they are for. */
  readonly input?: readonly (readonly [string, string])[];
  /** Images to make of noise, or draws for each image that is translated. */
  readonly count?: number;
  readonly class?: string;
  readonly seed?: number;
}

export interface Choice {
  readonly translator: Translator;
  /** Whether others were possible, and the user did not say. */
  readonly byDefault: boolean;
}

const signature = ({ network, inputs, to }: Translator): string => {
  const from = inputs.map(({ domain }) => domain.name).join(", ");
  return `${network} : ${inputs.length > 1 ? `(${from})` : from} -> ${to.name}`;
};

/** The network that is asked for; unasked, the first from the first domain. */
export const chooseTranslator = (
  all: readonly Translator[],
  { to, net }: Pick<TranslateOptions, "to" | "net">,
): Either<string, Choice> => {
  const fitting = all.filter(
    (d) => (net === undefined || d.network === net) && (to === undefined || d.to.name === to),
  );
  const first = fitting.find(({ from }) => from.name === all[0]?.from.name) ?? fitting[0];
  if (first === undefined)
    return left(
      all.length === 0
        ? "This run has no network that makes images of images: leave out the images, and --count 16 has a network make some of noise."
        : `No such network. This run has:\n${all.map((d) => `  ${signature(d)}`).join("\n")}`,
    );
  return right({ translator: first, byDefault: fitting.length > 1 });
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

/** What the command line says of a translation, once it is found right. */
interface Plan extends Choice {
  /** Files of each image input, in the order of the network. */
  readonly files: readonly (readonly string[])[];
  readonly variants: readonly Variant[];
}

const translateWith = async (
  opened: OpenedRun,
  { translator, byDefault, variants }: Plan,
  inputs: readonly (readonly string[])[],
  options: TranslateOptions,
  terminal: Terminal,
): Promise<Either<TrainingError, { failed: number; interrupted: boolean }>> => {
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
          : complain(terminal, `${event.input}: ${event.reason}`),
    });
    return isLeft(failed)
      ? failed
      : right({ failed: failed.right, interrupted: interrupts.signal.aborted });
  } finally {
    interrupts.release();
  }
};

/** `x and style`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** The paths of each image input: those without a name are of the first. */
const pathsOf = (
  translator: Translator,
  images: readonly string[],
  { input = [] }: TranslateOptions,
): Either<string, readonly (readonly string[])[]> => {
  const taken = imageInputs(translator);
  const { network } = translator;
  const all = `${network} takes ${taken.length === 1 ? "one image" : "the images"} ${listed(taken.map(({ name }) => name))}`;
  const isNamed = (name: string, of: NamedInput): boolean =>
    name === of.name || name === of.domain.name;
  const unknown = input.find(([name]) => !taken.some((of) => isNamed(name, of)));
  if (unknown !== undefined) return left(`--input ${unknown[0]}: ${all}.`);
  const paths = taken.map((of, k) => [
    ...(k === 0 ? images : []),
    ...input.filter(([name]) => isNamed(name, of)).map(([, path]) => path),
  ]);
  const missing = taken.filter((_, k) => paths[k]?.length === 0).map(({ name }) => name);
  return missing.length === 0
    ? right(paths)
    : left(`${all}: add ${listed(missing.map((name) => `--input ${name}=IMAGE`))}.`);
};

const plan = (
  { compiled, run }: OpenedRun,
  images: readonly string[],
  options: TranslateOptions,
): Either<string, Plan> => {
  const choice = chooseTranslator(
    // Who names a network may mean one that learns nothing
    translators(compiled.program, options.net !== undefined),
    options,
  );
  if (isLeft(choice)) return choice;
  const { translator } = choice.right;
  const { network, to } = translator;
  const classes = classCount(translator);
  const only = chooseClass(classes, to, run.manifest, options.class);
  if (isLeft(only)) return only;
  for (const [flag, value] of Object.entries({ count: options.count, seed: options.seed }))
    if (value !== undefined && !draws(translator))
      return left(
        `--${flag}: ${network} draws no noise, and makes the same of an image every time. Leave it out, or the images.`,
      );
  const paths = pathsOf(translator, images, options);
  if (isLeft(paths)) return paths;
  const names = classNames(classes ?? 1, to, run.manifest.data.classes);
  const variants = variantsOf(translator, names, only.right, options.count ?? 1);
  return right({ ...choice.right, files: paths.right, variants });
};

/**
 * A row for each result: one image for all, or those of one name. `alone`: images of the first input that nothing goes
 * with.
 */
const joined = (
  files: readonly (readonly string[])[],
): { readonly rows: readonly (readonly string[])[]; readonly alone: readonly string[] } => {
  const most = Math.max(...files.map((each) => each.length));
  // One image and a folder of styles: a result for each style
  const longest = files.find((each) => each.length === most) ?? [];
  const several = files.map((each) => new Map(each.map((file) => [stemOf(basename(file)), file])));
  const rows = longest.map((file) =>
    files.flatMap((each, k) =>
      each.length === 1 ? each : (several[k]?.get(stemOf(basename(file))) ?? []),
    ),
  );
  const isWhole = (_: string, i: number): boolean => rows[i]?.length === files.length;
  if (files.length === 1) return { rows: longest.map((file) => [file]), alone: [] };
  return {
    rows: rows.filter((row) => row.length === files.length),
    alone: longest.filter((file, i) => !isWhole(file, i)),
  };
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
  const gathered: (readonly string[])[] = [];
  let lost = 0;
  for (const paths of planned.right.files) {
    const found = await gather(paths, terminal);
    lost += found.lost;
    if (found.inputs.length === 0) return 1;
    gathered.push(found.inputs);
  }
  const { rows, alone } = joined(gathered);
  for (const file of alone) complain(terminal, `${file}: no image of its name goes with it.`);
  lost += alone.length;
  const done = await translateWith(opened, planned.right, rows, options, terminal);
  if (isLeft(done)) {
    reportFailure(terminal, done.left);
    return 1;
  }
  const { failed, interrupted } = done.right;
  if (interrupted) return 130;
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

/** Adds `name=path`. */
const addInput = (
  text: string,
  inputs: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] => {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError("Write it as name=IMAGE or name=FOLDER.");
  return [...inputs, [text.slice(0, at), text.slice(at + 1)]];
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
    .option("--out <folder>", "where the PNG files go (default: `translated` in the run's folder)")
    .option("--checkpoint <step>", "a checkpoint by its step or file (default: the newest)")
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
