/** What can go wrong in a run, as values; `describe` turns one into what the user reads. */
import { printable, someOf } from "../../base/printable.js";

export type TrainingError =
  /** No room left on the disk (or the user's quota, or the largest file allowed). */
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
      /** Its file. */
      readonly lock: string;
      readonly pid: number;
      readonly host: string;
      /** The machine that this is: of others nobody can see from here whether a process lives. */
      readonly here: string;
    }
  | {
      readonly kind: "not-finite";
      /** A loss by its display name, or a parameter. */
      readonly what: string;
      readonly value: number;
      /** From 0. */
      readonly step: number;
      /** From 0. */
      readonly epoch: number;
      /** Names of the images of its batch, where a step gave the number. */
      readonly files?: readonly string[];
      /** The step that the newest whole checkpoint goes on with. */
      readonly saved: number | undefined;
    }
  | {
      readonly kind: "shape";
      readonly domain: string;
      readonly expected: readonly number[];
      readonly found: readonly number[];
    }
  | { readonly kind: "data"; readonly reason: string }
  | { readonly kind: "engine"; readonly reason: string }
  /** An engine that failed in the middle of a step, which may have left its state half made. */
  | {
      readonly kind: "failed-step";
      readonly reason: string;
      /** The step that the newest whole checkpoint goes on with. */
      readonly saved: number | undefined;
    }
  /** The spec does not compile; the reason is the compiler's report. */
  | { readonly kind: "spec"; readonly reason: string }
  | { readonly kind: "no-run"; readonly directory: string; readonly reason: string }
  | {
      readonly kind: "no-checkpoint";
      readonly directory: string;
      readonly reasons: readonly string[];
    }
  /** Of the one that was asked for. */
  | {
      readonly kind: "no-such-checkpoint";
      readonly directory: string;
      readonly step: number;
      /** The steps of those that are there. */
      readonly listed: readonly number[];
    }
  | { readonly kind: "no-best-checkpoint"; readonly directory: string }
  /** The folder of a run that trains is there no more, or is that of another. */
  | {
      readonly kind: "displaced";
      readonly directory: string;
      readonly reason: string;
      /** The step that the newest checkpoint goes on with. */
      readonly saved: number | undefined;
    }
  /** A run that has, or may have, lost the checkpoints that it had. */
  | {
      readonly kind: "lost-checkpoints";
      readonly directory: string;
      /** Steps that its log tells of. */
      readonly made: number;
      readonly reason: string;
    }
  | { readonly kind: "state"; readonly reason: string }
  | { readonly kind: "usage"; readonly reason: string };

const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** For example `340 MB`, in powers of 1000. */
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
    "Going on from it would repeat the same steps: change the spec first (a lower rate, a larger batch, another loss).",
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
      ? `Its log tells of ${error.made} steps. Nothing was changed: to begin from the start would give them up.`
      : "Nothing was changed.",
    "Put back a copy of its checkpoints, or train anew: leave out --resume.",
  ].join("\n");

const dims = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

const named = ["path", "directory", "lock"] as const;

/** The same, with names that hold no line break. */
const withNames = (error: TrainingError): TrainingError => {
  const names = named.flatMap((field) =>
    field in error ? [[field, printable(String((error as never)[field]))] as const] : [],
  );
  return { ...error, ...Object.fromEntries(names) };
};

/** One or more lines without a final line break. Names that users gave have no power over the terminal. */
export const describe = (error: TrainingError): string =>
  // A compiler's report is finished: it may have colours.
  error.kind === "spec"
    ? error.reason
    : words(withNames(error)).split("\n").map(printable).join("\n");

const words = (error: TrainingError): string => {
  switch (error.kind) {
    case "disk-full":
      return `The disk is full: ${error.path} could not be written.\n${savedAt(error.saved)}`;
    case "too-little-space":
      return `There is too little space for ${error.path}: its checkpoints take ${formatBytes(error.needed)}, and ${formatBytes(error.free)} are free.\nFree some, or choose another place with --out.`;
    case "file":
      return `${error.path}: ${error.reason}`;
    case "locked":
      return locked(error);
    case "not-finite":
      return notFinite(error);
    case "failed-step":
      return `${error.reason}\n${savedAt(error.saved)}`;
    case "shape":
      return `The images of domain ${error.domain} arrive as ${dims(error.found)}, and the spec wants ${dims(error.expected)}.\nSee the \`augment\` of its \`train\` block.`;
    case "data":
    case "engine":
    case "spec":
    case "state":
    case "usage":
      return error.reason;
    case "no-run":
      return `${error.directory} is no run that can be used: ${error.reason}`;
    case "no-such-checkpoint":
      return error.listed.length === 0
        ? `${error.directory} holds no checkpoint, so none of step ${error.step}.`
        : `${error.directory} holds no checkpoint of step ${error.step}. There are those of ${error.listed.join(", ")}.`;
    case "no-best-checkpoint":
      return `${error.directory} has no best checkpoint: none of those that it keeps was measured.\nThe newest is that of --checkpoint last.`;
    case "displaced":
      return displaced(error);
    case "lost-checkpoints":
      return lostCheckpoints(error);
    case "no-checkpoint":
      return [`${error.directory} holds no whole checkpoint.`, ...error.reasons].join("\n");
  }
};
