/**
 * Measures a session: every measure that applies, for every way in which its networks make images.
 */

import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { reasonOf } from "../../data/files/errors.js";
import type { MeasuringImages } from "../../data/sets/measuring.js";
import { toUnit } from "../../report/measures/baselines.js";
import {
  type Effort,
  type Material,
  measureAll,
  measures,
  type NetworkReadings,
} from "../../report/measures/index.js";
import type { FeatureSets, Features } from "../../report/measures/measure.js";
import type { TrainingError } from "../files/errors.js";
import type { SpecProgram } from "../program/program.js";
import { obstacles, rowsAt, type Subject, subjectsOf } from "./subjects.js";

export interface RunReadings {
  readonly networks: readonly NetworkReadings[];
  /** Reasons why something cannot be measured, a sentence each. */
  readonly remarks: readonly string[];
}

/** Extracts features from images of intensities in [0, 1]. */
export type FeaturesOf = (images: HostTensor) => Promise<Features>;

/** What extracts features, by their names in the material of measures. */
export type Extracting = Readonly<Partial<Record<"features" | "lite0", FeaturesOf | undefined>>>;

export interface Measuring extends Extracting {
  readonly effort: Effort;
}

/** Extracts features of results and of target images. Undefined where nothing extracts them. */
const seen = async (
  by: FeaturesOf | undefined,
  made: HostTensor,
  real: HostTensor | undefined,
): Promise<FeatureSets | undefined> =>
  by === undefined || real === undefined
    ? undefined
    : { made: await by(made), real: await by(real) };

const returned = async (subject: Subject): Promise<Pick<Material, "cycle" | "identity">> => {
  if (isLeft(subject.returns)) return {};
  const found: { cycle?: Material["cycle"]; identity?: Material["identity"] } = {};
  for (const one of subject.returns.right) found[one.kind] = await one.compute();
  return found;
};

/** Makes material of images and their partners. Undefined if there are none. */
const pairedMaterial = async (
  { to, makePaired }: Subject,
  { images, pairs }: MeasuringImages,
): Promise<Material | undefined> => {
  const partners = images[to.name]?.images;
  if (isLeft(makePaired) || pairs.length === 0 || partners === undefined) return undefined;
  const rows = pairs.map((pair) => pair[to.name] ?? 0);
  return {
    made: toUnit(await makePaired.right(), to.range),
    partners: toUnit(rowsAt(partners, rows), to.range),
  };
};

const unpairedMaterial = async (
  subject: Subject,
  { images }: MeasuringImages,
  by: Extracting,
): Promise<Material | undefined> => {
  const { to, make } = subject;
  if (make === undefined) return undefined;
  const made = toUnit(await make(), to.range);
  const target = images[to.name]?.images;
  const real = target === undefined ? undefined : toUnit(target, to.range);
  const features = await seen(by.features, made, real);
  const lite0 = await seen(by.lite0, made, real);
  return { made, real, features, lite0, ...(await returned(subject)) };
};

const measureOne = async (
  subject: Subject,
  set: MeasuringImages,
  { effort, ...by }: Measuring,
): Promise<{ readonly readings: NetworkReadings; readonly remarks: readonly string[] }> => {
  const materials = [
    await pairedMaterial(subject, set),
    await unpairedMaterial(subject, set, by),
  ].flatMap((material) => material ?? []);
  const all = materials.map((material) => measureAll(material, effort));
  const found = all.flatMap(({ readings }) => readings);
  const texts = isRight(subject.returns) ? subject.returns.right : [];
  return {
    readings: {
      name: subject.name,
      title: subject.title,
      readings: measures.flatMap((measure) => found.filter((one) => one.measure === measure)),
      details: recordOf(texts.map(({ kind, text }) => [kind, text])),
    },
    remarks: [
      ...obstacles(subject, set.pairs.length > 0),
      ...all.flatMap(({ remarks }) => remarks.map((remark) => `${subject.name}: ${remark}`)),
    ],
  };
};

/** Measures all networks. Does not change the session. */
export const measureNetworks = async (
  session: Session,
  program: Pick<SpecProgram, "domains" | "networks">,
  set: MeasuringImages,
  measuring: Measuring,
): Promise<Either<TrainingError, RunReadings>> => {
  try {
    const networks: NetworkReadings[] = [];
    const remarks: string[] = [];
    for (const subject of subjectsOf(session, program, set)) {
      const one = await measureOne(subject, set, measuring);
      if (one.readings.readings.length > 0) networks.push(one.readings);
      remarks.push(...one.remarks);
    }
    return right({ networks, remarks });
  } catch (thrown) {
    const reason = `What the networks make could not be measured: ${reasonOf(thrown)}`;
    return left({ kind: "engine", reason });
  }
};
