/** The cells of a sample grid, as a text in its PNG file records them. */

/** An image in a grid, in pixels of the file. */
export interface GridCell {
  /** Row from 0, from top to bottom. */
  readonly row: number;
  /** Label of its column: `G(x)`. */
  readonly column: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Keyword of the text in the file. */
export const cellsKeyword = "ganc:cells";

/**
 * Writes the cells as JSON in ASCII. Labels hold names of classes, which are names of folders, so
 * other characters are escaped.
 */
export const cellsText = (cells: readonly GridCell[]): string =>
  JSON.stringify(cells).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
