/** Errors of runs, as values; `describe` turns one into text for the user. */
import { printable, someOf } from "../../base/printable.js";

export type TrainingError =
  /** No space left on the disk, in the user's quota, or below the largest file size. */
  | { readonly kind: "disk-full"; readonly path: string; readonly saved: number | undefined }
  | {
      readonly kind: "too-little-space";
      readonly path: string;
      readonly needed: number;
      readonly free: number;
    }
  | { readonly kind: "file"; readonly path: string; readonly reason: string }
  | {
      readonly kind: "locked";
      readonly directory: string;
      /** Path of the lock file. */
      readonly lock: string;
      readonly pid: number;
      readonly host: string;
      /**
       * Name of this machine. Whether a process on another one is alive cannot be seen from here.
       */
      readonly here: string;
    }
  | {
      readonly kind: "not-finite";
      /** Display name of a loss, or a parameter. */
      readonly what: string;
      readonly value: number;
      /** Step from 0. */
      readonly step: number;
      /** Epoch from 0. */
      readonly epoch: number;
      /** Names of the images in the batch, if a step produced the number. */
      readonly files?: readonly string[];
      /** The step at which the newest intact checkpoint resumes. */
      readonly saved: number | undefined;
    }
  | {
      readonly kind: "shape";
      readonly domain: string;
      readonly expected: readonly number[];
      readonly found: readonly number[];
    }
  | { readonly kind: "data"; readonly reason: string }
  | {
      readonly kind: "engine";
      readonly reason: string;
      /** Whether a process of the engine is gone, so that another one may do better. */
      readonly isLost?: boolean | undefined;
    }
  /** An engine that failed during a step. Its state may be incomplete. */
  | {
      readonly kind: "failed-step";
      readonly reason: string;
      /** Whether a process of the engine is gone, so that another one may do better. */
      readonly isLost?: boolean | undefined;
      /** The step at which the newest intact checkpoint resumes. */
      readonly saved: number | undefined;
    }
  /** A spec that does not compile. The reason is the compiler's report. */
  | { readonly kind: "spec"; readonly reason: string }
  | { readonly kind: "no-run"; readonly directory: string; readonly reason: string }
  | {
      readonly kind: "no-checkpoint";
      readonly directory: string;
      readonly reasons: readonly string[];
    }
  /** A requested checkpoint that does not exist. */
  | {
      readonly kind: "no-such-checkpoint";
      readonly directory: string;
      readonly step: number;
      /** Steps of the existing ones. */
      readonly listed: readonly number[];
    }
  | { readonly kind: "no-best-checkpoint"; readonly directory: string }
  /** The folder of a training run is gone, or belongs to another run. */
  | {
      readonly kind: "displaced";
      readonly directory: string;
      readonly reason: string;
      /** The step at which the newest checkpoint resumes. */
      readonly saved: number | undefined;
    }
  /** A run that has lost its checkpoints, or may have. */
  | {
      readonly kind: "lost-checkpoints";
      readonly directory: string;
      /** Steps in its log. */
      readonly made: number;
      readonly reason: string;
    }
  | { readonly kind: "state"; readonly reason: string }
  | { readonly kind: "usage"; readonly reason: string };

/** Whether a process of the engine was lost, so that the run may go on in another one. */
export const isLoss = (error: TrainingError): boolean =>
  (error.kind === "failed-step" || error.kind === "engine") && error.isLost === true;

const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** Writes, for example, `340 MB`, in powers of 1000. */
export const formatBytes = (bytes: number): string => {
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
};

const savedAt = (saved: number | undefined): string =>
  saved === undefined
    ? "No checkpoint had been written yet."
    : `The newest whole checkpoint is that of step ${saved}.`;

