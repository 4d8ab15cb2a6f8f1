/** Summarises a run, whatever the state of its folder, without changing anything. */
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import {
  type Best,
  findBest,
  listCheckpoints,
  readCounters,
} from "../checkpoints/checkpoint-list.js";
import { lastJsonLine } from "../files/json-lines.js";
import { type MeasuredState, MeasuredStateCodec, readEvaluation } from "../logs/evaluation.js";
import { Logged } from "../logs/metrics.js";
import { holderOf } from "../run-directory/lock.js";
import { epochsOf, importing, type Manifest } from "../run-directory/manifest.js";
import {
  belonging,
  isRunDirectory,
  openRun,
  type RunDirectory,
} from "../run-directory/run-directory.js";
import { readSessions, type TrainedSession } from "../run-directory/sessions.js";

/**
 * `stopped`: ended at a limit before the schedule did. `begun`: has made no step. `imported`: has
 * made none either, and weights that were trained elsewhere.
 */
export type RunState =
  | "training"
  | "finished"
  | "stopped"
  | "interrupted"
  | "failed"
  | "begun"
  | "imported";

export interface RunSummary {
  readonly path: string;
  /** Bytes of all its files. */
  readonly bytes: number;
  /** Time of its last activity, ISO 8601. */
  readonly at: string;
  readonly spec: { readonly name: string; readonly entry: string };
  /** Whether its networks make images from images, or from draws. */
  readonly makes: "translations" | "images" | "nothing";
  readonly state: RunState;
  /** The reason for that state, in a few words. Undefined if the state says all. */
  readonly because?: string | undefined;
  /** Steps made. */
  readonly steps: number;
  /** Epoch of the last step, from 1; 0 if there is none. */
  readonly epoch: number;
  /** Epochs of the schedule, if the manifest tells. */
  readonly epochs?: number | undefined;
  /** Losses of the last step, by their names in the log. */
  readonly losses: Readonly<Record<string, number>>;
  /** The latest measurement. */
  readonly measured?: MeasuredState | undefined;
  /** The best measured checkpoint. */
  readonly best?: Best | undefined;
  /** Step of the newest checkpoint. */
  readonly saved?: number | undefined;
}

/** A folder with a run that cannot be read. */
export interface Unreadable {
  readonly path: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly at: string;
  /** The fault, on one line. */
  readonly trouble: string;
}

export const isUnreadable = (one: RunSummary | Unreadable): one is Unreadable => "trouble" in one;

/** Adds up the bytes of a folder's files without following links. Skips what cannot be read. */
const bytesOf = async (path: string): Promise<number> => {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) sum += await bytesOf(below);
    else if (entry.isFile())
      sum += await lstat(below).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return sum;
};

const changedAt = async (path: string): Promise<string | undefined> =>
  stat(path).then(
    ({ mtime }) => mtime.toISOString(),
    () => undefined,
  );

const endings: Readonly<Record<string, readonly [RunState, string | undefined]>> = {
  schedule: ["finished", undefined],
  interrupted: ["interrupted", undefined],
  failed: ["failed", undefined],
  epochs: ["stopped", "as --epochs asked"],
  steps: ["stopped", "as --steps asked"],
  minutes: ["stopped", "as --minutes asked"],
  monitor: ["stopped", "by a monitor"],
};

interface Standing {
  readonly state: RunState;
  readonly because?: string | undefined;
}

/**
 * Returns the state of an older run, which does not record how its processes ended, from its newest
 * checkpoint.
 */
const ofCheckpoint = async (run: RunDirectory, steps: number): Promise<Standing> => {
  const [saved] = await listCheckpoints(run.checkpoints);
  if (saved === undefined) return { state: steps > 0 ? "interrupted" : "begun" };
  if (saved === 0 && run.manifest.engine === importing) return { state: "imported" };
  const counters = await readCounters(run.checkpoints, belonging(run), saved);
  const epochs = epochsOf(run.manifest);
  const isOver =
    isRight(counters) && epochs !== undefined && counters.right.position.epoch >= epochs;
  return { state: isOver ? "finished" : "interrupted" };
};

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

const limits: ReadonlySet<string> = new Set(["epochs", "steps", "minutes"]);

/**
 * Tells whether a process found its limit already reached; such a process says nothing about the
 * run.
 */
const isIdle = ({ begin, end }: TrainedSession): boolean =>
  end !== undefined && limits.has(end.ending) && end.step === begin.step;

/** Returns the newest process that had something to do, else the newest. */
const tellingOf = (sessions: readonly TrainedSession[]): TrainedSession | undefined =>
  sessions.findLast((session) => !isIdle(session)) ?? sessions.at(-1);

