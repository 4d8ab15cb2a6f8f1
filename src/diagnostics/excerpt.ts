/**
 * One line of source with what is marked in it: underlines, and what is said of them, beside or
 * below.
 */
import { columnsBetween, type ShownLine, shownLine } from "./columns.js";

export type Paint = (text: string) => string;

/** A stretch of one line; offsets count the line's code units from 0. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly sign: "^" | "-";
  readonly text: string;
  readonly paint: Paint;
}

interface Piece {
  readonly column: number;
  readonly text: string;
  readonly paint: Paint;
}

const joined = (pieces: readonly Piece[]): string => {
  let line = "";
  let width = 0;
  for (const { column, text, paint } of pieces) {
    line += " ".repeat(Math.max(0, column - width)) + paint(text);
    width = Math.max(width, column) + text.length;
  }
  return line;
};

const byStart = (a: Mark, b: Mark): number => a.start - b.start;

/** Marks that overlap or touch stand in rows of their own; the first is in the first row. */
const rowsOf = (places: readonly Mark[]): readonly (readonly Mark[])[] => {
  const rows: Mark[][] = [];
  for (const place of places) {
    const free = rows.find((row) =>
      row.every((other) => place.end < other.start || other.end < place.start),
    );
    if (free === undefined) rows.push([place]);
    else free.push(place);
  }
  return rows.map((row) => row.sort(byStart));
};

/**
 * The underlines of one row; the last one's text stands behind it where there is room, the others'
 * below.
 */
const drawRow = (row: readonly Mark[], room: number): readonly string[] => {
  const last = row[row.length - 1];
  const fits = last !== undefined && last.end + 1 + last.text.length <= room;
  const marks = row.map((place): Piece => {
    const beside = fits && place === last && place.text !== "" ? ` ${place.text}` : "";
    const text = place.sign.repeat(place.end - place.start) + beside;
    return { column: place.start, text, paint: place.paint };
  });
  const below = row.filter((place) => place.text !== "" && !(fits && place === last));
  const bars = below.map(({ start, paint }): Piece => ({ column: start, text: "|", paint }));
  const texts = below.map(({ start, text, paint }, i): readonly Piece[] => [
    ...bars.slice(0, i),
    // A text that would run over the edge begins further left, as far as the bars beside it allow.
    {
      column: Math.max((bars[i - 1]?.column ?? -2) + 2, Math.min(start, room - text.length)),
      text,
      paint,
    },
  ]);
  return [marks, ...(bars.length > 0 ? [bars] : []), ...texts.reverse()].map(joined);
};

interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * The columns to show of a line wider than `room` so that `[low, high)` is seen, with as much
 * before as behind.
 */
const windowOn = (low: number, high: number, width: number, room: number): Window => {
  const inner = Math.max(1, room - 2);
  if (high <= inner) return { from: 0, to: inner };
  const before = Math.max(4, Math.floor((inner - (high - low)) / 2));
  const from = Math.max(0, Math.min(low - before, width - inner));
  return { from, to: from + inner };
};

const drawWindow = (
  line: ShownLine,
  places: readonly Mark[],
  { from, to }: Window,
  room: number,
): readonly string[] => {
  const left = from > 0 ? "…" : "";
  const right = to < line.width ? "…" : "";
  const shift = left.length - from;
  const end = Math.min(to, line.width + 1) + shift;
  const moved = places.map((place): Mark => {
    const start = Math.min(Math.max(0, place.start + shift), end - 1);
    return { ...place, start, end: Math.max(start + 1, Math.min(place.end + shift, end)) };
  });
  const code = left + columnsBetween(line, from, to).trimEnd() + right;
  return [code, ...rowsOf(moved).flatMap((row) => drawRow(row, room))];
};

/**
 * The line and, below it, its marks, the first of them the most important; twice or more where it
 * is too wide to show all of them at once. Each excerpt begins with the code; no line is wider than
 * `room` columns but for a text that is.
 */
export const excerpts = (
  source: string,
  marks: readonly Mark[],
  room: number,
): readonly (readonly string[])[] => {
  const line = shownLine(source.trimEnd());
  const columnOf = (offset: number): number => line.columns[offset] ?? line.width;
  const places = marks.map((mark): Mark => {
    const start = columnOf(mark.start);
    return { ...mark, start, end: Math.max(start + 1, columnOf(mark.end)) };
  });
  if (line.width <= room) return [drawWindow(line, places, { from: 0, to: line.width }, room)];
  const low = Math.min(...places.map((place) => place.start));
  const high = Math.max(...places.map((place) => place.end));
  if (high <= room - 2 || high - low <= room - 10)
    return [drawWindow(line, places, windowOn(low, high, line.width, room), room)];
  return places.map((place) =>
    drawWindow(line, [place], windowOn(place.start, place.end, line.width, room), room),
  );
};
