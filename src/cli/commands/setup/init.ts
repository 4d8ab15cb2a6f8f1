/** `ganc init`: writes a first spec, sized to the given images. */

import { writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { type Command, Option } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { bytesText } from "../../../base/bytes.js";
import { printable } from "../../../base/printable.js";
import { analyse } from "../../../compiler/frontend.js";
import { describeDataError } from "../../../data/files/errors.js";
import { openFolders } from "../../../data/sets/folders.js";
import { matchByName } from "../../../data/sets/pairing.js";
import type { Dataset, ImageSource } from "../../../data/sets/source.js";
import { type Survey, survey } from "../../../data/sets/survey.js";
import { peakOf, schedule } from "../../../graph/schedule.js";
import { stepProgram } from "../../../lowering/programs.js";
import { counted } from "../../../report/text/words.js";
import { makeFolder, reasonOfDisk } from "../../../training/files/disk.js";
import { displayName, standardSources } from "../../specs/spec-files.js";
import { type Kind, kinds, type Start, startingSpec } from "../../templates/index.js";
import { type Pointed, pointed } from "../../templates/init-images.js";
import { skippedEntries } from "../../terminal/skipped.js";
import { count, folder } from "../options.js";
import { fail } from "../spec-command.js";

interface InitOptions {
  readonly data?: readonly string[];
  readonly domains?: readonly string[];
  readonly kind?: string;
  readonly size?: number;
}

/**
 * Largest size without `--size`: twice the side is four times the work, too slow for most
 * processors.
 */
const largestUnasked = 128;

/** Share of the machine's memory for training; the rest is for the system and the images. */
const shareOfMemory = 0.5;

interface Sized {
  readonly text: string;
  readonly size: number;
  /** Bytes that a training step holds, during and between steps, according to the compiled step. */
  readonly bytes: number;
}

/** Writes the spec at a size. The left side says why its names conflict. */
const specOf = (kind: Kind, start: Start): Either<string, Sized> => {
  const text = startingSpec(kind, start);
  const read = (name: string): string | undefined =>
    name === "start.gan" ? text : standardSources.read(name);
  const { diagnostics, result } = analyse("start.gan", { ...standardSources, read });
  const [first] = diagnostics;
  if (result === undefined || first !== undefined)
    return left(`domains cannot be called ${start.domains.join(" and ")} here: ${first?.message}`);
  const step = stepProgram(result.model);
  const weights = result.model.networks.reduce((sum, { size }) => sum + size, 0);
  // Weights, and two moments of each.
  const bytes = 4 * (peakOf(step, schedule(step)) + 3 * weights);
  return right({ text, size: start.size, bytes });
};

/**
 * Writes the spec at the largest size that neither enlarges the images nor fills the memory, or
 * else at the smallest.
 */
const sized = (
  kind: Kind,
  start: Omit<Start, "size">,
  side: number,
  asked: number | undefined,
): Either<string, Sized> => {
  const { offered } = kind.sizes;
  const usable = offered.filter((size) => size <= Math.min(side, largestUnasked));
  const candidates = usable.length > 0 ? usable : offered.slice(-1);
  let spec = specOf(kind, { ...start, size: asked ?? candidates[0] ?? largestUnasked });
  if (asked !== undefined) return spec;
  for (const size of candidates.slice(1)) {
    if (isLeft(spec) || fitsMemory(spec.right)) break;
    spec = specOf(kind, { ...start, size });
  }
  return spec;
};

const fitsMemory = ({ bytes }: Sized): boolean => bytes <= shareOfMemory * totalmem();

const colours = ({ grey, seen }: Survey): string => {
  if (grey === seen) return "grey";
  return grey === 0 ? "colour" : `grey and colour (${grey} of the ${seen} looked at are grey)`;
};

/** Warns if grey images are trained with three channels because others have colour. */
const mixture = (found: readonly Survey[]): readonly string[] =>
  found.some(({ grey }) => grey > 0) && found.some(({ grey, seen }) => grey < seen)
    ? [
        "Some images are grey and some are not: all have 3 channels, so none loses its colours. image(size, size, 1) makes all grey.",
      ]
    : [];

/** Writes ` (6 files with other endings passed over: .psd)`. */
const besideText = ({ beside = [] }: ImageSource): string =>
  beside.map((text) => ` (${text})`).join("");

const surveyed = async (
  { train }: Dataset,
  domains: Pointed["domains"],
): Promise<Either<string, readonly Survey[]>> => {
  const found: Survey[] = [];
  for (const domain of domains) {
    const source = train[domain];
    const seen = source === undefined ? undefined : await survey(source);
    if (source === undefined || seen === undefined)
      return left(`none of the images of ${domain} that were looked at can be read`);
    const { count: images, width, height } = seen;
    process.stdout.write(
      `${domain}: ${counted(images, "image")} in ${printable(source.name)}, ${width} x ${height}, ${colours(seen)}${besideText(source)}\n`,
    );
    found.push(seen);
  }
  return right(found);
};

/** Asks for the images at a terminal. Elsewhere returns the options unchanged. */
const askedFor = async (options: InitOptions): Promise<InitOptions> => {
  if (options.data !== undefined || process.stdin.isTTY !== true) return options;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    "Where are the images? A folder with trainA and trainB in it, two folders, or one: ",
  );
  terminal.close();
  const words = answer
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  return words.length === 0 ? options : { ...options, data: words };
};

