/** Compares every direction with simple baselines, if the data have a hidden pairing. */

import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { type BrokenImage, reasonOf } from "../../data/files/errors.js";
import { type HiddenPairs, hiddenPairs, preview } from "../../data/sets/fixed.js";
import type { Dataset } from "../../data/sets/source.js";
import { toUnit } from "../../report/measures/baselines.js";
import { type DirectionQuality, evaluateDirection } from "../../report/measures/quality.js";
import { type GridColumn, renderGrid } from "../../report/pictures/grid.js";
import { attempt, makeFolder, type RawDisk, realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { applyAll, rows } from "../program/apply.js";
import { imageDomains, type SpecProgram } from "../program/program.js";
import {
  callText,
  classCount,
  imageInputs,
  shortCall,
  type Translator,
  tensorsFor,
  translators,
  unpairable,
} from "../program/translators.js";
import { variable } from "../translation/sample.js";

export interface Evaluation {
  readonly qualities: readonly DirectionQuality[];
  /** Paths of grids of test images: input, translation, hidden partner. */
  readonly files: readonly string[];
  /** Error if grids could not be written. */
  readonly unwritten?: TrainingError;
  /** Reasons why some networks cannot be judged by pairs, a sentence each. */
  readonly remarks: readonly string[];
  /** Unreadable test images. They and their partners are not used. */
  readonly skipped: readonly BrokenImage[];
}

/** Rows of a grid. */
const shown = 12;

/** Seed of the bootstrap, fixed so that the same translations give the same report. */
const bootstrapSeed = 0;

interface Materials {
  readonly session: Session;
  readonly pairs: HiddenPairs;
  readonly targets: Readonly<Record<string, HostTensor>>;
  readonly folder: string;
  readonly raw: RawDisk;
}

const gridOf = (
  translator: Translator,
  images: readonly HostTensor[],
  translated: HostTensor,
  partners: HostTensor,
): readonly GridColumn[] => {
  const { to } = translator;
  const top = (of: HostTensor) => rows(of, 0, shown);
  return [
    ...imageInputs(translator).map(({ name, domain: { range } }, k) => ({
      label: name,
      images: top(images[k] as HostTensor),
      range,
    })),
    { label: callText(translator), images: top(translated), range: to.range },
    { label: variable(to), images: top(partners), range: to.range },
  ];
};

/**
 * Returns a network's inputs for the pairs, or the reason why its results cannot be compared with
 * partners.
 */
const givenFor = (
  translator: Translator,
  { images, classes }: HiddenPairs,
): Either<string, readonly HostTensor[]> => {
  const { network, to } = translator;
  const reason = unpairable(translator);
  if (reason !== undefined) return left(reason);
  const taken = imageInputs(translator).map(({ domain }) => domain.name);
  const call = callText(translator);
  const found = taken.flatMap((name) => images[name] ?? []);
  if (found.length < taken.length || images[to.name] === undefined)
    return left(`${call}: the pairs have no images of ${[...taken, to.name].join(", ")}.`);
  const only = classCount(translator) === undefined ? 0 : classes[to.name];
  if (only === undefined)
    return left(`${call} takes a class, and the test images of ${to.name} are not filed by class.`);
  const stream = `evaluate/${network}`;
  return right(tensorsFor(translator, { images: found, only, seed: 0, draw: 0, stream }));
};

type Judged = {
  readonly quality: DirectionQuality;
  /** Path of the grid, or why it could not be written. */
  readonly file: Either<TrainingError, string>;
};

const evaluateOne = async (
  { session, pairs, targets, folder, raw }: Materials,
  translator: Translator,
  given: readonly HostTensor[],
): Promise<Judged | undefined> => {
  const { network, from, to } = translator;
  const images = imageInputs(translator).flatMap(({ domain }) => pairs.images[domain.name] ?? []);
  const [inputs] = images;
  const partners = pairs.images[to.name];
  const target = targets[to.name];
  if (!inputs || !partners || !target) return undefined;
  const translated = await applyAll(session, network, given);
  const file = join(folder, `${network}.png`);
  const png = await renderGrid(gridOf(translator, images, translated, partners));
  const made = await attempt(folder, async () => makeFolder(folder));
  const written = isLeft(made) ? made : await writeAtomically(raw, file, [png]);
  const compared = {
    name: `${from.name} -> ${to.name} by ${shortCall(translator)}`,
    inputs: toUnit(inputs, from.range),
    translated: toUnit(translated, to.range),
    partners: toUnit(partners, to.range),
    targets: toUnit(target, to.range),
  };
  return {
    quality: evaluateDirection(compared, bootstrapSeed),
    file: isLeft(written) ? written : right(file),
  };
};

/** Number of training images for the histograms, enough to estimate a distribution of colours. */
const targetImages = 256;

const targetsOf = async (
  { train, name, describe, hash }: Dataset,
  { domains }: Pick<SpecProgram, "domains">,
): Promise<Record<string, HostTensor>> => {
  // Without its test split, a data set previews its training images.
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
  all: readonly Translator[],
): Promise<Evaluation> => {
  const qualities: DirectionQuality[] = [];
  const files: string[] = [];
  const remarks: string[] = [];
  const unwritten: TrainingError[] = [];
  for (const translator of all) {
    const given = givenFor(translator, materials.pairs);
    if (isLeft(given)) {
      remarks.push(given.left);
      continue;
    }
    const one = await evaluateOne(materials, translator, given.right);
    if (one === undefined) continue;
    qualities.push(one.quality);
    if (isLeft(one.file)) unwritten.push(one.file.left);
    else files.push(one.file.right);
  }
  const [first] = unwritten;
  return {
    qualities,
    files,
    remarks,
    skipped: materials.pairs.skipped,
    ...(first === undefined ? {} : { unwritten: first }),
  };
};

/**
 * Translates the test split both ways and writes grids into `folder` if possible. Undefined if the
 * data have no hidden pairing.
 */
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
    const targets = await targetsOf(dataset, program);
    const materials = { session, pairs, targets, folder, raw };
    return right(await evaluateEach(materials, translators(program)));
  } catch (thrown) {
    const reason = `The test images could not be translated: ${reasonOf(thrown)}`;
    return left({ kind: "engine", reason });
  }
};
