/**
 * `tensorboard/`: a run's log as one file of TensorBoard's events. It is made from `metrics.jsonl`
 * and related files, and written anew whenever a run resumes, so no step occurs twice.
 */
import { appendFileSync, closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { missing, readRegular } from "../../data/files/regular-file.js";
import { pngSize } from "../../data/images/png-chunks.js";
import {
  eventsHead,
  imageEvent,
  rateTag,
  scalarEvent,
  tagOf,
} from "../../report/runs/tensorboard.js";
import { attempt, diskError, makeAlone, temporaryFor } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { Manifest } from "../run-directory/manifest.js";
import { measuredStates } from "./measured.js";
import { eachMetrics } from "./metrics.js";
import type { MetricsLine } from "./metrics-log.js";

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** The parts of a run from which its events are made. */
export interface EventsSource {
  /** Folder of the run. */
  readonly path: string;
  readonly manifest: Pick<Manifest, "run" | "created">;
}

/** Returns when the run began, in seconds since 1970. Its own training time is added to that. */
const beginOf = ({ manifest }: EventsSource): number => {
  const begun = Date.parse(manifest.created) / 1000;
  return Number.isFinite(begun) ? begun : 0;
};

/** Returns the folder for `tensorboard --logdir`. */
export const eventsFolder = ({ path }: Pick<EventsSource, "path">): string =>
  join(path, "tensorboard");

/** Returns the path of the run's one file. Its name says when the run began, as in TensorBoard. */
const eventsFile = (source: EventsSource): string =>
  join(
    eventsFolder(source),
    `events.out.tfevents.${Math.floor(beginOf(source))}.${source.manifest.run}`,
  );

const lineEvent = (begin: number, { step, rate, elapsed, metrics }: MetricsLine): Uint8Array =>
  scalarEvent({ time: begin + elapsed / 1000, step }, [
    ...Object.entries(metrics).map(([name, value]) => [tagOf(name), value] as const),
    [rateTag, rate],
  ]);

const mostPicture = 2 ** 28;

/** Writes the sample grids, each at the step after which it was made. */
const samples = async (
  path: string,
  timeOf: (step: number) => number,
  write: (bytes: Uint8Array) => void,
): Promise<void> => {
  const folder = join(path, "samples");
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    const step = /^epoch-\d+-step-(\d+)\.png$/.exec(name)?.[1];
    const png = step === undefined ? undefined : await readRegular(join(folder, name), mostPicture);
    const size = png === undefined || isLeft(png) ? undefined : pngSize(png.right);
    if (step === undefined || png === undefined || isLeft(png) || size === undefined) continue;
    const moment = { time: timeOf(Number(step)), step: Number(step) };
    write(imageEvent(moment, "samples", { bytes: png.right, ...size }));
  }
};

const measures = async (
  path: string,
  timeOf: (step: number) => number,
  write: (bytes: Uint8Array) => void,
): Promise<void> => {
  for (const { step, measures: rows } of await measuredStates(path))
    write(
      scalarEvent(
        { time: timeOf(step), step },
        rows.map(({ name, network, value }) => [`measures/${name} of ${network}`, value]),
      ),
    );
};

/** Bytes to collect before a write. */
const batch = 2 ** 20;

/** A file that is written in pieces and renamed into place when complete. */
class PiecewiseFile {
  private readonly beside: string;
  private readonly descriptor: number;
  private pieces: Uint8Array[] = [];
  private bytes = 0;

  constructor(private readonly path: string) {
    this.beside = temporaryFor(path);
    this.descriptor = openSync(this.beside, "w");
  }

  readonly write = (piece: Uint8Array): void => {
    this.pieces.push(piece);
    this.bytes += piece.byteLength;
    if (this.bytes >= batch) this.flush();
  };

  private flush(): void {
    const all = Buffer.concat(this.pieces);
    for (let at = 0; at < all.length; ) at += writeSync(this.descriptor, all, at);
    this.pieces = [];
    this.bytes = 0;
  }

  finish(): void {
    this.flush();
    closeSync(this.descriptor);
    renameSync(this.beside, this.path);
  }

  abandon(): void {
    try {
      closeSync(this.descriptor);
    } catch {
      // Already closed.
    }
    rmSync(this.beside, { force: true });
  }
}

/** Writes the events of all steps before `before` and returns the path of the file. */
export const writeEvents = async (source: EventsSource, before = Infinity): Attempt<string> => {
  const { path } = source;
  const folder = eventsFolder(source);
  const made = await attempt(folder, () => makeAlone(folder));
  if (isLeft(made)) return made;
  const file = eventsFile(source);
  let whole: PiecewiseFile | undefined;
  try {
    const begin = beginOf(source);
    whole = new PiecewiseFile(file);
    const { write } = whole;
    write(eventsHead(begin));
    const times: number[] = [];
    const read = await eachMetrics(join(path, "metrics.jsonl"), (line) => {
      if (line.step >= before) return;
      times[line.step] = begin + line.elapsed / 1000;
      write(lineEvent(begin, line));
    });
    if (isLeft(read) && read.left !== missing) {
      whole.abandon();
      return left({ kind: "file", path: join(path, "metrics.jsonl"), reason: `it ${read.left}` });
    }
    const timeOf = (step: number): number => times[step - 1] ?? times.at(-1) ?? begin;
    await samples(path, timeOf, write);
    await measures(path, timeOf, write);
    whole.finish();
    return right(file);
  } catch (thrown) {
    whole?.abandon();
    return left(diskError(file, thrown));
  }
};

/**
 * The events of a training run, step by step. A failure to write them does not harm the training.
 */
export interface LiveEvents {
  step(line: MetricsLine): void;
  /** Returns why some events are missing, if they are. */
  readonly trouble: () => TrainingError | undefined;
}

/** Writes the events of the steps before `start` now, and those that follow as they come. */
export const openEvents = async (source: EventsSource, start: number): Promise<LiveEvents> => {
  const begin = beginOf(source);
  const begun = await writeEvents(source, start);
  let trouble = isLeft(begun) ? begun.left : undefined;
  return {
    step: (line) => {
      if (trouble !== undefined || isLeft(begun)) return;
      try {
        // By name: `ganc report` may have replaced the file.
        appendFileSync(begun.right, lineEvent(begin, line), { flag: "a" });
      } catch (thrown) {
        trouble = diskError(begun.right, thrown);
      }
    },
    trouble: () => trouble,
  };
};
