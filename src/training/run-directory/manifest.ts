/** `manifest.json`: what a run is, so that its folder alone suffices to resume it, translate with it or judge it. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { KeepParts } from "../checkpoints/keep.js";
import { decodeFormat, decodeSealed, Natural, Positive, seal } from "../files/decode.js";
import { jsonBytes } from "../files/disk.js";
import { type SpecProgram, specHash } from "../program/program.js";

/** Raised when what a run folder promises is more than before. */
export const formatVersion = 2;

/** With `past`: who does not know of it would take the checkpoints of before for those of another run. */
const changedVersion = 3;

/** Without a fingerprint, and without `saved.json` beside it; still read. */
const unsealedVersion = 1;

/** JSON has no infinity: an end that is none is null. */
const End = t.union([t.number, t.null]);
const Range = t.tuple([End, End]);

const Source = t.type({ name: t.string, text: t.string });

const DomainCodec = t.type({
  name: t.string,
  /** `image`, `noise` and so on. Runs of before do not tell. */
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

/** Where images come from: the built-in emoji pairs, or one folder or more, by domain where they were told apart. */
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
  /** By the domain whose images are filed by class: their names in the order of the labels. Runs of before have none. */
  classes: t.union([t.undefined, t.record(t.string, t.readonlyArray(t.string))]),
  /** The fingerprint of `images.json`, where images are files. Runs of before have none. */
  images: t.union([t.undefined, t.string]),
  /** How many images were held out of training, where any were. */
  holdOut: t.union([t.undefined, t.type({ count: Positive }), t.type({ share: t.number })]),
});

const Spec = t.type({
  name: t.string,
  entry: t.string,
  sources: t.readonlyArray(Source),
  params: t.record(t.string, t.union([t.number, t.boolean])),
  hash: t.string,
});

/** A spec that trained the run before the one that does now. */
const Past = t.type({
  spec: Spec,
  /** Steps of the run before it, and until it was left. */
  from: Natural,
  to: Natural,
  /** When it was left, ISO 8601. */
  left: t.string,
});

/** Where the files of the spec were: the folder that their names count from, and what `--root` gave. */
const Place = t.type({ folder: t.string, root: t.union([t.undefined, t.string]) });

/** What a network began with: the file, and its hexadecimal SHA-256. */
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
  /** Hexadecimal, of this run alone; each of its checkpoints repeats it. */
  run: t.string,
  /** The one that trains it now. */
  spec: Spec,
  /** Those that trained it before, in their order; none as a rule. */
  past: t.union([t.undefined, t.readonlyArray(Past)]),
  /** What `--set` gave of the params. Runs of before do not tell. */
  sets: t.union([t.undefined, t.record(t.string, t.string)]),
  /** Runs of before do not tell. */
  place: t.union([t.undefined, Place]),
  domains: t.readonlyArray(DomainCodec),
  networks: t.readonlyArray(Network),
  /** Files of weights that the run began with; the state has held them since. */
  weights: t.union([t.undefined, t.readonlyArray(Weights)]),
  /** For people, as the sources and params give it; its form is that of the version of ganc that began the run. */
  recipe: t.UnknownRecord,
  /** How often samples and checkpoints are made, where it was said. Runs of before have none. */
  intervals: t.union([
    t.undefined,
    t.intersection([
      t.type({ samples: Every, checkpoints: Every }),
      t.partial({ measures: Every }),
    ]),
  ]),
  /** Which checkpoints are kept, where it was said. Runs of before have none. */
  keep: t.union([t.undefined, KeepParts]),
  seed: Natural,
  /** Names of the random streams that are drawn from, each by the seed. Runs of before have none. */
  streams: t.union([t.undefined, t.readonlyArray(t.string)]),
  data: Data,
  /** The engine that the run began on. */
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

/** What a manifest repeats of a spec, for people and for who does not compile. */
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

/** What a recipe of any version has of its schedule. */
const Scheduled = t.type({ schedule: t.readonlyArray(t.type({ epochs: t.number })) });

/** Epochs of the schedule, where the manifest tells. */
export const epochsOf = ({ recipe }: Pick<Manifest, "recipe">): number | undefined => {
  const found = Scheduled.decode(recipe);
  return isLeft(found)
    ? undefined
    : found.right.schedule.reduce((sum, { epochs }) => sum + epochs, 0);
};

/** Steps of the run before the spec that trains it now. */
export const specBegan = ({ past = [] }: Pick<Manifest, "past">): number => past.at(-1)?.to ?? 0;

/** The spec whose training led to step `step`. */
export const specAt = ({ spec, past = [] }: Manifest, step: number): Manifest["spec"] =>
  past.find(({ to }) => step <= to)?.spec ?? spec;

/** What is trained anew from step `step` on was not trained by who is told of it. */
const before = (past: readonly PastSpec[], step: number): readonly PastSpec[] =>
  past.filter(({ from }) => from < step).map((one) => ({ ...one, to: Math.min(one.to, step) }));

/** As it is where the run goes on with step `step`, which may lie before what a spec of before trained. */
export const goneBack = (manifest: Manifest, step: number): Manifest =>
  step >= specBegan(manifest) ? manifest : { ...manifest, past: before(manifest.past ?? [], step) };

/** With the settings that are given; those that are not stay. The same manifest where none is. */
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
  /** Steps of the run that the new spec is not told of. */
  readonly step: number;
  /** ISO 8601. */
  readonly now: string;
}

/** From step `step` on another spec trains the run. */
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

/** The whole manifest stands under a fingerprint. */
export const encodeManifest = (manifest: Manifest): readonly Uint8Array[] =>
  jsonBytes(seal(manifest));

/** Whether the run's folder remembers that it had checkpoints, in `saved.json`. */
export const isSealed = ({ format }: Manifest): boolean => format !== unsealedVersion;

/** The reason completes a sentence that begins with the file's name. */
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
