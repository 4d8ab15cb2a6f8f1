/**
 * `sessions.jsonl`: each process that trained in a run, a line when it begins and a line when it ends. One that is killed
 * leaves no second line. It depends on clock and machine, and nothing that is computed depends on it.
 */
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import type { Either } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { Natural } from "../files/decode.js";
import { type RawDisk, realDisk } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { appendJsonLine, readJsonLines } from "../files/json-lines.js";
import type { RunDirectory } from "./run-directory.js";

const Begin = t.type({
  kind: t.literal("begin"),
  /** ISO 8601. */
  at: t.string,
  pid: Natural,
  /** Its words, `ganc` first. */
  command: t.readonlyArray(t.string),
  versions: t.type({ ganc: t.string, node: t.string }),
  /** With its version: for example `ONNX Runtime 1.30.0 (CPU)`. */
  engine: t.string,
  /** That the engine computes with, where that is known. */
  threads: t.union([Natural, t.null]),
  /** For example `linux x64`. */
  platform: t.string,
  /** The model of the processor. */
  cpu: t.string,
  /** Threads that the machine runs at once. */
  cores: Natural,
  /** Of the machine, in bytes. */
  memory: Natural,
  /** Steps behind the run when it began. */
  step: Natural,
});

const End = t.intersection([
  t.type({
    kind: t.literal("end"),
    /** ISO 8601. */
    at: t.string,
    /** As `Outcome` has it, or `failed`. */
    ending: t.string,
    /** Steps and whole epochs behind the run. */
    step: Natural,
    epoch: Natural,
  }),
  /** What failed, a line or more. */
  t.partial({ reason: t.string }),
]);

const Line = t.union([Begin, End]);

export type SessionBegin = t.TypeOf<typeof Begin>;
export type SessionEnd = t.TypeOf<typeof End>;

/** What only the caller knows of a process that begins. */
export interface Begun {
  readonly command: readonly string[];
  /** The version of ganc. */
  readonly ganc: string;
  readonly engine: string;
  readonly threads: number | undefined;
  readonly step: number;
}

/** The line of this process on this machine, now. */
export const beginLine = ({ command, ganc, engine, threads, step }: Begun): SessionBegin => ({
  kind: "begin",
  at: new Date().toISOString(),
  pid: process.pid,
  command,
  versions: { ganc, node: process.versions.node },
  engine,
  threads: threads ?? null,
  platform: `${platform()} ${arch()}`,
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memory: totalmem(),
  step,
});

/** Appends a line to the sessions of a run. */
export const noteSession = (
  { sessions }: Pick<RunDirectory, "sessions">,
  line: SessionBegin | SessionEnd,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, void>> => appendJsonLine(sessions, line, raw);

/** A process that trained in a run; without an end it was killed, or trains now. */
export interface TrainedSession {
  readonly begin: SessionBegin;
  readonly end: SessionEnd | undefined;
}

/** The sessions of some lines, in order: only one process at a time holds a run. */
const paired = (lines: readonly (SessionBegin | SessionEnd)[]): readonly TrainedSession[] =>
  lines.flatMap((line, i) => {
    if (line.kind === "end") return [];
    const next = lines[i + 1];
    return { begin: line, end: next?.kind === "end" ? next : undefined };
  });

/** The sessions of a run, oldest first; runs of before have none. The left side completes a sentence that begins with the file's name. */
export const readSessions = async ({
  sessions,
}: Pick<RunDirectory, "sessions">): Promise<Either<string, readonly TrainedSession[]>> => {
  const lines = await readJsonLines(sessions, Line);
  return lines._tag === "Left" ? lines : { _tag: "Right", right: paired(lines.right) };
};
