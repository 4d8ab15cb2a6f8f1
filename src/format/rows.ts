/**
 * Declarations, fields and clauses that stand below each other: a head of columns, and a value.
 * Neighbours of one kind align their columns, as `param size   : Int  = 256` and
 * `param lambda : Real = 10` do.
 */
import { greatest } from "../base/greatest.js";
import { type Doc, hardline, indent, mustBreak, render, step, width } from "./doc.js";

export interface Row {
  readonly kind: "row";
  /** Rows of one kind align; those of none stand by themselves. */
  readonly columns: string | undefined;
  /** The head: `param size`, `: Int`, `=`. */
  readonly cells: readonly string[];
  readonly value: Doc;
  /** Whether further lines of the value begin below its first line or below the head. */
  readonly hangs: "value" | "head";
  /** Whether the value stands below the head, as the author put it. */
  readonly isBelow: boolean;
  /** Comments between head and value, which then stands below. */
  readonly comments: readonly Doc[];
  /** Whether it may be put there where it does not fit. */
  readonly mayGoBelow: boolean;
  /** `where …`, behind the value. */
  readonly tail: Doc | undefined;
  /** Comments behind it on its last line. */
  readonly trailing: string | undefined;
}

/** Lines between rows: comments on lines of their own, and whole blocks such as `train { … }`. */
export interface Block {
  readonly kind: "block";
  readonly lines: readonly string[];
  readonly trailing: string | undefined;
}

export interface Entry {
  readonly item: Row | Block;
  /** Whether a blank line stands before it. */
  readonly isApart: boolean;
}

/** Heads that differ by more than this are not aligned. */
const farApart = 24;

/** Between a param's value and its `where`, where those of neighbours are aligned. */
const gap = "   ";

const fitsIn = (lines: readonly string[], column: number): boolean =>
  lines.every((text, i) => text.length + (i === 0 ? column : 0) <= width);

/** The lines of a value that begins at `column`, of a row at `margin`. */
const valueLines = ({ value, hangs }: Row, column: number, margin: number): readonly string[] =>
  render(value, { column, margin: hangs === "value" ? column : margin }).split("\n");

const goesBelow = (row: Row, column: number, margin: number): boolean => {
  if (row.isBelow || !row.mayGoBelow) return row.isBelow;
  const lines = valueLines(row, column, margin);
  if (!fitsIn(lines, column)) return true;
  // What breaks only because it is long has more room below.
  return lines.length > 1 && row.hangs === "value" && !mustBreak(row.value);
};

const headOf = (row: Row, widths: readonly number[]): string =>
  row.cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" ");

const widthsOf = (rows: readonly Row[]): readonly number[] =>
  (rows[0]?.cells ?? []).map((_, i) => greatest(rows.map(({ cells }) => cells[i]?.length ?? 0)));

/** A row with the column at which its value begins and the lines that come of it. */
interface Laid {
  readonly row: Row;
  readonly head: string;
  /** Absent where the value stands below. */
  readonly lines: readonly string[] | undefined;
}

/**
 * The first row that must go below: beside its own head, or beside that head in columns of
 * `widths`.
 */
const firstBelow = (rows: readonly Row[], widths: readonly number[], margin: number): number =>
  rows.findIndex((row) => goesBelow(row, margin + headOf(row, widths).length + 1, margin));

const mustGoBelow = (row: Row, margin: number): boolean => firstBelow([row], [], margin) === 0;

/**
 * The rows between those that must go below whatever stands around them, and each of these by
 * itself.
 */
const parted = (rows: readonly Row[], margin: number): readonly (readonly Row[])[] => {
  const parts: Row[][] = [];
  let beside: Row[] | undefined;
  for (const row of rows) {
    const isAlone = mustGoBelow(row, margin);
    if (beside !== undefined && !isAlone) beside.push(row);
    else parts.push([row]);
    beside = isAlone ? undefined : parts.at(-1);
  }
  return parts;
};

/** The columns of a run of rows; none where their heads are too different. */
const columnsOf = (rows: readonly Row[]): readonly number[] => {
  const natural = rows.map((row) => headOf(row, []).length);
  const isClose = greatest(natural) + greatest(natural.map((length) => -length)) <= farApart;
  return isClose ? widthsOf(rows) : [];
};

const below = (row: Row): Laid => ({ row, head: headOf(row, []), lines: undefined });

/**
 * Rows of one kind, aligned where that leaves every value beside its head: those that must go below
 * do so, and stand in no columns.
 */
const layRun = (rows: readonly Row[], margin: number): readonly Laid[] => {
  const laid: Laid[] = [];
  // The parts that are left, the next one last: a file may have more rows than the stack has room
  // for.
  const open: (readonly Row[])[] = [...parted(rows, margin)].reverse();
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const [first] = part;
    if (first === undefined) continue;
    if (part.length === 1 && mustGoBelow(first, margin)) {
      laid.push(below(first));
      continue;
    }
    const widths = columnsOf(part);
    const pushed = firstBelow(part, widths, margin);
    if (pushed >= 0) {
      for (const one of layRun(part.slice(0, pushed), margin)) laid.push(one);
      const row = part[pushed];
      if (row !== undefined) laid.push(below(row));
      open.push(part.slice(pushed + 1));
      continue;
    }
    for (const row of part) {
      const head = headOf(row, widths);
      laid.push({ row, head, lines: valueLines(row, margin + head.length + 1, margin) });
    }
  }
  return laid;
};

