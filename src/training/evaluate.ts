/** How good a run's networks are where the data have a hidden pairing: every direction against simple baselines. */

import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../base/record.js";
import { type BrokenImage, reasonOf } from "../data/errors.js";
import { type HiddenPairs, hiddenPairs, preview } from "../data/fixed.js";
import type { Dataset } from "../data/source.js";
import type { HostTensor, Session } from "../engines/session.js";
import { toUnit } from "../report/baselines.js";
import { type GridColumn, renderGrid } from "../report/grid.js";
import { type DirectionQuality, evaluateDirection } from "../report/quality.js";
import { attempt, makeFolder, type RawDisk, realDisk, writeAtomically } from "./disk.js";
import type { TrainingError } from "./errors.js";
import { type Direction, directions, imageDomains, type SpecProgram } from "./program.js";
import { variable } from "./sample.js";

export interface Evaluation {
  readonly qualities: readonly DirectionQuality[];
  /** Grids of test images: the input, its translation, the hidden partner. */
  readonly files: readonly string[];
  /** Test images that cannot be read; neither they nor their partners are judged by. */
  readonly skipped: readonly BrokenImage[];
}

/** Images that one call of a network is given; bounds memory, changes no result where networks are per sample. */
const atOnce = 8;

/** Rows of a grid. */
const shown = 12;

/** Seed of the bootstrap: the report of one set of translations is always the same. */
const bootstrapSeed = 0;

/** Rows `[from, to)` of a tensor, its memory shared. */
export const rows = ({ shape, data }: HostTensor, from: number, to: number): HostTensor => {
  const [n = 0, ...rest] = shape;
  const size = n === 0 ? 0 : data.length / n;
  const end = Math.min(n, to);
  return { shape: [end - from, ...rest], data: data.subarray(from * size, end * size) };
};

/** Applies a network to any number of images, a few at a time. */
export const translateAll = async (
  session: Session,
  network: string,
  images: HostTensor,
): Promise<HostTensor> => {
  const [n = 0] = images.shape;
  const parts: HostTensor[] = [];
  for (let from = 0; from < n; from += atOnce)
    parts.push(await session.translate(network, [rows(images, from, from + atOnce)]));
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { shape: [n, ...(parts[0]?.shape.slice(1) ?? [])], data };
};

interface Materials {
  readonly session: Session;
  readonly pairs: HiddenPairs;
  readonly targets: Readonly<Record<string, HostTensor>>;
  readonly folder: string;
  readonly raw: RawDisk;
}

const gridOf = (
  { network, from, to }: Direction,
  inputs: HostTensor,
  translated: HostTensor,
  partners: HostTensor,
): readonly GridColumn[] => {
  const top = (images: HostTensor) => rows(images, 0, shown);
  const x = variable(from);
  return [
    { label: x, images: top(inputs), range: from.range },
    { label: `${network}(${x})`, images: top(translated), range: to.range },
    { label: variable(to), images: top(partners), range: to.range },
  ];
};

const evaluateOne = async (
  { session, pairs, targets, folder, raw }: Materials,
  direction: Direction,
): Promise<Either<TrainingError, { quality: DirectionQuality; file: string } | undefined>> => {
  const { network, from, to } = direction;
  const inputs = pairs.images[from.name];
  const partners = pairs.images[to.name];
  const target = targets[to.name];
  if (!inputs || !partners || !target || from.name === to.name) return right(undefined);
  const translated = await translateAll(session, network, inputs);
  const file = join(folder, `${network}.png`);
  const png = await renderGrid(gridOf(direction, inputs, translated, partners));
  const written = await writeAtomically(raw, file, [png]);
  if (isLeft(written)) return written;
  const images = {
    name: `${from.name} -> ${to.name} by ${network}`,
    inputs: toUnit(inputs, from.range),
    translated: toUnit(translated, to.range),
    partners: toUnit(partners, to.range),
    targets: toUnit(target, to.range),
  };
  return right({ quality: evaluateDirection(images, bootstrapSeed), file });
};

/** Of the training images, for the histograms: enough to know a distribution of colours by. */
const targetImages = 256;

const targetsOf = async (
  { train, name, describe, hash }: Dataset,
  { domains }: Pick<SpecProgram, "domains">,
): Promise<Record<string, HostTensor>> => {
  // Without its test split a data set shows its training images.
  const fixed = await preview(
    { train, name, describe, hash },
    imageDomains({ domains }),
    targetImages,
  );
  if (isLeft(fixed)) return {};
  const found = Object.entries(fixed.right).map(
    ([domain, { images }]) => [domain, images] as const,
  );
  return recordOf(found);
};

const evaluateEach = async (
  materials: Materials,
  all: readonly Direction[],
): Promise<Either<TrainingError, Evaluation>> => {
  const qualities: DirectionQuality[] = [];
  const files: string[] = [];
  for (const direction of all) {
    const one = await evaluateOne(materials, direction);
    if (isLeft(one)) return one;
    if (one.right === undefined) continue;
    qualities.push(one.right.quality);
    files.push(one.right.file);
  }
  return right({ qualities, files, skipped: materials.pairs.skipped });
};

/** Translates the test split both ways and writes grids into `folder`; nothing where the data have no hidden pairing. */
export const evaluate = async (
  session: Session,
  program: Pick<SpecProgram, "domains" | "networks">,
  dataset: Dataset,
  folder: string,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, Evaluation | undefined>> => {
  try {
    const pairs = await hiddenPairs(dataset, imageDomains(program));
    if (pairs === undefined || pairs.ids.length === 0) return right(undefined);
    const made = await attempt(folder, async () => makeFolder(folder));
    if (isLeft(made)) return made;
    const targets = await targetsOf(dataset, program);
    return await evaluateEach({ session, pairs, targets, folder, raw }, directions(program));
  } catch (thrown) {
    const reason = `The test images could not be translated: ${reasonOf(thrown)}`;
    return left({ kind: "engine", reason });
  }
};
