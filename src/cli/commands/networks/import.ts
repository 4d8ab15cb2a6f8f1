/** `ganc import`: makes a run of weights that another program trained. */
import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { printable } from "../../../base/printable.js";
import { quote } from "../../../base/shell.js";
import { initialState } from "../../../engines/sessions/initial-state.js";
import type { Model, Network } from "../../../program/model.js";
import { domainsText } from "../../../program/naming.js";
import type { TrainingError } from "../../../training/files/errors.js";
import { readState } from "../../../training/files/read-state.js";
import { fittingSets } from "../../../training/importing/advice.js";
import {
  architecturesOf,
  entriesOf,
  networksOf,
  pairsOf,
  runName,
  type Source,
  sourceOf,
  type Unfit,
} from "../../../training/importing/assign.js";
import { findFiles } from "../../../training/importing/find-files.js";
import { type ImportRequest, importRun } from "../../../training/importing/import-run.js";
import { unlikeOfficial } from "../../../training/importing/official.js";
import type { CompiledSpec, Compiler, Sets } from "../../../training/program/compiled.js";
import { translators } from "../../../training/program/translators.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { spareOf } from "../../../weights/fit.js";
import { describe } from "../../../weights/official/architecture.js";
import { specOf } from "../../../weights/official/spec.js";
import { reportFailure } from "../../terminal/failure.js";
import { catchInterrupts } from "../../terminal/interrupt.js";
import { commandName, note, say, type Terminal } from "../../terminal/terminal.js";
import { count, folder, rootOption, setOption } from "../options.js";

/** Where weights can come from. */
const origins = ["pytorch-cyclegan"] as const;

export interface ImportOptions {
  readonly from: (typeof origins)[number];
  readonly spec?: string;
  readonly set: Sets;
  readonly root?: string;
  readonly out?: string;
  readonly seed?: number;
}

/** Why nothing is imported: wrong usage (2), or files that cannot be used (1). */
interface Failure {
  readonly code: 1 | 2;
  readonly error: TrainingError;
}

const failed = (reason: string, code: 1 | 2 = 1): Either<Failure, never> =>
  left({ code, error: { kind: "usage", reason } });

/** What is to be imported, compiled and fitted. */
interface Ready {
  readonly compiled: CompiledSpec;
  readonly model: Model;
  readonly pairs: ReadonlyMap<Network, Source>;
  readonly given: ImportRequest["state"];
  /** The name of the run where none is asked for. */
  readonly name: string;
  readonly spec?: ImportRequest["spec"];
}

const readAll = async (words: readonly string[]): Promise<Either<Failure, readonly Source[]>> => {
  const files = await findFiles(words);
  if (isLeft(files)) return failed(`${files.left}.`);
  const sources: Source[] = [];
  for (const named of files.right) {
    const file = await readState(named.path);
    if (isLeft(file)) return failed(`${named.path} ${file.left}.`);
    sources.push(sourceOf(named, file.right));
  }
  return right(sources);
};

const setsText = (sets: Sets): string =>
  Object.entries(sets)
    .map(([name, value]) => `--set ${name}=${value}`)
    .join(" ");

/** Words why a file does not fit, and with which params it would. */
const unfitWords = async (
  unfit: Unfit,
  compiled: CompiledSpec,
  trial: (sets: Sets) => Promise<Either<string, CompiledSpec>>,
  given: Sets,
): Promise<string> => {
  const { source, reason } = unfit;
  const sets = await fittingSets(unfit, compiled.program.params, async (tried) => {
    const other = await trial({ ...given, ...tried });
    return isLeft(other) ? undefined : other.right;
  });
  const is = isRight(source.found) ? `\nThe file is of ${describe(source.found.right)}.` : "";
  const way =
    sets === undefined
      ? "\nWithout --spec, ganc finds the spec of an official network by itself."
      : `\nIt would fit with ${setsText(sets)}.`;
  return `${source.named.path} ${reason}.${is}${way}`;
};

