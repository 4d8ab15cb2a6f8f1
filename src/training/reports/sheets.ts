/** Reads sample grids and grids of test images for a report. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { readRegular } from "../../data/files/regular-file.js";
import { pngText } from "../../data/images/png-chunks.js";
import { packSheet } from "../../data/images/sheet.js";
import type { PayloadSheet } from "../../report/page/payload.js";
import { cellsKeyword, type GridCell } from "../../report/pictures/grid-cells.js";
import { thousands } from "../../report/text/words.js";
import { decodeJson } from "../files/decode.js";

const Cells = t.readonlyArray(
  t.type({
    row: t.number,
    column: t.string,
    x: t.number,
    y: t.number,
    width: t.number,
    height: t.number,
  }),
);

/** Most bytes of a grid. */
const mostRead = 2 ** 28;

/** Most grids of one run, spread evenly. */
const mostSheets = 60;

/** Most characters of all grids of a run in the page. */
const mostCharacters = 6e6;

const cellsOf = (png: Uint8Array, scale: number): readonly GridCell[] => {
  const text = pngText(png, cellsKeyword);
  const cells = text === undefined ? undefined : decodeJson(Cells, text);
  if (cells === undefined || isLeft(cells)) return [];
  return cells.right.map((cell) => ({
    row: cell.row,
    column: cell.column,
    x: Math.round(cell.x * scale),
    y: Math.round(cell.y * scale),
    width: Math.round(cell.width * scale),
    height: Math.round(cell.height * scale),
  }));
};

/**
 * Packs a grid for a page.
 * @throws Error if it is not an image
 */
export const sheetFrom = async (png: Uint8Array, label: string): Promise<PayloadSheet> => {
  const { bytes, type, width, height, scale } = await packSheet(png);
  const src = `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
  return { label, src, width, height, cells: cellsOf(png, scale) };
};

/** Reads the grid in a file. Undefined if it cannot be read. */
export const sheetOf = async (path: string, label: string): Promise<PayloadSheet | undefined> => {
  const png = await readRegular(path, mostRead);
  if (isLeft(png)) return undefined;
  return sheetFrom(png.right, label).catch(() => undefined);
};

/** Chooses at most `most` elements, evenly spread, including the first and the last. */
export const spread = <A>(all: readonly A[], most: number): readonly A[] =>
  all.length <= most
    ? all
    : Array.from(
        { length: most },
        (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as A,
      );

/** Makes the label `epoch 3, step 1,500` from `epoch-0003-step-00001500.png`. */
const labelOf = (name: string): string | undefined => {
  const [, epoch, step] = /^epoch-(\d+)-step-(\d+)\.png$/.exec(name) ?? [];
  if (epoch === undefined || step === undefined) return undefined;
  return `epoch ${thousands(Number(epoch))}, step ${thousands(Number(step))}`;
};

/** Packed sheets by file. A report repeated during a training packs only new ones. */
export type SheetCache = Map<string, PayloadSheet | undefined>;

/** Thins the sheets to what a page can hold. */
const within = (sheets: readonly PayloadSheet[]): readonly PayloadSheet[] => {
  let kept = sheets;
  const size = (of: readonly PayloadSheet[]) => of.reduce((sum, { src }) => sum + src.length, 0);
  while (kept.length > 2 && size(kept) > mostCharacters)
    kept = spread(kept, Math.max(2, Math.floor(kept.length * 0.75)));
  return kept;
};

/** Reads the sample grids of a run in order of time, without unreadable ones. */
export const sampleSheets = async (
  folder: string,
  cache: SheetCache,
): Promise<readonly PayloadSheet[]> => {
  const names = await readdir(folder).catch(() => []);
  const step = (name: string): number => Number(/step-(\d+)/.exec(name)?.[1]);
  const samples = names
    .filter((name) => labelOf(name) !== undefined)
    .sort((a, b) => step(a) - step(b));
  const sheets: PayloadSheet[] = [];
  for (const name of spread(samples, mostSheets)) {
    const path = join(folder, name);
    if (!cache.has(path)) cache.set(path, await sheetOf(path, labelOf(name) ?? name));
    const sheet = cache.get(path);
    if (sheet !== undefined) sheets.push(sheet);
  }
  return within(sheets);
};
