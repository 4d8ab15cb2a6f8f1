/** `losses.png`: a run's losses over its steps, from its log. */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../data/errors.js";
import { renderChart } from "../report/chart.js";
import { type RawDisk, realDisk, writeAtomically } from "./disk.js";
import type { TrainingError } from "./errors.js";
import { readMetrics } from "./metrics.js";
import type { RunDirectory } from "./run-directory.js";

/** A whole objective, `min[G, F]` or one with a name, is many times its terms: beside them it would flatten them all. */
const isObjective = (name: string): boolean => /^(?:min|max)\[|^\w+$/.test(name);

/** Writes the chart and gives its path. */
export const drawLosses = async (
  { path, metrics, manifest }: Pick<RunDirectory, "path" | "metrics" | "manifest">,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, string>> => {
  const log = await readMetrics(metrics);
  // A run that an earlier version began has named fewer of them at first.
  const names = [...new Set(log.flatMap(({ metrics: values }) => Object.keys(values)))];
  const terms = names.filter((name) => !isObjective(name));
  const lines = (terms.length > 0 ? terms : names).map((label) => ({
    label,
    points: log.map(({ step, metrics: values }) => [step, values[label] ?? Number.NaN] as const),
  }));
  const file = join(path, "losses.png");
  try {
    const png = await renderChart(`Losses of ${manifest.spec.name}`, lines);
    const written = await writeAtomically(raw, file, [png]);
    return isLeft(written) ? written : right(file);
  } catch (thrown) {
    return left({ kind: "file", path: file, reason: reasonOf(thrown) });
  }
};
