/** What a run's folder holds, as a report shows it. Whatever is missing or broken costs its part of the report alone. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { formatDuration, formatMoment } from "../base/times.js";
import { missing } from "../data/regular-file.js";
import type {
  DrawnPart,
  Fact,
  Gallery,
  RunContents,
  SessionFacts,
  SpecText,
} from "../report/page/contents.js";
import { Thinning } from "../report/page/thinning.js";
import { thousands } from "../report/words.js";
import { listCheckpoints } from "./checkpoint-list.js";
import { describe, type TrainingError } from "./errors.js";
import { isHeld } from "./lock.js";
import type { Manifest } from "./manifest.js";
import { eachMetrics } from "./metrics.js";
import { type SheetCache, sampleSheets, sheetOf } from "./report-sheets.js";
import { openRun, shownPath } from "./run-directory.js";

export interface ReportRequest {
  /** The run's folder. */
  readonly path: string;
  /** ISO 8601. */
  readonly now: string;
  /** What `ganc graph` makes of the run's spec; the left side says why there is nothing. */
  readonly drawings: (manifest: Manifest) => Promise<Either<string, readonly DrawnPart[]>>;
  /** Kept between reports of one run. */
  readonly sheets: SheetCache;
}

/** What of the log is told in words. */
interface Progress {
  readonly steps: number;
  readonly epoch: number;
  readonly elapsed: number;
}

const readLog = async (
  path: string,
  thinning: Thinning,
): Promise<Either<string, Progress | undefined>> => {
  let last: Progress | undefined;
  const read = await eachMetrics(path, (line) => {
    thinning.add(line);
    last = { steps: line.step + 1, epoch: line.epoch, elapsed: line.elapsed };
  });
  return isLeft(read) && read.left !== missing ? read : right(last);
};

const overviewOf = (
  manifest: Manifest | undefined,
  progress: Progress | undefined,
  saved: number | undefined,
): readonly Fact[] => {
  const fact = (name: string, value: string | undefined): readonly Fact[] =>
    value === undefined ? [] : [{ name, value }];
  const { data, created, seed } = manifest ?? {};
  return [
    ...fact("Steps", progress === undefined ? "none yet" : thousands(progress.steps)),
    ...fact("Epoch", progress === undefined ? undefined : thousands(progress.epoch + 1)),
    ...fact("Steps in an epoch", data === undefined ? undefined : thousands(data.stepsPerEpoch)),
    ...fact("Time of training", progress && formatDuration(progress.elapsed)),
    ...fact("Newest checkpoint", saved === undefined ? "none" : `step ${thousands(saved)}`),
    ...fact("Begun", created && formatMoment(created)),
    ...fact("Seed", seed === undefined ? undefined : String(seed)),
    ...fact("Images", data?.description),
  ];
};

const specOf = ({ spec }: Manifest): SpecText => {
  const entry = spec.sources.filter(({ name }) => name === spec.entry);
  const others = spec.sources.filter(({ name }) => name !== spec.entry);
  return { files: [...entry, ...others].map(({ name, text }) => ({ name, text })) };
};

const environmentOf = ({ engine, run, spec }: Manifest): readonly SessionFacts[] => [
  {
    title: "The run",
    facts: [
      { name: "Engine that it began on", value: engine },
      { name: "Params", value: paramsText(spec.params) },
      { name: "Name", value: run },
      { name: "Fingerprint of the spec", value: spec.hash },
    ],
  },
];

const paramsText = (params: Manifest["spec"]["params"]): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ") || "none";

/** Grids of test images, one for each network that was judged by them. */
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

/** A folder in which nothing is that a run writes has no report. */
const isNothing = ({ curves, galleries }: Pick<RunContents, "curves" | "galleries">): boolean =>
  curves === undefined && galleries.length === 0;

/** Reads all that a report shows. The left side is for a folder that holds nothing of a run. */
export const readRun = async (
  request: ReportRequest,
): Promise<Either<TrainingError, RunContents>> => {
  const { path, now, sheets } = request;
  const opened = await openRun(path);
  const manifest = isLeft(opened) ? undefined : opened.right.manifest;
  const thinning = new Thinning();
  const log = await readLog(join(path, "metrics.jsonl"), thinning);
  const curves = thinning.curvesIn(manifest?.data.stepsPerEpoch);
  const galleries = await galleriesOf(path, sheets);
  if (isLeft(opened) && isNothing({ curves, galleries })) return opened;
  const drawings = manifest === undefined ? undefined : await request.drawings(manifest);
  const [saved] = await listCheckpoints(join(path, "checkpoints"));
  return right({
    name: manifest?.spec.name ?? basename(path),
    place: shownPath(path),
    made: now,
    isTraining: await isHeld(path),
    troubles: [
      ...(isLeft(opened) ? [describe(opened.left)] : []),
      ...(isLeft(log) ? [`metrics.jsonl ${log.left}.`] : []),
      ...(drawings !== undefined && isLeft(drawings)
        ? [`The networks could not be drawn: ${drawings.left}`]
        : []),
    ],
    overview: overviewOf(manifest, isLeft(log) ? undefined : log.right, saved),
    curves,
    galleries,
    drawings: drawings === undefined || isLeft(drawings) ? [] : drawings.right,
    spec: manifest === undefined ? undefined : specOf(manifest),
    environment: manifest === undefined ? [] : environmentOf(manifest),
  });
};
