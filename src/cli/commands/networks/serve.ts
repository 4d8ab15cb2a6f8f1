/**
 * `ganc serve`: serves a page on this machine that translates dropped pictures with a trained
 * network.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../../data/files/errors.js";
import { decodePicture } from "../../../data/images/picture.js";
import { encodePicture } from "../../../data/images/picture-file.js";
import { translatorPage } from "../../../report/translator/page.js";
import type { CheckpointChoice, OpenedRun } from "../../../training/opening/open-run.js";
import { type Compiler, engineNames } from "../../../training/program/compiled.js";
import { generators } from "../../../training/program/program.js";
import {
  classCount,
  classNames,
  imageInputs,
  translators,
} from "../../../training/program/translators.js";
import { type KnownImages, unlikeWords } from "../../../training/run-directory/known-images.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import {
  type Applied,
  type Sizing,
  translatePictures,
} from "../../../training/translation/picture-translation.js";
import { packageRoot } from "../../specs/spec-files.js";
import { catchInterrupts } from "../../terminal/interrupt.js";
import { opened as openedInBrowser } from "../../terminal/opener.js";
import { counted } from "../../terminal/progress-text.js";
import { complain, note, say, type Terminal } from "../../terminal/terminal.js";
import { checkpointOption } from "../options.js";
import { knownImages, withTrained } from "../trained.js";
import { type Served, serve } from "./serving.js";
import { type Choice, chooseTranslator, signature, sizeOption } from "./translate-plan.js";

export interface ServeOptions {
  readonly net?: string;
  readonly to?: string;
  readonly port: number;
  /** Greatest size of a file, in MiB. */
  readonly limit: number;
  readonly size: "own" | "domain" | number;
  readonly checkpoint?: CheckpointChoice;
  readonly engine: (typeof engineNames)[number];
  /** False by `--no-open`. */
  readonly open: boolean;
}

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Not a whole number from ${least} to ${most}.`);
    return value;
  };

const sizingOf = (size: ServeOptions["size"]): Sizing => {
  if (size === "own") return { kind: "own" };
  return size === "domain" ? { kind: "domain", back: true } : { kind: "longest", side: size };
};

const servedBy = async (
  { run, compiled, session, step }: OpenedRun,
  { translator }: Choice,
  { size, limit }: ServeOptions,
  known: KnownImages | undefined,
): Promise<Served> => {
  const network = compiled.model?.networks.find(({ name }) => name === translator.network);
  const applied: Applied = { session, translator, network, sizing: sizingOf(size) };
  const count = classCount(translator);
  const classes =
    count === undefined ? [] : classNames(count, translator.to, run.manifest.data.classes);
  const file = join(packageRoot, "dist/src/report/translator/browser/served.js");
  const script = await readFile(file, "utf8");
  return {
    mostBytes: limit * 2 ** 20,
    page: (token) =>
      translatorPage({
        title: `${run.manifest.spec.name}: ${translator.network}`,
        words: [`${signature(translator)}, after ${counted(step, "step")}; ${shownPath(run.path)}`],
        ...{ classes, script, isModule: false, data: { token } },
      }),
    translate: async (bytes, only) => {
      if (count !== undefined && only >= count) return left("There is no such class.");
      const picture = await decodePicture(bytes, (reason) =>
        left(`The picture cannot be read: ${reason}.`),
      );
      if (isLeft(picture)) return picture;
      try {
        const drawn = { only, draw: 0, seed: 0, stream: "serve" };
        const made = await translatePictures(applied, [picture.right], drawn);
        if (isLeft(made)) return made;
        const unlike = known === undefined ? [] : unlikeWords(known, translator, [picture.right]);
        return right({
          png: await encodePicture(made.right, { format: "png" }),
          ...(unlike.length === 0 ? {} : { words: `The picture is ${unlike.join("; ")}.` }),
        });
      } catch (thrown) {
        return left(`It cannot be translated: ${reasonOf(thrown)}`);
      }
    },
  };
};

const serveRun = async (
  opened: OpenedRun,
  options: ServeOptions,
  terminal: Terminal,
): Promise<number> => {
  for (const notice of opened.notices) note(terminal, notice);
  const all = translators(opened.compiled.program, options.net !== undefined);
  const isMade = generators(opened.compiled.program).length > 0;
  const choice = chooseTranslator(all, options, isMade);
  if (isLeft(choice)) {
    complain(terminal, choice.left);
    return 2;
  }
  const { translator } = choice.right;
  if (imageInputs(translator).length > 1) {
    complain(
      terminal,
      `${translator.network} takes several images, but the page handles one: use ganc translate with --input.`,
    );
    return 2;
  }
  const interrupts = catchInterrupts(() => undefined);
  try {
    const known = await knownImages(opened, terminal);
    const served = await servedBy(opened, choice.right, options, known);
    const listening = await serve(served, options.port);
    if (isLeft(listening)) {
      complain(terminal, `${listening.left}.`);
      return 1;
    }
    const { address, close } = listening.right;
    if (choice.right.byDefault)
      note(terminal, `translating with ${signature(translator)}; --net or --to chooses.`);
    say(terminal, address);
    terminal.err.write("Ctrl-C ends it.\n");
    if (options.open) openedInBrowser(address, terminal);
    if (!interrupts.signal.aborted) await once(interrupts.signal, "abort");
    await close();
    return 0;
  } finally {
    interrupts.release();
  }
};

/** Serves the page. Exit code: 0 after Ctrl-C, 1 if it cannot be served, 2 for wrong usage. */
export const serveCommand = async (
  compiler: Compiler,
  path: string,
  options: ServeOptions,
  terminal: Terminal,
): Promise<number> =>
  withTrained(compiler, path, options, terminal, (opened) => serveRun(opened, options, terminal));

/** Adds `serve` to the command line. */
export const registerServe = (program: Command, compiler: Compiler, terminal: Terminal): void => {
  program
    .command("serve")
    .description("Serve a page on this machine that translates the pictures dropped on it.")
    .argument("<run>", "the folder of a run")
    .option("--to <domain>", "the domain to translate into")
    .option("--net <name>", "the network to translate with")
    .addOption(
      new Option("--port <n>", "the port to listen on, on this machine only")
        .argParser(whole(0, 65535))
        .default(0, "a free one"),
    )
    .option("--limit <MiB>", "the largest file of a picture", whole(1, 1024), 64)
    .addOption(
      new Option(
        "--size <size>",
        "own: each picture's own; domain: that of training; N: N pixels along the longer side",
      )
        .argParser(sizeOption)
        .default("own"),
    )
    .addOption(checkpointOption())
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .option("--no-open", "do not open it in a browser")
    .action(async (run: string, options: ServeOptions) => {
      process.exitCode = await serveCommand(compiler, run, options, terminal);
    });
};