const notFinite = (error: TrainingError & { kind: "not-finite" }): string =>
  [
    `${error.what} became ${Number.isNaN(error.value) ? "NaN" : error.value} at step ${error.step} (epoch ${error.epoch + 1}).`,
    ...((error.files ?? []).length > 0 ? [`Its batch: ${someOf(error.files ?? [], 8)}.`] : []),
    "Training stopped, because nothing sensible can follow.",
    savedAt(error.saved),
    "Resuming from it would repeat the same steps: change the spec first (a lower rate, a larger batch, another loss).",
  ].join("\n");

const locked = (error: TrainingError & { kind: "locked" }): string =>
  [
    `${error.directory} is in use by another run (process ${error.pid} on ${error.host}).`,
    "Wait for it, stop it, or choose another folder with --out.",
    error.host === error.here
      ? `If that process has nothing to do with it, remove ${error.lock}.`
      : `Whether it still runs cannot be seen from here (${error.here}): if ${error.host} or that process is gone, remove ${error.lock}.`,
  ].join("\n");

const displaced = (error: TrainingError & { kind: "displaced" }): string =>
  [
    `${error.directory} is no longer the folder of this run: ${error.reason}.`,
    error.saved === undefined
      ? "No checkpoint had been written yet: what was trained is lost."
      : `What was trained since the checkpoint of step ${error.saved} is lost.`,
    "If it was moved, go on with it in its new place: ganc run FOLDER --resume",
  ].join("\n");

const lostCheckpoints = (error: TrainingError & { kind: "lost-checkpoints" }): string =>
  [
    `${error.directory} has no checkpoint to go on from: ${error.reason}.`,
    error.made > 0
      ? `Its log has ${error.made} steps. Nothing was changed: to start over would lose them.`
      : "Nothing was changed.",
    "Put back a copy of its checkpoints, or train anew: leave out --resume.",
  ].join("\n");

const dims = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

const named = ["path", "directory", "lock"] as const;

/** Replaces names by printable ones without line breaks. */
const withNames = (error: TrainingError): TrainingError => {
  const names = named.flatMap((field) =>
    field in error ? [[field, printable(String((error as never)[field]))] as const] : [],
  );
  return { ...error, ...Object.fromEntries(names) };
};

/**
 * Describes an error in one or more lines without a final line break. Names given by users cannot
 * control the terminal.
 */
export const describe = (error: TrainingError): string =>
  // A compiler's report is ready to print and may have colours.
  error.kind === "spec"
    ? error.reason
    : words(withNames(error)).split("\n").map(printable).join("\n");

const words = (error: TrainingError): string => {
  switch (error.kind) {
    case "disk-full":
      return `The disk is full: ${error.path} could not be written.\n${savedAt(error.saved)}`;
    case "too-little-space":
      return `There is too little space for ${error.path}: its checkpoints take ${formatBytes(error.needed)}, but ${formatBytes(error.free)} are free.\nFree some, or choose another place with --out.`;
    case "file":
      return `${error.path}: ${error.reason}`;
    case "locked":
      return locked(error);
    case "not-finite":
      return notFinite(error);
    case "failed-step":
      return `${error.reason}\n${savedAt(error.saved)}`;
    case "shape":
      return `The images of domain ${error.domain} are ${dims(error.found)}, but the spec needs ${dims(error.expected)}.\nSee the \`augment\` of its \`train\` block.`;
    case "data":
    case "engine":
    case "spec":
    case "state":
    case "usage":
      return error.reason;
    case "no-run":
      return `${error.directory} is not a run that can be used: ${error.reason}`;
    case "no-such-checkpoint":
      return error.listed.length === 0
        ? `${error.directory} holds no checkpoint, so none of step ${error.step}.`
        : `${error.directory} holds no checkpoint of step ${error.step}. There are those of ${error.listed.join(", ")}.`;
    case "no-best-checkpoint":
      return `${error.directory} has no best checkpoint: none of those that it keeps was measured.\nTake the newest with --checkpoint last.`;
    case "displaced":
      return displaced(error);
    case "lost-checkpoints":
      return lostCheckpoints(error);
    case "no-checkpoint":
      return [`${error.directory} holds no whole checkpoint.`, ...error.reasons].join("\n");
  }
};
