/** Makes the model card of a run from its folder. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import { type CardContents, renderCard } from "../../report/runs/card.js";
import type { TrainingError } from "../files/errors.js";
import { measuredOf, monitorWords } from "../logs/measured.js";
import { generators, type SpecProgram } from "../program/program.js";
import { translators } from "../program/translators.js";
import { readImages } from "../run-directory/images.js";
import type { Manifest } from "../run-directory/manifest.js";
import { openRun, type RunDirectory } from "../run-directory/run-directory.js";
import { readSessions } from "../run-directory/sessions.js";
import { paramsText } from "./run-facts.js";
import { readLog } from "./run-report.js";

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Counts a run's training images by domain, if it has a record of them. */
const countsOf = async (run: RunDirectory): Promise<Readonly<Record<string, number>>> => {
  const noted = await readImages(run.images, run.manifest);
  if (isLeft(noted) || noted.right === undefined) return {};
  return recordOf(
    Object.entries(noted.right.train).map(([domain, lines]) => [domain, lines.length]),
  );
};

const networksOf = ({ networks }: Manifest): CardContents["networks"] =>
  networks.map(({ name, from, to, parameters }) => ({
    name,
    from,
    to,
    parameters: parameters.reduce((sum, { shape }) => sum + product(shape), 0),
  }));

const newestSample = async ({ samples }: RunDirectory): Promise<CardContents["picture"]> => {
  const names = (await readdir(samples).catch(() => [])).filter((name) => name.endsWith(".png"));
  const step = (name: string): number => Number(/step-(\d+)/.exec(name)?.[1] ?? -1);
  const [newest] = names.sort((a, b) => step(b) - step(a));
  return newest === undefined
    ? undefined
    : { path: `samples/${newest}`, words: "some images, and what the networks make of them" };
};

/** Makes the contents of a run's card. `program`: its compiled spec. */
export const cardContents = async (
  run: RunDirectory,
  program: Pick<SpecProgram, "domains" | "networks">,
): Promise<CardContents> => {
  const { path, manifest } = run;
  const log = await readLog(run.metrics);
  const progress = isLeft(log) ? undefined : log.right.progress;
  const sessions = await readSessions({ sessions: join(path, "sessions.jsonl") });
  const last = isLeft(sessions) ? undefined : sessions.right.at(-1)?.begin;
  const counts = await countsOf(run);
  const { measured, doubts } = await measuredOf(path, undefined);
  const { spec } = manifest;
  return {
    name: spec.name,
    networks: networksOf(manifest),
    domains: program.domains
      .filter(({ kind }) => kind === "image")
      .map(({ name, shape }) => ({ name, shape, images: counts[name] })),
    // Paths of folders are private.
    source: manifest.data.origin.kind === "emoji" ? manifest.data.description : undefined,
    translators: translators(program).map(({ network }) => network),
    generators: generators(program).map(({ network }) => network),
    spec: spec.sources.find(({ name }) => name === spec.entry)?.text ?? "",
    params: paramsText(spec.params),
    seed: manifest.seed,
    begun: manifest.created,
    exported: undefined,
    steps: progress?.steps ?? 0,
    epochs: progress === undefined ? 0 : progress.epoch + 1,
    elapsed: progress?.elapsed ?? 0,
    machine: last?.cpu,
    engine: last?.engine ?? manifest.engine,
    ganc: last?.versions.ganc,
    measured,
    doubts,
    monitors: await monitorWords(path),
    picture: await newestSample(run),
  };
};

/** The place of a card. */
export interface CardPlace {
  /** Outside of the run's folder; then it shows no picture of the run. */
  readonly isElsewhere: boolean;
  /** Steps of the networks exported beside it. */
  readonly exported?: number;
}

/** Writes the card as Markdown. */
export const modelCard = async (
  path: string,
  compile: (
    manifest: Manifest,
  ) => Promise<Either<TrainingError, Pick<SpecProgram, "domains" | "networks">>>,
  { isElsewhere, exported }: CardPlace,
): Promise<Either<TrainingError, string>> => {
  const run = await openRun(path);
  if (isLeft(run)) return run;
  const program = await compile(run.right.manifest);
  if (isLeft(program)) return program;
  const contents = await cardContents(run.right, program.right);
  const picture = isElsewhere ? undefined : contents.picture;
  return right(renderCard({ ...contents, picture, exported }));
};
