/**
 * Measures text. All text is monospaced, so this holds on every machine, up to differences between
 * fonts.
 */
import type { Box, Row } from "./picture.js";

/**
 * Sizes in pixels. The widest font named in the style, DejaVu Sans Mono, advances 0.602 of its
 * size.
 */
export const FONT = { size: 12, line: 17, advance: 0.602 * 12, title: 0.602 * 13 } as const;

/** Space in pixels between a box's border and its text, and between two columns. */
export const PAD = { x: 10, y: 8, column: 14 } as const;

/** Matches East Asian and other wide characters, which take two columns of a monospaced font. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{3fffd}]/u;

export const columns = (text: string): number =>
  [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);

export const textWidth = (text: string): number => columns(text) * FONT.advance;

/**
 * Returns where each column of the rows starts, relative to the first, and their total width, in
 * pixels.
 */
export const rowColumns = (
  rows: readonly Row[],
): { readonly starts: readonly number[]; readonly width: number } => {
  const count = Math.max(0, ...rows.map((row) => row.cells.length));
  const starts: number[] = [];
  let x = 0;
  for (let i = 0; i < count; i++) {
    starts.push(x);
    x += Math.max(...rows.map((row) => textWidth(row.cells[i] ?? ""))) + PAD.column;
  }
  return { starts, width: Math.max(0, x - PAD.column) };
};

export const titleWidth = (title: string): number => columns(title) * FONT.title;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns the size of a box's text with its padding, in pixels. */
export const boxSize = ({ title, notes = [], rows = [] }: Box): Size => {
  const widths = [titleWidth(title), ...notes.map(textWidth), rowColumns(rows).width];
  const lines = 1 + notes.length + rows.length;
  return {
    width: Math.ceil(Math.max(...widths) + 2 * PAD.x),
    height: lines * FONT.line + 2 * PAD.y + (rows.length > 0 ? PAD.y : 0),
  };
};