/** Finds the spec by the shapes of the tensors. */
const withFoundSpec = async (
  compiler: Compiler,
  sources: readonly Source[],
  { set }: ImportOptions,
): Promise<Either<Failure, Ready>> => {
  const byPart = networksOf(sources);
  if (isLeft(byPart)) return failed(byPart.left);
  const text = specOf(architecturesOf(byPart.right));
  if (text === undefined)
    return failed(
      "There is no generator among these files, and a discriminator alone makes no images: add its generator's file.",
      2,
    );
  const name = runName(sources);
  const spec = { name: `${name}.gan`, text };
  const compiled = await compiler.fromSources([spec], spec.name, set);
  if (isLeft(compiled)) return left({ code: 1, error: { kind: "spec", reason: compiled.left } });
  const { model } = compiled.right;
  if (model === undefined) return failed("The spec has no networks.");
  const pairs = new Map<Network, Source>();
  for (const [part, source] of byPart.right) {
    const network = model.networks.find((one) => one.name === part);
    if (network === undefined)
      return failed(
        `${source.named.path} is ${part}, which has no place beside ${[...byPart.right.keys()].filter((other) => other !== part).join(", ")}: name the files' networks, as G_A=FILE D_A=FILE.`,
        2,
      );
    pairs.set(network, source);
  }
  const trial = (sets: Sets) => compiler.fromSources([spec], spec.name, sets);
  return finish({ compiled: compiled.right, model, pairs, name, spec }, trial, set);
};

const finish = async (
  ready: Omit<Ready, "given">,
  trial: (sets: Sets) => Promise<Either<string, CompiledSpec>>,
  sets: Sets,
): Promise<Either<Failure, Ready>> => {
  const given = entriesOf(ready.pairs);
  return isLeft(given)
    ? failed(await unfitWords(given.left, ready.compiled, trial, sets))
    : right({ ...ready, given: given.right });
};

const withOwnSpec = async (
  compiler: Compiler,
  sources: readonly Source[],
  file: string,
  { set, root }: ImportOptions,
): Promise<Either<Failure, Ready>> => {
  const compiled = await compiler.fromFile(file, set, root);
  if (isLeft(compiled)) return left({ code: 1, error: { kind: "spec", reason: compiled.left } });
  const { model, program } = compiled.right;
  if (model === undefined) return failed("The spec has no networks.");
  const pairs = pairsOf(sources, model);
  if (isLeft(pairs)) return failed(pairs.left, 2);
  const trial = (sets: Sets) => compiler.fromFile(file, sets, root);
  return finish(
    { compiled: compiled.right, model, pairs: pairs.right, name: program.name },
    trial,
    set,
  );
};

const numbers = (n: number): string => n.toLocaleString("en-US");

const counted = (n: number, what: string): string => `${numbers(n)} ${what}${n === 1 ? "" : "s"}`;

/** Says what went where, and what begins anew. */
const tell = ({ model, pairs }: Ready, terminal: Terminal): void => {
  for (const network of model.networks) {
    const source = pairs.get(network);
    const type = `${network.name} : ${domainsText(network.from)} -> ${network.to}`;
    if (source === undefined) {
      const around = [...pairs.keys()].find(({ inner }) => inner.includes(network.name));
      if (around !== undefined) say(terminal, `${type}   as a part of ${around.name}`);
      else if (network.parameters.length > 0)
        say(terminal, `${type}   begins anew: it is in no file`);
      continue;
    }
    const net = isRight(source.found) ? `${describe(source.found.right)}; ` : "";
    say(
      terminal,
      `${type}   ${printable(source.named.path)} (${net}${numbers(network.size)} parameters)`,
    );
  }
  for (const { named, unread } of pairs.values())
    if (unread.length > 0)
      note(
        terminal,
        `${named.path}: ${counted(unread.length, "tensor")} of running statistics left out. They are of instance norms, where nothing reads them: ${unread[0]} and the like.`,
      );
};

/** Says which running statistics the spec's batch norms have no use for. */
const tellOfSpare = ({ pairs }: Ready, terminal: Terminal): void => {
  for (const [network, { named, state }] of pairs) {
    const [first, ...others] = spareOf(state, network);
    if (first !== undefined)
      note(
        terminal,
        `${named.path}: ${counted(1 + others.length, "tensor")} of running statistics left out, ${first} and the like. The batch norms of ${network.name} go by the batch at hand, as the official code's do without --eval.`,
      );
  }
};

