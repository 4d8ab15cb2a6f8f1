/** Draws `losses.png`: a run's losses over its steps, from its log. */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../data/files/errors.js";
import { type Line, renderChart } from "../../report/pictures/chart.js";
import { type RawDisk, realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { RunDirectory } from "../run-directory/run-directory.js";
import { readMetrics } from "./metrics.js";
import type { MetricsLine } from "./metrics-log.js";

/**
 * Tells whether a metric is a player's whole objective: `min[G, F]`, or `max[D]_2` in a later
 * phase.
 */
const isTotal = (name: string): boolean => /^(?:min|max)\[/.test(name);

type Log = readonly Pick<MetricsLine, "step" | "metrics">[];

/**
 * Chooses the metrics to draw. A player's whole objective, named or not, is many times its terms
 * and would flatten them all, so it is left out unless there is nothing else.
 */
const drawn = (log: Log): readonly string[] => {
  // A run begun by an earlier version named fewer metrics at first.
  const names = [...new Set(log.flatMap(({ metrics }) => Object.keys(metrics)))];
  const totals = names.filter(isTotal);
  const isWhole = (name: string): boolean =>
    /^\w+$/.test(name) &&
    totals.some((total) => log.every(({ metrics }) => metrics[name] === metrics[total]));
  const terms = names.filter((name) => !isTotal(name) && !isWhole(name));
  return terms.length > 0 ? terms : names;
};

/** Makes the lines of the chart. */
export const linesOf = (log: Log): readonly Line[] =>
  drawn(log).map((name) => ({
    // The formula of an inline expectation is enough; its drawn variables may be left out.
    label: name.replace(/^E\[[^\]]*\] /, ""),
    // A phase that runs in some steps only says nothing in the others.
    points: log.flatMap(({ step, metrics }) => {
      const value = metrics[name];
      return value === undefined ? [] : [[step, value] as const];
    }),
  }));

/** Writes the chart and returns its path. */
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
