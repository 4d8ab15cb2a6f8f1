/** `metrics.jsonl`: one line of JSON for each step, in order, as a straight run would have written it. */
import { type FileHandle, open, readFile } from "node:fs/promises";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { Metrics } from "../engines/session.js";
import { decodeJson } from "./decode.js";
import { attempt, type RawDisk, textBytes, writeAtomically } from "./disk.js";
import type { TrainingError } from "./errors.js";

export interface MetricsLine {
  /** From 0. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  /** Learning rate of the step. */
  readonly rate: number;
  /** Milliseconds of training up to the end of the step. */
  readonly elapsed: number;
  readonly metrics: Metrics;
}

export interface MetricsLog {
  append(line: MetricsLine): Promise<Either<TrainingError, void>>;
  close(): Promise<void>;
}

const Numbered = t.type({ step: t.number });

const Logged = t.type({ step: t.number, metrics: t.record(t.string, t.number) });

/** Lines of steps before `step`; a torn line, and whatever follows it, is dropped. */
const linesBefore = (text: string, step: number): readonly string[] => {
  const kept: string[] = [];
  for (const line of text.split("\n")) {
    const numbered = decodeJson(Numbered, line);
    if (isLeft(numbered) || numbered.right.step >= step) break;
    kept.push(line);
  }
  return kept;
};

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

const appendTo = (path: string, handle: FileHandle): MetricsLog => ({
  append: (line) =>
    attempt(path, async () => {
      await handle.appendFile(`${JSON.stringify(line)}\n`);
    }),
  close: () => handle.close(),
});

/** Opens the log for a run that goes on with `step`: lines of that step and later ones, which will be made again, go. */
export const openMetrics = async (
  raw: RawDisk,
  path: string,
  step: number,
): Promise<Either<TrainingError, MetricsLog>> => {
  const old = await readFile(path, "utf8").catch(() => "");
  const kept = textOf(linesBefore(old, step));
  if (kept !== old) {
    const written = await writeAtomically(raw, path, textBytes(kept));
    if (isLeft(written)) return written;
  }
  const handle = await attempt(path, () => open(path, "a"));
  return isLeft(handle) ? handle : right(appendTo(path, handle.right));
};

/** The metrics of each step that the log at `path` holds whole; none where there is no log. */
export const readMetrics = async (path: string): Promise<readonly t.TypeOf<typeof Logged>[]> => {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const logged = decodeJson(Logged, line);
    return isLeft(logged) ? [] : [logged.right];
  });
};