/** Says where networks of a given spec compute something else than the files' did. */
const warnOfOthers = async (
  compiler: Compiler,
  { pairs, spec }: Ready,
  terminal: Terminal,
): Promise<void> => {
  if (spec !== undefined) return;
  for (const [network, { named, found }] of pairs) {
    if (isLeft(found)) continue;
    const words = await unlikeOfficial(compiler, network, found.right);
    if (words !== undefined)
      note(
        terminal,
        `The weights of ${named.path} fit ${network.name}, which computes something else with them than ${describe(found.right)}: ${words}.`,
      );
  }
};

/** Says what to do with the run. */
const conclude = ({ compiled, model }: Ready, path: string, terminal: Terminal): void => {
  const command = commandName(terminal);
  const run = quote(shownPath(path));
  say(terminal, `\nThe run:  ${shownPath(path)}`);
  const all = translators(compiled.program);
  const net = all.length > 1 ? ` --net ${all[0]?.network}` : "";
  if (all.length > 0) say(terminal, `Use it:   ${command} translate ${run} IMAGE…${net}`);
  const images = model.domains
    .filter(({ kind }) => kind === "image")
    .map(({ name }) => `${name}=FOLDER`)
    .join(" ");
  say(terminal, `Train it: ${command} run ${run} --resume --data ${images}`);
};

const importReady = async (
  compiler: Compiler,
  ready: Ready,
  { set, root, out, seed = 0 }: ImportOptions,
  terminal: Terminal,
): Promise<number> => {
  const interrupts = catchInterrupts(() => undefined);
  try {
    const made = await importRun({
      program: ready.compiled.program,
      sets: set,
      place: { folder: process.cwd(), root: root === undefined ? undefined : resolve(root) },
      spec: ready.spec,
      state: initialState(ready.model, seed, ready.given),
      imported: [...ready.pairs].map(([network, source]) => ({ network: network.name, source })),
      directory: out ?? `runs/${ready.name}`,
      isNumbered: out === undefined,
      seed,
      now: new Date().toISOString(),
      signal: interrupts.signal,
    });
    if (isLeft(made)) {
      reportFailure(terminal, made.left);
      return made.left.kind === "usage" ? 2 : 1;
    }
    if (made.right === undefined) return interrupts.code();
    tell(ready, terminal);
    tellOfSpare(ready, terminal);
    await warnOfOthers(compiler, ready, terminal);
    conclude(ready, relative(process.cwd(), made.right) || ".", terminal);
    return 0;
  } finally {
    interrupts.release();
  }
};

/** Runs the command. Exit code: 0 imported, 1 a file or spec that cannot be used, 2 wrong usage. */
export const importCommand = async (
  compiler: Compiler,
  files: readonly string[],
  options: ImportOptions,
  terminal: Terminal,
): Promise<number> => {
  const sources = await readAll(files);
  const ready = isLeft(sources)
    ? sources
    : options.spec === undefined
      ? await withFoundSpec(compiler, sources.right, options)
      : await withOwnSpec(compiler, sources.right, options.spec, options);
  if (!isLeft(ready)) return importReady(compiler, ready.right, options, terminal);
  reportFailure(terminal, ready.left.error);
  return ready.left.code;
};

/** Adds `import` to the command line. */
export const registerImport = (program: Command, compiler: Compiler, terminal: Terminal): void => {
  program
    .command("import")
    .description(
      "Make a run of weights that another program trained. Runs nothing of what is in their files.",
    )
    .argument(
      "<files...>",
      ".pth or .safetensors files, NETWORK=FILE, or a folder of latest_net_G_A.pth and the like",
    )
    .addOption(
      new Option(
        "--from <program>",
        "pytorch-cyclegan: pytorch-CycleGAN-and-pix2pix, and the generator and discriminator of CUT",
      )
        .choices(origins)
        .makeOptionMandatory(),
    )
    .option(
      "--spec <file>",
      "the spec of the networks (default: found by the shapes of the tensors, and written)",
    )
    .addOption(setOption())
    .addOption(rootOption())
    .option("--out <folder>", "where the run is kept (default: a new one under runs/)", folder)
    .option(
      "--seed <n>",
      "seed of the run, and of networks that are in no file (default: 0)",
      count,
    )
    .action(async (files: readonly string[], options: ImportOptions) => {
      process.exitCode = await importCommand(compiler, files, options, terminal);
    });
};
