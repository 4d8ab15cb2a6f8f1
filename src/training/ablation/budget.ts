/**
 * The budget of an ablation, kept beside its runs. One budget holds for all, and it can only grow.
 */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { missing, readRegularText } from "../../data/files/regular-file.js";
import { decodeJson, Positive } from "../files/decode.js";
import { attempt, jsonBytes, makeFolder, realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { Limits } from "../program/schedule.js";

const Budget = t.intersection([
  t.type({ format: t.literal(1) }),
  t.partial({ epochs: Positive, steps: Positive, minutes: t.number }),
]);

const kinds = ["epochs", "steps", "minutes"] as const;

const text = (limits: Limits): string => {
  const parts = kinds.flatMap((kind) =>
    limits[kind] === undefined ? [] : `--${kind} ${limits[kind]}`,
  );
  return parts.length === 0 ? "the whole schedule" : parts.join(" ");
};

const isSmaller = (now: Limits, before: Limits): boolean =>
  kinds.some(
    (kind) => (now[kind] ?? Number.POSITIVE_INFINITY) < (before[kind] ?? Number.POSITIVE_INFINITY),
  );

/** Reads the budget of the runs in `out` so far. Undefined if there is none. */
const readBudget = async (path: string): Promise<Either<TrainingError, Limits | undefined>> => {
  const read = await readRegularText(path, 2 ** 16);
  if (isLeft(read) && read.left === missing) return right(undefined);
  const budget = isLeft(read) ? read : decodeJson(Budget, read.right);
  return isLeft(budget) ? left({ kind: "file", path, reason: budget.left }) : budget;
};

/**
 * Refuses a budget smaller than that of earlier runs in `out`: they could not be compared.
 * Otherwise makes `limits` the budget.
 */
export const holdBudget = async (
  out: string,
  limits: Limits,
): Promise<Either<TrainingError, void>> => {
  const path = join(out, "budget.json");
  const before = await readBudget(path);
  if (isLeft(before)) return before;
  if (before.right !== undefined && isSmaller(limits, before.right)) {
    const reason = `The runs in ${out} have had a budget of ${text(before.right)}, and ${text(limits)} is less: one is to hold for all. Give at least as much, or choose another folder with --out.`;
    return left({ kind: "usage", reason });
  }
  const made = await attempt(out, async () => makeFolder(out));
  if (isLeft(made)) return made;
  const written = await writeAtomically(realDisk, path, jsonBytes({ format: 1, ...limits }));
  return isLeft(written) ? written : right(undefined);
};
