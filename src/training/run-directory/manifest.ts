/**
 * `manifest.json`: the description of a run. The folder alone is enough to resume it, translate
 * with it or judge it.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { KeepParts } from "../checkpoints/keep.js";
import { decodeFormat, decodeSealed, Natural, Positive, seal } from "../files/decode.js";
import { jsonBytes } from "../files/disk.js";
import { type SpecProgram, specHash } from "../program/program.js";

/** Format version, raised when a run's folder promises more than before. */
export const formatVersion = 2;

/**
 * Format with `past`. Older versions would take the earlier checkpoints for those of another run.
 */
const changedVersion = 3;

/** Stands in the place of an engine in runs whose weights were imported. */
export const importing = "import";

/** Format without a fingerprint and without `saved.json`; still read. */
const unsealedVersion = 1;

/** End of a range. JSON has no infinity, so an open end is null. */
const End = t.union([t.number, t.null]);
const Range = t.tuple([End, End]);

const Source = t.type({ name: t.string, text: t.string });

const DomainCodec = t.type({
  name: t.string,
  /** `image`, `noise` and so on. Older runs lack it. */
  kind: t.union([t.undefined, t.string]),
  shape: t.tuple([Positive, Positive, Positive]),
  range: Range,
});

const Network = t.type({
  name: t.string,
  from: t.string,
  to: t.string,
  parameters: t.readonlyArray(t.type({ name: t.string, shape: t.readonlyArray(Natural) })),
});

/** Origin of images: the built-in emoji, one folder, or several folders by domain. */
const Origin = t.union([
  t.type({ kind: t.literal("emoji") }),
  t.type({ kind: t.literal("folder"), path: t.string }),
  t.type({ kind: t.literal("folders"), paths: t.record(t.string, t.string) }),
]);

const Data = t.type({
  origin: Origin,
  description: t.string,
  hash: t.string,
  stepsPerEpoch: Positive,
  /**
   * By domain with images filed by class: class names in the order of the labels. Older runs have
   * none.
   */
  classes: t.union([t.undefined, t.record(t.string, t.readonlyArray(t.string))]),
  /** Fingerprint of `images.json`, if images are files. Older runs have none. */
  images: t.union([t.undefined, t.string]),
  /** Images held out of training, if any. */
  holdOut: t.union([t.undefined, t.type({ count: Positive }), t.type({ share: t.number })]),
});

const Spec = t.type({
  name: t.string,
  entry: t.string,
  sources: t.readonlyArray(Source),
  params: t.record(t.string, t.union([t.number, t.boolean])),
  hash: t.string,
});

/** An earlier spec of the run. */
const Past = t.type({
  spec: Spec,
  /** Steps of the run when it began, and when it was replaced. */
  from: Natural,
  to: Natural,
  /** Time of its replacement, ISO 8601. */
  left: t.string,
});

/**
 * Place of the spec's files: the folder to which their names are relative, and the value of
 * `--root`.
 */
const Place = t.type({ folder: t.string, root: t.union([t.undefined, t.string]) });

/** Initial weights of a network: the file, and its hexadecimal SHA-256. */
const Weights = t.type({ network: t.string, path: t.string, sha256: t.string });

const Every = t.union([
  t.undefined,
  t.partial({ steps: t.number, epochs: t.number, minutes: t.number }),
]);

const ManifestCodec = t.type({
  format: t.union([
    t.literal(formatVersion),
    t.literal(unsealedVersion),
    t.literal(changedVersion),
  ]),
  /** Hexadecimal name of this run alone; each of its checkpoints repeats it. */
  run: t.string,
  /** The spec that trains it now. */
  spec: Spec,
  /** Earlier specs in order; usually none. */
  past: t.union([t.undefined, t.readonlyArray(Past)]),
  /** Values given by `--set`. Older runs lack them. */
  sets: t.union([t.undefined, t.record(t.string, t.string)]),
  /** Older runs lack it. */
  place: t.union([t.undefined, Place]),
  domains: t.readonlyArray(DomainCodec),
  networks: t.readonlyArray(Network),
  /** Files of initial weights. The state holds the weights since. */
  weights: t.union([t.undefined, t.readonlyArray(Weights)]),
  /**
   * The resolved recipe, for people. Its form depends on the version of ganc that began the run.
   */
  recipe: t.UnknownRecord,
  /** Intervals of samples and checkpoints, if given. Older runs have none. */
  intervals: t.union([
    t.undefined,
    t.intersection([
      t.type({ samples: Every, checkpoints: Every }),
      t.partial({ measures: Every }),
    ]),
  ]),
  /** Checkpoints to keep, if given. Older runs have none. */
  keep: t.union([t.undefined, KeepParts]),
  seed: Natural,
  /** Names of the random streams, each seeded by the seed. Older runs have none. */
  streams: t.union([t.undefined, t.readonlyArray(t.string)]),
  data: Data,
  /** Engine on which the run began. */
  engine: t.string,
  created: t.string,
});

export type DataOrigin = t.TypeOf<typeof Origin>;
export type Manifest = t.TypeOf<typeof ManifestCodec>;

export type PastSpec = t.TypeOf<typeof Past>;

export type WeightsFile = t.TypeOf<typeof Weights>;

export interface NewRun {
  readonly run: string;
  readonly program: SpecProgram;
  readonly sets?: Manifest["sets"];
  readonly place?: Manifest["place"];
  readonly seed: number;
  readonly streams?: Manifest["streams"];
  readonly data: t.TypeOf<typeof Data>;
  readonly engine: string;
  readonly weights: readonly t.TypeOf<typeof Weights>[];
  readonly intervals?: Manifest["intervals"];
  readonly keep?: Manifest["keep"];
  /** ISO 8601. */
  readonly created: string;
}

