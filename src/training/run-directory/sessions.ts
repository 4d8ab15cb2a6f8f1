/**
 * `sessions.jsonl`: a line when a process begins to train a run and a line when it ends. A killed
 * process leaves no second line. The file depends on clock and machine, and no computation depends
 * on it.
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
  /** Words of the command, `ganc` first. */
  command: t.readonlyArray(t.string),
  versions: t.type({ ganc: t.string, node: t.string }),
  /** Engine with its version, for example `ONNX Runtime 1.30.0 (CPU)`. */
  engine: t.string,
  /** Threads of the engine, if known. */
  threads: t.union([Natural, t.null]),
  /** For example `linux x64`. */
  platform: t.string,
  /** Model of the processor. */
  cpu: t.string,
  /** Hardware threads of the machine. */
  cores: Natural,
  /** Memory of the machine, in bytes. */
  memory: Natural,
  /** Steps of the run when it began. */
  step: Natural,
});

const End = t.intersection([
  t.type({
    kind: t.literal("end"),
    /** ISO 8601. */
    at: t.string,
    /** An `Outcome`'s ending, or `failed`. */
    ending: t.string,
    /** Steps and whole epochs of the run. */
    step: Natural,
    epoch: Natural,
  }),
  /** The failure, in one or more lines. */
  t.partial({ reason: t.string }),
]);

const Line = t.union([Begin, End]);

export type SessionBegin = t.TypeOf<typeof Begin>;
export type SessionEnd = t.TypeOf<typeof End>;

/** The facts about a new process that only the caller knows. */
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

/** A process that trained a run. Without an end it was killed, or is training now. */
export interface TrainedSession {
  readonly begin: SessionBegin;
  readonly end: SessionEnd | undefined;
}

/** Pairs lines to sessions, in order: only one process at a time holds a run. */
const paired = (lines: readonly (SessionBegin | SessionEnd)[]): readonly TrainedSession[] =>
  lines.flatMap((line, i) => {
    if (line.kind === "end") return [];
    const next = lines[i + 1];
    return { begin: line, end: next?.kind === "end" ? next : undefined };
  });

/**
 * Reads the sessions of a run, oldest first; older runs have none. The left side completes a
 * sentence that begins with the file's name.
 */
export const readSessions = async ({
  sessions,
}: Pick<RunDirectory, "sessions">): Promise<Either<string, readonly TrainedSession[]>> => {
  const lines = await readJsonLines(sessions, Line);
  return lines._tag === "Left" ? lines : { _tag: "Right", right: paired(lines.right) };
};
