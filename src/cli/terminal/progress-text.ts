/** Writes numbers, times and lines of progress in a given width. */
import { formatDuration } from "../../base/times.js";
import type { Metrics } from "../../contracts/session.js";
import type { PlayerInfo } from "../../training/program/program.js";

export { formatDuration };

/** Writes about three digits: `0.0123`, `1.23`, `123`, `1.2e+5`. */
export const formatValue = (value: number): string => {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e4 || size < 1e-3) return value.toExponential(1);
  return size >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

const longestName = 16;

/**
 * Shortens a metric's name to its significant part: `lsgan.fool(G, D_Y)` to `fool(G,D_Y)`,
 * `lsgan.judge(D_Y, G, history: 50)` to `judge(D_Y,G)`, `E[x ~ X] softplus(D(G(x)))` to
 * `softplus(D(G(x)…`.
 */
const shortName = (name: string): string =>
  shorten(
    name
      .replace(/^E\[[^\]]*\] /, "")
      .replace(/^(?:\w+\.)+(?=\w+\()/, "")
      .replaceAll(/, *\w+: *[^,()]*/g, "")
      .replaceAll(", ", ","),
    longestName,
  );

interface Part {
  readonly name: string;
  readonly value: number;
}

const shortest = 9;

const partsText = (parts: readonly Part[]): string =>
  parts.map(({ name, value }) => `${name} ${formatValue(value)}`).join("  ");

/** Appends as many of the parts to `text` as fit, in order. */
const fill = (text: string, parts: readonly Part[], width: number): string => {
  let filled = text;
  for (const part of parts) {
    const next = `${filled}${filled === "" ? "" : "  "}${partsText([part])}`;
    if (next.length > width) break;
    filled = next;
  }
  return filled;
};

/**
 * Writes as many values as fit into `width` columns, in order, with short names; the first one
 * always.
 */
export const valuesText = (values: Readonly<Record<string, number>>, width: number): string => {
  const parts = Object.entries(values).map(([name, value]) => ({ name: shortName(name), value }));
  return fill("", parts, width) || shorten(partsText(parts.slice(0, 1)), width);
};

/** Returns the metrics that show each player's progress, named by loss or, shorter, by player. */
const leadingParts = (
  metrics: ReadonlyMap<string, number>,
  players: readonly PlayerInfo[],
  isShort: boolean,
): ReadonlyMap<string, Part> => {
  const parts = new Map<string, Part>();
  for (const { networks, leads } of players)
    for (const lead of leads) {
      const value = metrics.get(lead);
      if (value === undefined || parts.has(lead)) continue;
      const own = leads.length === 1 ? networks.join(",") : shortName(lead);
      parts.set(lead, { name: isShort ? shorten(own, shortest) : shortName(lead), value });
    }
  return parts;
};

interface MetricsText {
  readonly text: string;
  /** Whether it includes every player. */
  readonly isWhole: boolean;
}

/**
 * Writes as many metrics as fit into `width` columns: first those of every player, then the others
 * in order.
 */
const metricsText = ({ metrics, players = [] }: Status, width: number): MetricsText => {
  const all = new Map(Object.entries(metrics));
  const [long, short] = [false, true].map((isShort) => leadingParts(all, players, isShort));
  const fitting = [long, short].find(
    (parts) => parts !== undefined && partsText([...parts.values()]).length <= width,
  );
  const leading = fitting ?? short ?? new Map<string, Part>();
  const others = [...all]
    .filter(([name]) => !leading.has(name))
    .map(([name, value]) => ({ name: shortName(name), value }));
  const text = fill("", [...leading.values()], width);
  return fitting === undefined
    ? { text, isWhole: false }
    : { text: fill(text, others, width), isWhole: true };
};

export interface Status {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps made. */
  readonly step: number;
  readonly steps: number;
  readonly players?: readonly PlayerInfo[];
  readonly metrics: Metrics;
  /** Milliseconds, or undefined while nothing is known. */
  readonly left: number | undefined;
}

const leftText = (left: number | undefined): string =>
  left === undefined ? "" : `${formatDuration(left)} left`;

const join = (parts: readonly string[]): string => parts.filter((part) => part !== "").join("  ");

const spare = (width: number, parts: readonly string[]): number => width - join(parts).length - 2;

/**
 * Writes one line without a bar, for logs: `epoch 3/200  step 1234/200000  G 0.51  12 min left`.
 */
export const statusLine = (status: Status, width: number): string => {
  const place = `epoch ${status.epoch}/${status.epochs}  step ${status.step}/${status.steps}`;
  const left = leftText(status.left);
  return join([place, metricsText(status, spare(width, [place, left])).text, left]);
};

const barOf = (share: number, width: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "█".repeat(full) + "░".repeat(width - full);
};

/**
 * Writes one line of at most `width` columns. If it does not fit, the bar is dropped first, then
 * the losses.
 */
export const barLine = (status: Status, width: number): string => {
  const share = status.steps === 0 ? 1 : status.step / status.steps;
  const place = `epoch ${status.epoch}/${status.epochs}`;
  const count = `${status.step}/${status.steps}`;
  const left = leftText(status.left);
  const bar = barOf(share, width >= 100 ? 20 : 12);
  const beside = metricsText(status, spare(width, [place, bar, count, left]));
  const alone = metricsText(status, spare(width, [place, count, left]));
  const whole =
    beside.isWhole || !alone.isWhole
      ? join([place, bar, count, beside.text, left])
      : join([place, count, alone.text, left]);
  return whole.length <= width ? whole : shorten(join([place, count, left]), width);
};

/** Writes `1 step`, `2 steps`. */
export const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;

/** Chooses the losses to show by name: first those of every player, then the others in order. */
export const shownMetrics = (
  { metrics, players = [] }: Pick<Status, "metrics" | "players">,
  most: number,
): readonly string[] => {
  const leads = players
    .flatMap((player) => player.leads)
    .filter((name) => Object.hasOwn(metrics, name));
  return [...new Set([...leads, ...Object.keys(metrics)])].slice(0, most);
};

const valueWidth = 8;

/**
 * Writes `cycle(G,F)           0.342  ▇▆▅▃▂▁` in at most `width` columns. The trend is dropped
 * first.
 */
export const metricLine = (
  name: string,
  value: number | undefined,
  trend: string,
  width: number,
): string => {
  const text = `${shortName(name).padEnd(longestName)} ${(value === undefined ? "" : formatValue(value)).padStart(valueWidth)}`;
  const whole = `  ${text}  ${trend}`;
  return whole.length <= width ? whole : shorten(`  ${text}`, width);
};