const belowHead = ({ comments, value }: Row, head: string, margin: number): readonly string[] => {
  const lead = comments.length > 0 ? comments : hardline;
  return render([head, indent([lead, value])], { column: margin, margin }).split("\n");
};

/** Heads, values and tails together: the lines of each row, the first without its indentation. */
const finished = (run: readonly Laid[], margin: number): readonly (readonly string[])[] => {
  const tails = run.map(({ row }) => row.tail);
  const isColumn = tails.filter((tail) => tail !== undefined).length > 1;
  const isLow = run.every(({ lines }) => lines?.length === 1);
  const ends = run.map(({ lines }) => lines?.[0]?.length ?? 0);
  const widest = greatest([0, ...ends.filter((_, i) => tails[i] !== undefined)]);
  return run.map(({ row, head, lines }) => {
    const own =
      lines === undefined
        ? belowHead(row, head, margin)
        : [`${head} ${lines[0] ?? ""}`.trimEnd(), ...lines.slice(1)];
    if (row.tail === undefined) return own;
    const space = isColumn && isLow ? " ".repeat(widest - (lines?.[0]?.length ?? 0)) + gap : " ";
    return withTail(own, row.tail, space, margin);
  });
};

const withTail = (
  lines: readonly string[],
  tail: Doc,
  space: string,
  margin: number,
): readonly string[] => {
  const last = (lines.at(-1) ?? "") + space;
  const column = last.length + (lines.length === 1 ? margin : 0);
  const beside = render(tail, { column, margin: margin + step }).split("\n");
  if (beside.length === 1 && fitsIn(beside, column))
    return [...lines.slice(0, -1), last + beside[0]];
  const below = render([hardline, tail], { column: 0, margin: margin + step }).split("\n");
  return [...lines, ...below.slice(1)];
};

interface Piece {
  readonly lines: readonly string[];
  readonly trailing: string | undefined;
  readonly isApart: boolean;
}

/** Entries up to the next that does not align with them. */
const runFrom = (entries: readonly Entry[], from: number): readonly Row[] => {
  const first = entries[from]?.item;
  if (first?.kind !== "row") return [];
  const rows: Row[] = [first];
  for (let i = from + 1; i < entries.length; i++) {
    const { item, isApart } = entries[i] as Entry;
    const joins = item.kind === "row" && !isApart && item.columns === first.columns;
    if (!joins || first.columns === undefined) break;
    rows.push(item);
  }
  return rows;
};

const pieces = (entries: readonly Entry[], margin: number): readonly Piece[] => {
  const all: Piece[] = [];
  for (let i = 0; i < entries.length; ) {
    const entry = entries[i];
    if (entry === undefined) break;
    const { item } = entry;
    if (item.kind === "block") {
      all.push({ lines: item.lines, trailing: item.trailing, isApart: entry.isApart });
      i++;
      continue;
    }
    const rows = runFrom(entries, i);
    const lines = aligned(rows, margin);
    rows.forEach(({ trailing }, k) => {
      all.push({ lines: lines[k] ?? [], trailing, isApart: entries[i + k]?.isApart ?? false });
    });
    i += rows.length;
  }
  return all;
};

/** Rows beside their heads in one run of columns, those below by themselves. */
const aligned = (rows: readonly Row[], margin: number): readonly (readonly string[])[] => {
  const laid = layRun(rows, margin);
  const runs: Laid[][] = [];
  for (const one of laid) {
    const last = runs.at(-1);
    const joins = one.lines !== undefined && last?.[0]?.lines !== undefined;
    if (joins) last?.push(one);
    else runs.push([one]);
  }
  return runs.flatMap((run) => finished(run, margin));
};

/** Comments behind neighbouring lines begin at one column. */
const commented = (all: readonly Piece[], from: number): readonly Piece[] => {
  const run: Piece[] = [];
  for (let i = from; i < all.length; i++) {
    const piece = all[i] as Piece;
    const isLow = [run.at(-1) ?? piece, piece].every(({ lines }) => lines.length === 1);
    const joins = run.length === 0 || (!piece.isApart && isLow);
    if (piece.trailing === undefined || !joins) break;
    run.push(piece);
  }
  return run;
};

const withComments = (all: readonly Piece[]): readonly Piece[] => {
  const done: Piece[] = [];
  while (done.length < all.length) {
    const run = commented(all, done.length);
    const next = all[done.length];
    if (run.length === 0 && next !== undefined) done.push(next);
    const column = greatest(run.map(({ lines }) => lines.at(-1)?.length ?? 0));
    for (const piece of run) {
      const last = (piece.lines.at(-1) ?? "").padEnd(column);
      const lines = [...piece.lines.slice(0, -1), `${last}  ${piece.trailing}`];
      done.push({ ...piece, lines });
    }
  }
  return done;
};

/** The lines of a file, or of what stands between braces, at `margin`. */
export const layOut = (entries: readonly Entry[], margin: number): readonly string[] =>
  withComments(pieces(entries, margin)).flatMap(({ lines, isApart }, i) => [
    ...(isApart && i > 0 ? [""] : []),
    ...lines.map((text, k) => (k === 0 ? " ".repeat(margin) + text : text)),
  ]);
