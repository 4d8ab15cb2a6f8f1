/**
 * Words the cost of a training for people: memory by parts against what there is, the largest
 * values that fit, time.
 */
import { bytesText } from "../../base/bytes.js";
import { formatDuration } from "../../base/times.js";
import {
  type MemoryLimit,
  type MemoryPart,
  type MemoryPlan,
  memoryParts,
  type Timed,
} from "../../contracts/memory.js";

/**
 * Factor over the available memory from which a plan is refused. A plan is right to some percent,
 * and systems swap.
 */
export const MARGIN = 1.2;

/** The largest values of the spec that fit; undefined where none fits or the spec has none. */
export interface Fitting {
  /** The param that sets the side of images. */
  readonly size?: { readonly param: string; readonly value: number } | undefined;
  readonly batch?: number | undefined;
}

export interface Times extends Timed {
  /** Undefined if no images were given. */
  readonly stepsPerEpoch: number | undefined;
  readonly epochs: number;
}

export const isRefused = ({ peak }: MemoryPlan, { bytes }: MemoryLimit): boolean =>
  peak > MARGIN * bytes;

/** Words memory: `about 620 MiB of the 23.5 GiB that this machine has`. */
export const memoryLine = ({ peak }: MemoryPlan, { bytes, of }: MemoryLimit): string =>
  `about ${bytesText(peak)} of the ${bytesText(bytes)} that ${of} has`;

export const fittingLine = (
  { size, batch }: Fitting,
  model: { readonly batch: number },
): string | undefined => {
  const parts = [
    ...(size === undefined ? [] : [`${size.param}=${size.value} at batch ${model.batch}`]),
    ...(batch === undefined ? [] : [`batch ${batch} with the params as they are`]),
  ];
  return parts.length === 0 ? undefined : `largest that fits: ${parts.join("; ")}`;
};

/** What the processes that share a step send one another, in bytes. */
export interface Traffic {
  /** Gradients of which a step takes the mean. */
  readonly gradients: number;
  /** What each machine sends, and receives, by the number of machines. */
  readonly ring: Readonly<Record<string, number>>;
}

export const trafficLines = ({ gradients, ring }: Traffic): string => {
  const each = Object.entries(ring).map(([count, bytes]) => `${count}: ${bytesText(bytes)}`);
  return [
    `Shared by several processes, a step takes the mean of ${bytesText(gradients)} of gradients.`,
    `Each of so many machines sends in a step, and receives: ${each.join(", ")}.`,
  ].join("\n");
};

/** Explains in whole sentences why a step is not tried. */
export const refusal = (
  plan: MemoryPlan,
  limit: MemoryLimit,
  fitting: string | undefined,
): string => {
  const [most] = plan.largest;
  return [
    `A step needs about ${bytesText(plan.peak)} of memory, and ${limit.of} has ${bytesText(limit.bytes)}.`,
    ...(most === undefined ? [] : [`Most is held by ${most.layer}: ${bytesText(most.bytes)}.`]),
    fitting === undefined
      ? "No size and no batch of this spec fits: fewer channels or layers need less."
      : `${fitting[0]?.toUpperCase()}${fitting.slice(1)}.`,
    "To try it anyway: --force-memory",
  ].join("\n");
};

const columns = (rows: readonly (readonly [string, string, string])[]): readonly string[] => {
  const [first, second] = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map(([name, size, words]) =>
    `  ${name.padEnd(first ?? 0)}  ${size.padStart(second ?? 0)}  ${words}`.trimEnd(),
  );
};

/** Writes the parts, their sum, and the layers that hold most. */
export const planText = (plan: MemoryPlan, limit: MemoryLimit): string => {
  const parts = (Object.keys(memoryParts) as MemoryPart[])
    .filter((part) => plan.parts[part] >= 1)
    .map((part) => [part, bytesText(plan.parts[part]), memoryParts[part]] as const);
  const fits = plan.peak <= limit.bytes ? "fits" : "does not fit";
  const all = `of the ${bytesText(limit.bytes)} that ${limit.of} has: ${fits}`;
  const saving = "more while a checkpoint is written";
  return [
    "memory of a step",
    ...columns([
      ...parts,
      ["in all", bytesText(plan.peak), all],
      ["", bytesText(plan.saving), saving],
    ]),
    "layers that hold most of it",
    ...columns(plan.largest.map(({ layer, bytes }) => ["", bytesText(bytes), layer])),
  ].join("\n");
};

/**
 * Words time: `time: 2.8 s a step, 47 min an epoch of 1000 steps, 6 d 12 h for the 200 epochs of
 * the schedule`.
 */
export const timeLine = ({ step, steps, stepsPerEpoch, epochs }: Times): string => {
  const one = step < 10_000 ? `${(step / 1000).toPrecision(2)} s` : formatDuration(step);
  const timed = steps === 1 ? "1 was timed, the first, which is slower" : `${steps} were timed`;
  if (stepsPerEpoch === undefined)
    return `time: ${one} a step (${timed}); --data says how many an epoch has`;
  const epoch = step * stepsPerEpoch;
  return `time: ${one} a step (${timed}), ${formatDuration(epoch)} an epoch of ${stepsPerEpoch} steps, ${formatDuration(epoch * epochs)} for the ${epochs} epochs of the schedule`;
};
