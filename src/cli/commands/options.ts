/**
 * Parsers of options that commands share. Each throws commander's `InvalidArgumentError` for wrong
 * usage.
 */

import { existsSync } from "node:fs";
import { InvalidArgumentError, Option } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import { type HoldOut, parseHoldOut } from "../../data/sets/hold-out.js";
import { type KeepParts, parseKeep } from "../../training/checkpoints/keep.js";
import { type CheckpointChoice, checkpointChoice } from "../../training/opening/open-run.js";
import { type Cadence, parseCadence, parseCounts } from "../../training/program/cadence.js";
import type { Sets } from "../../training/program/compiled.js";
import type { DataOrigin } from "../../training/run-directory/manifest.js";

export const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("Not above 0.");
  return value;
};

export const count = (text: string): number => {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new InvalidArgumentError("Not a whole number.");
  return Number(text);
};

/** Reads the folder to write to. */
export const folder = (text: string): string => {
  if (text === "-")
    throw new InvalidArgumentError(
      "It cannot write to standard output: name a folder, such as ./- for one called -.",
    );
  return text;
};

export const cadence = (text: string): Cadence => {
  const parsed = parseCadence(text);
  if (isLeft(parsed)) throw new InvalidArgumentError(`${parsed.left}.`);
  return parsed.right;
};

/** Reads an interval in steps or epochs, not minutes. */
export const countCadence = (text: string): Cadence => {
  const parsed = parseCounts(text);
  if (isLeft(parsed)) throw new InvalidArgumentError(`${parsed.left}.`);
  return parsed.right;
};

export const keep = (text: string): KeepParts => {
  const parsed = parseKeep(text);
  if (isLeft(parsed)) throw new InvalidArgumentError(`${parsed.left}.`);
  return parsed.right;
};

const checkpointOf = (text: string): CheckpointChoice => {
  const choice = checkpointChoice(text);
  if (choice === undefined)
    throw new InvalidArgumentError(
      'It names no checkpoint: write "last", "best", or a step or file.',
    );
  return choice;
};

const whichCheckpoint = (): Option =>
  new Option(
    "--checkpoint <which>",
    "last, best (as measured), or one by its step or file",
  ).argParser(checkpointOf);

export const heldOut = (text: string): HoldOut => {
  const parsed = parseHoldOut(text);
  if (isLeft(parsed)) throw new InvalidArgumentError(`${parsed.left}.`);
  return parsed.right;
};

/** Makes `--checkpoint` for every command that uses one state of a trained run. */
export const checkpointOption = (): Option =>
  whichCheckpoint().default("last" satisfies CheckpointChoice, "the newest");

/** Makes `--checkpoint` for a command that uses the newest and the best unless one is named. */
export const checkpointsOption = (): Option =>
  whichCheckpoint().default(undefined, "last and best");

/** Adds `name=value`. The last of equal names counts. */
const addSet = (text: string, sets: Sets): Sets => {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write it as name=value.");
  return { ...sets, [text.slice(0, at)]: text.slice(at + 1) };
};

/** Makes `--set` for every command that compiles a spec. */
export const setOption = (): Option =>
  new Option("--set <name=value>", "give a param another value; may be repeated")
    .argParser(addSet)
    .default({}, "the spec's own values");

/** Makes `--root` for every command that reads a spec with its imports. */
export const rootOption = (): Option =>
  new Option("--root <folder>", "let imports also read files below it, outside the spec's project");

/** Reads `emoji`, one folder, or `X=folder Y=folder …`. */
export const originOf = (words: readonly string[]): Either<string, DataOrigin> => {
  const [first = ""] = words;
  const named = words.flatMap((word) => {
    const [, domain, path] = /^([A-Za-z_]\w*)=(.+)$/.exec(word) ?? [];
    return domain === undefined || path === undefined ? [] : [[domain, path] as const];
  });
  const mistaken = words.find((word) => {
    const [, path] = /^[A-Za-z_]\w*=(.+)$/.exec(word) ?? [];
    return path !== undefined && existsSync(word) && !existsSync(path);
  });
  if (mistaken !== undefined)
    return left(
      `${mistaken} is read as DOMAIN=FOLDER. For a folder of that whole name write ./${mistaken}.`,
    );
  const twice = named.find(([domain], i) => named.some(([other], k) => k < i && other === domain));
  if (twice !== undefined)
    return left(`${twice[0]} is given two folders of images. Put them into one, or leave one out.`);
  if (named.length === words.length) return right({ kind: "folders", paths: recordOf(named) });
  if (words.length > 1)
    return left(
      "--data takes `emoji`, one folder, or a folder for each domain as X=FOLDER Y=FOLDER.",
    );
  return right(first === "emoji" ? { kind: "emoji" } : { kind: "folder", path: first });
};
