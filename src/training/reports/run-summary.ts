/** What is known of a run at a glance, whatever has become of its folder. Nothing in it is changed. */
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
import { epochsOf, type Manifest } from "../run-directory/manifest.js";
import {
  belonging,
  isRunDirectory,
  openRun,
  type RunDirectory,
} from "../run-directory/run-directory.js";
import { readSessions, type TrainedSession } from "../run-directory/sessions.js";

/** `stopped`: ended as it was told to, before the schedule did. `begun`: has made no step. */
export type RunState = "training" | "finished" | "stopped" | "interrupted" | "failed" | "begun";

export interface RunSummary {
  readonly path: string;
  /** Bytes of all its files. */
  readonly bytes: number;
  /** When something last happened in it, ISO 8601. */
  readonly at: string;
  readonly spec: { readonly name: string; readonly entry: string };
  /** Whether its networks make images of images, or of what is drawn. */
  readonly makes: "translations" | "images" | "nothing";
  readonly state: RunState;
  /** Why it is in that state, in a few words; nothing where the state says all. */
  readonly because?: string | undefined;
  /** Steps made. */
  readonly steps: number;
  /** The epoch of the last step, from 1; 0 where none is made. */
  readonly epoch: number;
  /** Epochs of the schedule, where the manifest tells. */
  readonly epochs?: number | undefined;
  /** Of the last step, by the names of the log. */
  readonly losses: Readonly<Record<string, number>>;
  /** The last time that it was measured. */
  readonly measured?: MeasuredState | undefined;
  /** The checkpoint that was measured best. */
  readonly best?: Best | undefined;
  /** The step of the newest checkpoint. */
  readonly saved?: number | undefined;
}

/** A folder that holds a run which nobody can read. */
export interface Unreadable {
  readonly path: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly at: string;
  /** What is wrong with it, on one line. */
  readonly trouble: string;
}

export const isUnreadable = (one: RunSummary | Unreadable): one is Unreadable => "trouble" in one;

/** Bytes of a folder's files, links not followed; what cannot be looked at counts for nothing. */
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

/** Of a run of before, which does not tell how its processes ended: by where its newest checkpoint stands. */
const ofCheckpoint = async (run: RunDirectory, steps: number): Promise<Standing> => {
  const [saved] = await listCheckpoints(run.checkpoints);
  if (saved === undefined) return { state: steps > 0 ? "interrupted" : "begun" };
  const counters = await readCounters(run.checkpoints, belonging(run), saved);
  const epochs = epochsOf(run.manifest);
  const isOver =
    isRight(counters) && epochs !== undefined && counters.right.position.epoch >= epochs;
  return { state: isOver ? "finished" : "interrupted" };
};

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

const limits: ReadonlySet<string> = new Set(["epochs", "steps", "minutes"]);

/** Whether a process found its limit behind the run already: it says nothing of how the run stands. */
const isIdle = ({ begin, end }: TrainedSession): boolean =>
  end !== undefined && limits.has(end.ending) && end.step === begin.step;

/** The newest process that had something to do, or the newest. */
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

/** By what its networks are of; runs of before do not tell images from noise, which they then pass for. */
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

/** While it trained, or since by `ganc evaluate`: what is of the later step. */
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

/** Of a run, or why it cannot be read. */
export const summarise = async (path: string): Promise<RunSummary | Unreadable> => {
  const run = await openRun(path);
  if (!isLeft(run)) return summaryOf(run.right);
  const reason = run.left.kind === "no-run" ? run.left.reason : run.left.kind;
  const at = (await changedAt(path)) ?? new Date(0).toISOString();
  return { path, bytes: await bytesOf(path), at, trouble: firstLine(reason) };
};

/** How far below a folder runs are looked for: those of a family lie in a folder of their own. */
const deepest = 3;

/** The folders of runs at a path or below it, in the order of their names; a run holds no other. */
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

/** Runs that are looked at at once. */
const atOnce = 8;

/** One path to each folder, the shortest: links may lead to it by several. */
const withoutTwins = async (paths: readonly string[]): Promise<readonly string[]> => {
  const byPlace = new Map<string, string>();
  for (const path of paths) {
    const place = await realpath(path).catch(() => path);
    const known = byPlace.get(place);
    if (known === undefined || path.length < known.length) byPlace.set(place, path);
  }
  return [...byPlace.values()];
};

/** What is known of all of them, the one in which something happened last first. */
export const summariseAll = async (
  given: readonly string[],
): Promise<readonly (RunSummary | Unreadable)[]> => {
  const paths = await withoutTwins(given);
  const found: (RunSummary | Unreadable)[] = [];
  for (let from = 0; from < paths.length; from += atOnce)
    found.push(...(await Promise.all(paths.slice(from, from + atOnce).map(summarise))));
  return found.sort((a, b) => (a.at > b.at ? -1 : a.at < b.at ? 1 : 0));
};
