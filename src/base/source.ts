/**
 * Source text and places in it. Offsets count UTF-16 code units from 0; lines and columns count
 * from 1.
 */

/** A half-open stretch `[start, end)` of one file. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** One `.gan` text under the name that diagnostics and generated comments give it. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

export const span = (file: string, start: number, end: number): Span => ({ file, start, end });

/** The smallest span that holds both; both must lie in one file. */
export const cover = (a: Span, b: Span): Span =>
  span(a.file, Math.min(a.start, b.start), Math.max(a.end, b.end));

/** A stretch of a text in one line, without its comments: what names and messages quote. */
export const oneLine = (text: string, { start, end }: Span): string =>
  text
    .slice(start, end)
    .replaceAll(/("[^"\n]*")|--[^\n]*/g, (_, path?: string) => path ?? "")
    .replaceAll(/\s+/g, " ")
    .trim();

/** Returns the offset at which each line begins, for binary search. */
export const lineStarts = (text: string): readonly number[] => {
  const starts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === "\n") starts.push(i + 1);
  return starts;
};

/** Line and column of an offset; an offset past the end counts as the end. */
export const positionAt = (starts: readonly number[], offset: number): Position => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
};
