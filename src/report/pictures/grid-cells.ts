/** What stands where in a sample grid, as its PNG file says it in a text. */

/** An image of a grid, in pixels of the file. */
export interface GridCell {
  /** From 0, from top to bottom. */
  readonly row: number;
  /** The label of its column: `G(x)`. */
  readonly column: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The keyword of the text within the file. */
export const cellsKeyword = "ganc:cells";

/** ASCII: labels hold names of classes, which are those of folders. */
export const cellsText = (cells: readonly GridCell[]): string =>
  JSON.stringify(cells).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
