/**
 * Reads measures and monitors' messages from a run's files, and skips lines that are not theirs.
 */
import { join } from "node:path";
import { isLeft } from "fp-ts/lib/Either.js";
import { type MeasureRow, measureTitle } from "../../report/measures/row.js";
import type { MeasuredFacts, MonitorWord } from "../../report/page/contents.js";
import type { PayloadCurves } from "../../report/page/payload.js";
import { thousands } from "../../report/text/words.js";
import { readSpoken } from "../monitors/spoken.js";
import { type MeasuredState, readEvaluation, type Split } from "./evaluation.js";
import { readMeasures } from "./measures-log.js";

export interface Measured {
  readonly measured: readonly MeasuredFacts[];
  readonly doubts: readonly string[];
  readonly measureCurves: PayloadCurves | undefined;
}

const curveName = ({ name, network, better }: MeasureRow): string =>
  `${measureTitle(name)} of ${network}: ${better} is better`;

/** Returns the hours of training at a step, from the points of the log's curves. */
const hoursAt = (log: PayloadCurves | undefined, step: number): number => {
  const { steps = [], hours = [] } = log ?? {};
  const after = steps.findIndex((one) => one >= step);
  return hours[after < 0 ? steps.length - 1 : after] ?? 0;
};

const curvesOf = (
  states: readonly MeasuredState[],
  log: PayloadCurves | undefined,
): PayloadCurves | undefined => {
  if (states.length < 2) return undefined;
  const names = [...new Set(states.flatMap(({ measures }) => measures.map(curveName)))];
  const each = (name: string, of: (row: MeasureRow) => number) =>
    states.map(({ measures }) => {
      const row = measures.find((one) => curveName(one) === name);
      return row === undefined ? null : of(row);
    });
  return {
    steps: states.map(({ step }) => step),
    epochs: states.map(({ epoch }) => epoch),
    hours: states.map(({ step }) => hoursAt(log, step)),
    curves: names.map((name) => ({
      name,
      mean: each(name, ({ value }) => value),
      low: each(name, ({ low }) => low),
      high: each(name, ({ high }) => high),
    })),
  };
};

const splits: Readonly<Record<Split, string>> = {
  test: "on test images",
  held: "on images that were held out",
  train: "on images that were trained on",
};

/** Reads every state of a run that was measured during training, in order. */
export const measuredStates = async (path: string): Promise<readonly MeasuredState[]> => {
  const lines = await readMeasures(join(path, "measures.jsonl"));
  return isLeft(lines) ? [] : lines.right;
};

/** Reads all measures of a run. `log`: the curves of its log. */
export const measuredOf = async (
  path: string,
  log: PayloadCurves | undefined,
): Promise<Measured> => {
  const states = await measuredStates(path);
  const evaluation = await readEvaluation(join(path, "evaluation", "evaluation.json"));
  const {
    split,
    checkpoints = [],
    doubts = [],
  } = isLeft(evaluation) ? { split: "test" as const } : evaluation.right;
  const newest = states.at(-1);
  return {
    measured: [
      ...checkpoints.map(({ checkpoint, step, measures }) => ({
        title: `The ${checkpoint} checkpoint, step ${thousands(step)}, ${splits[split]}`,
        step,
        rows: measures,
      })),
      ...(checkpoints.length > 0 || newest === undefined
        ? []
        : [
            {
              title: `While it trained, step ${thousands(newest.step)}`,
              step: newest.step,
              rows: newest.measures,
            },
          ]),
    ],
    doubts,
    measureCurves: curvesOf(states, log),
  };
};

export const monitorWords = async (path: string): Promise<readonly MonitorWord[]> => {
  const lines = await readSpoken({ monitors: join(path, "monitors.jsonl") });
  if (isLeft(lines)) return [];
  return lines.right.map(({ step, epoch, monitor, level, saw, means, write }) => ({
    when: `epoch ${thousands(epoch)}, step ${thousands(step)}`,
    monitor,
    isStop: level === "stop",
    saw,
    means,
    write,
  }));
};
