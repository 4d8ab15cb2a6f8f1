/** `losses.png`: a run's losses over its steps, from its log. */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../data/files/errors.js";
import { type Line, renderChart } from "../../report/pictures/chart.js";
import { type RawDisk, realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { RunDirectory } from "../run-directory/run-directory.js";
import { readMetrics } from "./metrics.js";
import type { MetricsLine } from "./metrics-log.js";

/** `min[G, F]`, or `max[D]_2` of a later phase. */
const isTotal = (name: string): boolean => /^(?:min|max)\[/.test(name);

type Log = readonly Pick<MetricsLine, "step" | "metrics">[];

/**
 * What of a log is drawn: a player's objective as a whole is many times its terms, and beside them it would flatten them all,
 * whether it has a name or not. All, where there is nothing else.
 */
const drawn = (log: Log): readonly string[] => {
  // A run that an earlier version began has named fewer of them at first.
  const names = [...new Set(log.flatMap(({ metrics }) => Object.keys(metrics)))];
  const totals = names.filter(isTotal);
  const isWhole = (name: string): boolean =>
    /^\w+$/.test(name) &&
    totals.some((total) => log.every(({ metrics }) => metrics[name] === metrics[total]));
  const terms = names.filter((name) => !isTotal(name) && !isWhole(name));
  return terms.length > 0 ? terms : names;
};

/** The lines of the chart. */
export const linesOf = (log: Log): readonly Line[] =>
  drawn(log).map((name) => ({
    // Of an expectation that is written in place, the formula tells: what is drawn may be left out.
    label: name.replace(/^E\[[^\]]*\] /, ""),
    points: log.map(({ step, metrics }) => [step, metrics[name] ?? Number.NaN] as const),
  }));

/** Writes the chart and gives its path. */
export const drawLosses = async (
  { path, metrics, manifest }: Pick<RunDirectory, "path" | "metrics" | "manifest">,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, string>> => {
  const log = await readMetrics(metrics);
  const file = join(path, "losses.png");
  try {
    const png = await renderChart(`Losses of ${manifest.spec.name}`, linesOf(log));
    const written = await writeAtomically(raw, file, [png]);
    return isLeft(written) ? written : right(file);
  } catch (thrown) {
    return left({ kind: "file", path: file, reason: reasonOf(thrown) });
  }
};
