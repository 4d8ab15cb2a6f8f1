/**
 * `tensorboard/`: a run's log as one file of TensorBoard's events. It is made of `metrics.jsonl` and what lies beside it, and is
 * written anew from there whenever a run goes on: no step stands in it twice.
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

/** What of a run its events are made of. */
export interface EventsSource {
  /** The run's folder. */
  readonly path: string;
  readonly manifest: Pick<Manifest, "run" | "created">;
}

/** Seconds since 1970 at which the run began; its own time of training is added to that. */
const beginOf = ({ manifest }: EventsSource): number => {
  const begun = Date.parse(manifest.created) / 1000;
  return Number.isFinite(begun) ? begun : 0;
};

/** The folder that `tensorboard --logdir` is given. */
export const eventsFolder = ({ path }: Pick<EventsSource, "path">): string =>
  join(path, "tensorboard");

/** One file for a run, whose name says when it began, as TensorBoard's own do. */
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

/** Sample grids, each at the step after which it was made. */
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

/** Bytes that are collected before they are written. */
const batch = 2 ** 20;

/** Writes a file in pieces, and puts it into its place when it is whole. */
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
      // It was closed before.
    }
    rmSync(this.beside, { force: true });
  }
}

/** Writes the events of all steps before `before`, and gives the path of the file. */
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

/** The events of a run that trains, a step at a time. What cannot be written is no harm to the training. */
export interface LiveEvents {
  step(line: MetricsLine): void;
  /** Why some of it is missing, if that is so. */
  readonly trouble: () => TrainingError | undefined;
}

/** Events of the steps before `start`, which are written now, and of those that follow. */
export const openEvents = async (source: EventsSource, start: number): Promise<LiveEvents> => {
  const begin = beginOf(source);
  const begun = await writeEvents(source, start);
  let trouble = isLeft(begun) ? begun.left : undefined;
  return {
    step: (line) => {
      if (trouble !== undefined || isLeft(begun)) return;
      try {
        // By its name: `ganc report` may have put a new file in its place.
        appendFileSync(begun.right, lineEvent(begin, line), { flag: "a" });
      } catch (thrown) {
        trouble = diskError(begun.right, thrown);
      }
    },
    trouble: () => trouble,
  };
};