const finite = (end: number): number | null => (Number.isFinite(end) ? end : null);

const specOf = (program: SpecProgram): Manifest["spec"] => ({
  name: program.name,
  entry: program.entry,
  sources: program.sources,
  params: { ...program.params },
  hash: specHash(program),
});

/**
 * Returns the facts of a spec that a manifest repeats, for people and for readers that do not
 * compile.
 */
const factsOf = (
  program: SpecProgram,
): Pick<Manifest, "spec" | "domains" | "networks" | "recipe"> => ({
  spec: specOf(program),
  domains: program.domains.map(({ name, kind, shape, range }) => ({
    name,
    kind,
    shape: [...shape],
    range: [finite(range[0]), finite(range[1])],
  })),
  networks: program.networks.map(({ name, from, to, parameters }) => ({
    name,
    from,
    to,
    parameters: parameters.map((p) => ({ name: p.name, shape: p.shape })),
  })),
  recipe: { ...program.recipe },
});

export const newManifest = ({ program, weights, ...others }: NewRun): Manifest => {
  const { spec, domains, networks, recipe } = factsOf(program);
  const { run, sets, place, seed, streams, data, engine, intervals, keep, created } = others;
  return {
    format: formatVersion,
    run,
    spec,
    past: undefined,
    sets,
    place,
    domains,
    networks,
    weights: weights.length === 0 ? undefined : weights,
    recipe,
    intervals,
    keep,
    seed,
    streams,
    data,
    engine,
    created,
  };
};

/** The part of any version's recipe that holds the schedule. */
const Scheduled = t.type({ schedule: t.readonlyArray(t.type({ epochs: t.number })) });

/** Counts the epochs of the schedule, if the manifest tells. */
export const epochsOf = ({ recipe }: Pick<Manifest, "recipe">): number | undefined => {
  const found = Scheduled.decode(recipe);
  return isLeft(found)
    ? undefined
    : found.right.schedule.reduce((sum, { epochs }) => sum + epochs, 0);
};

/** Returns the run's steps before its current spec. */
export const specBegan = ({ past = [] }: Pick<Manifest, "past">): number => past.at(-1)?.to ?? 0;

/** Returns the spec whose training led to step `step`. */
export const specAt = ({ spec, past = [] }: Manifest, step: number): Manifest["spec"] =>
  past.find(({ to }) => step <= to)?.spec ?? spec;

/** Cuts earlier specs at step `step`: what is trained again from there was not trained by them. */
const before = (past: readonly PastSpec[], step: number): readonly PastSpec[] =>
  past.filter(({ from }) => from < step).map((one) => ({ ...one, to: Math.min(one.to, step) }));

/**
 * Returns the manifest of a run that resumes at step `step`, which may lie before what an earlier
 * spec trained.
 */
export const goneBack = (manifest: Manifest, step: number): Manifest =>
  step >= specBegan(manifest) ? manifest : { ...manifest, past: before(manifest.past ?? [], step) };

/** Replaces the given settings and keeps the others. Returns the same manifest if none is given. */
export const withSettings = (
  manifest: Manifest,
  { samples, checkpoints, measures }: Partial<NonNullable<Manifest["intervals"]>>,
  keep: Manifest["keep"],
): Manifest => {
  const { intervals } = manifest;
  if ([samples, checkpoints, measures, keep].every((one) => one === undefined)) return manifest;
  return {
    ...manifest,
    intervals: {
      samples: samples ?? intervals?.samples,
      checkpoints: checkpoints ?? intervals?.checkpoints,
      measures: measures ?? intervals?.measures,
    },
    keep: keep === undefined ? manifest.keep : { ...manifest.keep, ...keep },
  };
};

export interface Change {
  readonly program: SpecProgram;
  readonly sets: NonNullable<Manifest["sets"]>;
  readonly place: Manifest["place"];
  readonly streams: Manifest["streams"];
  /** Steps of the run that the new spec did not train. */
  readonly step: number;
  /** ISO 8601. */
  readonly now: string;
}

/** Replaces the run's spec from step `step` on. */
export const carriedOver = (
  manifest: Manifest,
  { program, sets, place, streams, step, now }: Change,
): Manifest => {
  const past = before(manifest.past ?? [], step);
  const from = past.at(-1)?.to ?? 0;
  const ended: PastSpec = { spec: manifest.spec, from, to: step, left: now };
  return {
    ...manifest,
    format: changedVersion,
    ...factsOf(program),
    past: from < step ? [...past, ended] : past,
    sets,
    place,
    streams,
  };
};

/** Encodes the manifest with its fingerprint. */
export const encodeManifest = (manifest: Manifest): readonly Uint8Array[] =>
  jsonBytes(seal(manifest));

/** Tells whether the run records in `saved.json` that it had checkpoints. */
export const isSealed = ({ format }: Manifest): boolean => format !== unsealedVersion;

/** Decodes a manifest. The left side completes a sentence that begins with the file's name. */
export const decodeManifest = (text: string): Either<string, Manifest> => {
  const format = decodeFormat(text, [unsealedVersion, formatVersion, changedVersion]);
  if (isLeft(format)) return format;
  const manifest = decodeSealed(ManifestCodec, text, format.right === unsealedVersion);
  if (isLeft(manifest)) return manifest;
  const { spec, past = [] } = manifest.right;
  return [spec, ...past.map((one) => one.spec)].every((one) => specHash(one) === one.hash)
    ? right(manifest.right)
    : left("was changed: the spec that it holds does not fit its fingerprint");
};
