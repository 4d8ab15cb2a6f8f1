/** Lists runs for a terminal of any width, or for a pipe. */

import { printable } from "../../../base/printable.js";
import { recordOf } from "../../../base/record.js";
import { quote } from "../../../base/shell.js";
import { formatDuration } from "../../../base/times.js";
import { formatBytes } from "../../../training/files/errors.js";
import {
  isUnreadable,
  type RunSummary,
  type Unreadable,
} from "../../../training/reports/run-summary.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { counted, formatValue, valuesText } from "../../terminal/progress-text.js";
import type { Colors } from "../../terminal/terminal.js";

export interface Listing {
  /** Available columns. */
  readonly width: number;
  readonly colors: Colors;
  /** The command for ganc. */
  readonly command: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Tells whether a run diverged. The same steps would diverge again. */
const isAstray = ({ state, because = "" }: RunSummary): boolean =>
  state === "failed" && /became (?:NaN|-?Infinity)/.test(because);

/** Returns the command to type next. */
export const nextOf = (run: RunSummary, command: string): string => {
  const place = quote(shownPath(run.path));
  if (isAstray(run)) return `${command} run SPEC --out ${place} --resume --carry-over`;
  switch (run.state) {
    case "training":
      return `${command} report ${place}`;
    case "finished":
    case "imported":
      if (run.makes === "translations") return `${command} translate ${place} IMAGE`;
      return run.makes === "images"
        ? `${command} translate ${place} --count 16`
        : `${command} report ${place}`;
    default:
      return `${command} run ${place} --resume`;
  }
};

/** Words a time: `2 h ago`, or now if the clock is behind. */
const agoText = (at: string, now: number): string => {
  const since = now - Date.parse(at);
  return since < 1000 ? "now" : `${formatDuration(since)} ago`;
};

const epochText = ({ epoch, epochs }: RunSummary): string =>
  epochs === undefined ? `${epoch}` : `${epoch}/${epochs}`;

/** Words the latest measurement, or else the losses of the last step. */
const valuesOf = ({ measured, losses }: RunSummary, width: number): string =>
  valuesText(
    measured === undefined
      ? losses
      : recordOf(
          measured.measures.map(({ network, name, value }) => [`${network} ${name}`, value]),
        ),
    width,
  );

const bestText = ({ best }: RunSummary): string =>
  best === undefined
    ? ""
    : `best at step ${best.step}: ${printable(best.measure)} ${formatValue(best.value)}`;

const gap = "  ";

/** The cells of one run: place, spec, state. */
interface Row {
  readonly cells: readonly string[];
  readonly run: RunSummary | Unreadable;
}

const unreadableLine = ({ path, trouble }: Unreadable, colors: Colors): string =>
  `${shownPath(path)}${gap}${colors.red("unreadable")}: ${printable(trouble)}`;

const heads = ["RUN", "SPEC", "STATE", "EPOCH", "SIZE", "WHEN"] as const;

const rowOf = (run: RunSummary | Unreadable, now: number): Row => {
  const [size, when] = [formatBytes(run.bytes), agoText(run.at, now)];
  const place = shownPath(run.path);
  return isUnreadable(run)
    ? { run, cells: [] }
    : { run, cells: [place, printable(run.spec.name), run.state, epochText(run), size, when] };
};

const joined = (cells: readonly string[], widths: readonly number[]): string =>
  cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(gap);

const tints: Readonly<Record<string, "green" | "cyan" | "yellow" | "red">> = {
  finished: "green",
  training: "cyan",
  imported: "green",
  interrupted: "yellow",
  failed: "red",
};

const tinted = (line: string, state: string, colors: Colors): string => {
  const tint = tints[state];
  return tint === undefined ? line : line.replace(` ${state} `, ` ${colors[tint](state)} `);
};

/** Wraps parts to indented lines of at most `width` columns, without breaking a part. */
const wrapped = (parts: readonly string[], width: number): readonly string[] => {
  const lines: string[] = [];
  for (const part of parts.filter((one) => one !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + gap.length + part.length <= width)
      lines[lines.length - 1] = `${last}${gap}${part}`;
    else lines.push(`${gap}${part}`);
  }
  return lines;
};

/** Writes the lines below a run's row: the reason for its state, its values, the next command. */
const below = (run: RunSummary, { width, command, colors }: Listing): readonly string[] => {
  const because = run.because === undefined ? "" : printable(run.because);
  const values = printable(valuesOf(run, width - gap.length));
  return [
    ...wrapped([because, values, bestText(run)], width),
    `${gap}${colors.dim("next:")} ${nextOf(run, command)}`,
  ];
};

/** Writes a table if it fits, otherwise a few lines for each run. */
export const runsText = (runs: readonly (RunSummary | Unreadable)[], listing: Listing): string => {
  const { width, colors, now } = listing;
  const rows = runs.map((run) => rowOf(run, now));
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)),
  );
  const isWide = widths.reduce((sum, one) => sum + one + gap.length, -gap.length) <= width;
  const lines = rows.flatMap(({ cells, run }) => {
    if (isUnreadable(run)) return [unreadableLine(run, colors)];
    const [place = "", ...rest] = cells;
    const state = cells[2] ?? "";
    const head = isWide
      ? [tinted(joined(cells, widths).trimEnd(), state, colors)]
      : [place, ...wrapped(rest, width)];
    return [...head, ...below(run, listing)];
  });
  const total = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ...(isWide && !runs.every(isUnreadable) ? [colors.dim(joined(heads, widths).trimEnd())] : []),
    ...lines,
    `${counted(runs.length, "run")}, ${formatBytes(total)} in all.`,
  ].join("\n");
};
