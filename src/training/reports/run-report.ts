/**
 * Reads a run's folder for a report. Anything missing or broken costs only its own part of the
 * report.
 */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { missing } from "../../data/files/regular-file.js";
import type { DataSetFacts, DrawnPart, Gallery, RunContents } from "../../report/page/contents.js";
import { Thinning } from "../../report/page/thinning.js";
import { listCheckpoints } from "../checkpoints/checkpoint-list.js";
import { describe, type TrainingError } from "../files/errors.js";
import { measuredOf, monitorWords } from "../logs/measured.js";
import { eachMetrics } from "../logs/metrics.js";
import { isHeld } from "../run-directory/lock.js";
import type { Manifest } from "../run-directory/manifest.js";
import { openRun, shownPath } from "../run-directory/run-directory.js";
import { readSessions, type TrainedSession } from "../run-directory/sessions.js";
import { environmentOf, type LoggedProgress, overviewOf, specOf } from "./run-facts.js";
import { type SheetCache, sampleSheets, sheetOf } from "./sheets.js";

/** The facts read from a log. */
export interface KnownLog {
  readonly thinning: Thinning;
  /** Undefined before the first step. */
  readonly progress: LoggedProgress | undefined;
}

export interface ReportRequest {
  /** Folder of the run. */
  readonly path: string;
  /** ISO 8601. */
  readonly now: string;
  /** Draws the run's spec as `ganc graph` does. The left side says why it cannot. */
  readonly drawings: (manifest: Manifest) => Promise<Either<string, readonly DrawnPart[]>>;
  /** Cache for repeated reports of one run. */
  readonly sheets: SheetCache;
  /** Looks at the images; the left side says why it cannot. Missing if they are not wanted. */
  readonly data?: () => Promise<Either<string, readonly DataSetFacts[]>>;
  /** Looks at the newest state, likewise. */
  readonly look?: () => Promise<Either<string, readonly Gallery[]>>;
  /** The log as the training process knows it, so that it need not be read. */
  readonly log?: Either<string, KnownLog>;
  /** Default: whether the run's lock is held. */
  readonly isTraining?: boolean;
}

/** Reads a log's steps before `before`. */
export const readLog = async (
  path: string,
  before = Infinity,
): Promise<Either<string, KnownLog>> => {
  const thinning = new Thinning();
  let progress: LoggedProgress | undefined;
  const read = await eachMetrics(path, (line) => {
    if (line.step >= before) return;
    thinning.add(line);
    progress = { steps: line.step + 1, epoch: line.epoch, elapsed: line.elapsed };
  });
  return isLeft(read) && read.left !== missing ? read : right({ thinning, progress });
};

/** Reads grids of test images, one for each network that was judged by them. */
const judged = async (path: string): Promise<readonly Gallery[]> => {
  const folder = join(path, "evaluation");
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".png"));
  const galleries: Gallery[] = [];
  for (const name of names.sort()) {
    const network = basename(name, ".png");
    const sheet = await sheetOf(join(folder, name), `test images, by ${network}`);
    if (sheet !== undefined)
      galleries.push({
        id: `test-${galleries.length + 1}`,
        title: `Test images, by ${network}`,
        words: "The input, what the network makes of it, and the partner that it was never shown.",
        sheets: [sheet],
      });
  }
  return galleries;
};

const galleriesOf = async (path: string, cache: SheetCache): Promise<readonly Gallery[]> => {
  const samples = await sampleSheets(join(path, "samples"), cache);
  const through: Gallery = {
    id: "samples",
    title: "Samples over time",
    words: "The same few images every time, and what the networks made of them.",
    sheets: samples,
  };
  return [...(samples.length > 0 ? [through] : []), ...(await judged(path))];
};

/** Tells whether a folder holds nothing that a run writes; then there is no report. */
const isNothing = ({ curves, galleries }: Pick<RunContents, "curves" | "galleries">): boolean =>
  curves === undefined && galleries.length === 0;

const sessionsOf = async (path: string): Promise<readonly TrainedSession[]> => {
  const read = await readSessions({ sessions: join(path, "sessions.jsonl") });
  return isLeft(read) ? [] : read.right;
};

/**
 * Reads everything that a report shows. The left side is for a folder without anything of a run.
 */
export const readRun = async (
  request: ReportRequest,
): Promise<Either<TrainingError, RunContents>> => {
  const { path, now, sheets } = request;
  const opened = await openRun(path);
  const manifest = isLeft(opened) ? undefined : opened.right.manifest;
  const read = request.log ?? (await readLog(join(path, "metrics.jsonl")));
  const log = isLeft(read) ? undefined : read.right;
  const curves = log?.thinning.curvesIn(manifest?.data.stepsPerEpoch);
  const galleries = await galleriesOf(path, sheets);
  if (isLeft(opened) && isNothing({ curves, galleries })) return opened;
  const drawings = manifest === undefined ? undefined : await request.drawings(manifest);
  const [saved] = await listCheckpoints(join(path, "checkpoints"));
  const isTraining = request.isTraining ?? (await isHeld(path));
  const sessions = await sessionsOf(path);
  const looked = manifest === undefined ? undefined : await request.look?.();
  const data = manifest === undefined ? undefined : await request.data?.();
  const known = { manifest, progress: log?.progress, saved, isTraining, sessions };
  return right({
    name: manifest?.spec.name ?? basename(path),
    place: shownPath(path),
    made: now,
    isTraining,
    troubles: [
      ...(isLeft(opened) ? [describe(opened.left)] : []),
      ...(isLeft(read) ? [`metrics.jsonl ${read.left}.`] : []),
      ...(drawings !== undefined && isLeft(drawings)
        ? [`The networks could not be drawn: ${drawings.left}`]
        : []),
      ...(looked !== undefined && isLeft(looked)
        ? [`The newest state could not be looked at: ${looked.left}`]
        : []),
    ],
    overview: overviewOf(known),
    monitors: await monitorWords(path),
    ...(await measuredOf(path, curves)),
    curves,
    galleries: [...(looked === undefined || isLeft(looked) ? [] : looked.right), ...galleries],
    data: data === undefined || isLeft(data) ? [] : data.right,
    dataTrouble: data !== undefined && isLeft(data) ? data.left : undefined,
    drawings: drawings === undefined || isLeft(drawings) ? [] : drawings.right,
    spec: manifest === undefined ? undefined : specOf(manifest),
    environment: environmentOf(known),
  });
};