/** Writes a new file, never over an existing one. Returns the reason if it cannot. */
const writeNew = (path: string, folder: string, text: string): string | undefined => {
  try {
    makeFolder(folder);
    writeFileSync(path, text, { flag: "wx" });
    return undefined;
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    const reason = reasonOfDisk(error);
    return isThere
      ? `${path} exists already; nothing is overwritten`
      : `cannot write ${path}: ${reason}`;
  }
};

const dataWords = ({ root }: Pointed): string =>
  typeof root === "string"
    ? root
    : Object.entries(root)
        .map(([domain, path]) => `${domain}=${path}`)
        .join(" ");

/** Words what was written, what to know of it, and what to do next. */
const explanation = (path: string, kind: Kind, spec: Sized, facts: readonly string[]): string => {
  const { size, bytes } = spec;
  const memory = `A training step computes with ${bytesText(bytes)} of numbers`;
  const short = fitsMemory(spec) ? "" : `, and this machine has ${bytesText(totalmem())}`;
  return [
    `${path}: ${kind.title}, at ${size} x ${size}. ${memory}${short}.`,
    ...facts,
    "Every param of the spec can be set for one run, as in --set ngf=16.",
  ].join("\n");
};

/** Tells whether each image of the first domain has one of the same name in the second. */
const arePairs = ({ train }: Dataset, [x = "", y = ""]: readonly string[]): boolean => {
  const sources = [train[x], train[y]].flatMap((source) => source ?? []);
  const { alone, twice } = matchByName(sources);
  return [...alone, ...twice].every(({ source }) => source !== train[x]);
};

const withoutTest = ({ notices = [] }: Dataset): readonly string[] =>
  notices.length > 0 ? notices : ["There are no test images: testA and testB."];

/** Lists remarks on the images. */
const remarks = ({ kind, domains }: Pointed, dataset: Dataset): readonly string[] => {
  if (kind.domains === 1) return [];
  const arePaired = arePairs(dataset, domains);
  return [
    ...(kind.name === "cyclegan" && arePaired
      ? [
          "Their files have the same names: if they are pairs, `--kind pix2pix` learns more from them.",
        ]
      : []),
    ...(kind.name === "pix2pix" && !arePaired
      ? [`Some images of ${domains[0]} have no partner of the same name in ${domains[1]}.`]
      : []),
    ...(dataset.test === undefined ? withoutTest(dataset) : []),
  ];
};

const opened = async ({ root, domains, classes }: Pointed): Promise<Either<string, Dataset>> => {
  const filed = classes === 0 ? {} : { [domains[0] ?? ""]: classes };
  const dataset = await openFolders(root, domains, filed);
  return isLeft(dataset) ? left(describeDataError(dataset.left)) : dataset;
};

const start = async (folder: string, options: InitOptions): Promise<Either<string, string>> => {
  const { data, size: asked } = options;
  if (data === undefined)
    return left(
      "say where the images are: --data FOLDER (with trainA and trainB in it), or --data X=FOLDER Y=FOLDER",
    );
  const at = pointed({ ...options, data });
  if (isLeft(at)) return at;
  const { kind, domains, classes } = at.right;
  if (asked !== undefined && !kind.sizes.allows(asked))
    return left(`--size takes ${kind.sizes.words}`);
  const dataset = await opened(at.right);
  if (isLeft(dataset)) return dataset;
  for (const line of skippedEntries(dataset.right)) process.stdout.write(`${line}\n`);
  const found = await surveyed(dataset.right, domains);
  if (isLeft(found)) return found;
  const side = Math.min(...found.right.map((one) => one.side));
  const channels = found.right.every(({ grey, seen }) => grey === seen) ? 1 : 3;
  const spec = sized(kind, { domains, channels, classes }, side, asked);
  if (isLeft(spec)) return spec;
  const named = folder.endsWith(".gan");
  const path = displayName(named ? folder : join(folder, `${kind.name}.gan`));
  const fault = writeNew(path, named ? dirname(folder) : folder, spec.right.text);
  if (fault !== undefined) return left(fault);
  const facts = [
    ...(at.right.why === undefined ? [] : [at.right.why]),
    ...mixture(found.right),
    ...(spec.right.size > side ? ["The images are enlarged to that."] : []),
    ...remarks(at.right, dataset.right),
  ];
  const next = `Next: ganc run ${path} --data ${dataWords(at.right)}`;
  return right(`${explanation(path, kind, spec.right, facts)}\n\n${next}\n`);
};

const initCommand = async (folder: string, options: InitOptions): Promise<void> => {
  const done = await start(folder, await askedFor(options));
  if (isLeft(done)) fail(done.left);
  else process.stdout.write(done.right);
};

export const registerInit = (program: Command): void => {
  program
    .command("init")
    .argument("[target]", "where to write the spec: a folder, or a .gan file", folder, ".")
    .description("Write a first spec, sized to your images. Overwrites nothing.")
    .option(
      "--data <folders...>",
      "a folder with trainA and trainB in it, or X=FOLDER Y=FOLDER; for images from noise, one folder",
    )
    .option("--domains <names...>", "what to call the sets of images (default: X Y)")
    .option("--size <pixels>", "side of the images to train on", count)
    .addOption(
      new Option("--kind <kind>", "what to train (default: what the folders look like)").choices(
        kinds.map(({ name }) => name),
      ),
    )
    .action(initCommand);
};