const standingOf = async (
  run: RunDirectory,
  last: TrainedSession | undefined,
  steps: number,
): Promise<Standing> => {
  const holder = await holderOf(run.path);
  if (holder !== undefined) {
    const { host, pid } = holder;
    return {
      state: "training",
      because: host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`,
    };
  }
  if (last === undefined) return ofCheckpoint(run, steps);
  const { end } = last;
  if (end === undefined)
    return { state: "interrupted", because: "killed, or the machine went down" };
  const [state, because] = endings[end.ending] ?? ["stopped", end.ending];
  return { state, because: end.reason === undefined ? because : firstLine(end.reason) };
};

/**
 * Tells what a run's networks make. Older runs do not distinguish images from noise, which then
 * counts as images.
 */
const makesOf = ({ domains, networks }: Manifest): RunSummary["makes"] => {
  const isImage = (name: string): boolean =>
    domains.some((domain) => domain.name === name && (domain.kind ?? "image") === "image");
  const making = networks.filter(({ to }) => isImage(to));
  if (
    making.some(({ from }) =>
      from
        .replace(/^\(|\)$/g, "")
        .split(", ")
        .some(isImage),
    )
  )
    return "translations";
  return making.length > 0 ? "images" : "nothing";
};

/**
 * Reads the latest measurement, from training or from `ganc evaluate`, whichever has the later
 * step.
 */
const lastMeasured = async (path: string): Promise<MeasuredState | undefined> => {
  const line = await lastJsonLine(join(path, "measures.jsonl"), MeasuredStateCodec);
  const evaluation = await readEvaluation(join(path, "evaluation", "evaluation.json"));
  const judged = isLeft(evaluation)
    ? []
    : evaluation.right.checkpoints.map(({ step, epoch, measures }) => ({ step, epoch, measures }));
  const all = [...(line === undefined ? [] : [line]), ...judged];
  return all.reduce<MeasuredState | undefined>(
    (last, one) => (last === undefined || one.step > last.step ? one : last),
    undefined,
  );
};

const summaryOf = async (run: RunDirectory): Promise<RunSummary> => {
  const { path, manifest } = run;
  const read = await readSessions(run);
  const last = isLeft(read) ? undefined : tellingOf(read.right);
  const logged = await lastJsonLine(run.metrics, Logged);
  const [saved] = await listCheckpoints(run.checkpoints);
  const steps = Math.max(logged === undefined ? 0 : logged.step + 1, saved ?? 0);
  const best = await findBest(run.checkpoints, belonging(run));
  const { because, state } = await standingOf(run, last, steps);
  const at = last?.end?.at ?? (await changedAt(run.metrics)) ?? last?.begin.at ?? manifest.created;
  const measured = await lastMeasured(path);
  return {
    path,
    bytes: await bytesOf(path),
    at,
    spec: { name: manifest.spec.name, entry: manifest.spec.entry },
    makes: makesOf(manifest),
    state,
    steps,
    epoch: logged === undefined ? 0 : logged.epoch + 1,
    losses: logged?.metrics ?? {},
    because,
    epochs: epochsOf(manifest),
    measured,
    best,
    saved,
  };
};

/** Summarises a run, or says why it cannot be read. */
export const summarise = async (path: string): Promise<RunSummary | Unreadable> => {
  const run = await openRun(path);
  if (!isLeft(run)) return summaryOf(run.right);
  const reason = run.left.kind === "no-run" ? run.left.reason : run.left.kind;
  const at = (await changedAt(path)) ?? new Date(0).toISOString();
  return { path, bytes: await bytesOf(path), at, trouble: firstLine(reason) };
};

/** Depth below a folder to which runs are searched; a family of runs has a folder of its own. */
const deepest = 3;

/** Lists the folders of runs at or below a path, sorted by name. A run contains no other run. */
export const runsBelow = async (path: string, depth = 0): Promise<readonly string[]> => {
  if (await isRunDirectory(path)) return [path];
  if (depth === deepest) return [];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const folders = entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !isHidden(entry.name))
    .map(({ name }) => join(path, name))
    .sort((a, b) => (a < b ? -1 : 1));
  const found: (readonly string[])[] = [];
  for (const folder of folders) found.push(await runsBelow(folder, depth + 1));
  return found.flat();
};

const isHidden = (name: string): boolean =>
  basename(name).startsWith(".") || name === "node_modules";

/** Runs read at once. */
const atOnce = 8;

/** Keeps one path to each folder, the shortest, since several links may lead to it. */
const withoutTwins = async (paths: readonly string[]): Promise<readonly string[]> => {
  const byPlace = new Map<string, string>();
  for (const path of paths) {
    const place = await realpath(path).catch(() => path);
    const known = byPlace.get(place);
    if (known === undefined || path.length < known.length) byPlace.set(place, path);
  }
  return [...byPlace.values()];
};

/** Summarises all runs, the latest activity first. */
export const summariseAll = async (
  given: readonly string[],
): Promise<readonly (RunSummary | Unreadable)[]> => {
  const paths = await withoutTwins(given);
  const found: (RunSummary | Unreadable)[] = [];
  for (let from = 0; from < paths.length; from += atOnce)
    found.push(...(await Promise.all(paths.slice(from, from + atOnce).map(summarise))));
  return found.sort((a, b) => (a.at > b.at ? -1 : a.at < b.at ? 1 : 0));
};
