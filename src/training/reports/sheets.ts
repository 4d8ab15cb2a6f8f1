/** Sample grids and grids of test images, as a report shows them. */
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

/** Bytes of a grid that is read. */
const mostRead = 2 ** 28;

/** Grids of one run that are looked at; of more, some spread evenly. */
const mostSheets = 60;

/** Characters of all grids of a run, as they stand in the page. */
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

/** @throws where it is no image */
export const sheetFrom = async (png: Uint8Array, label: string): Promise<PayloadSheet> => {
  const { bytes, type, width, height, scale } = await packSheet(png);
  const src = `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
  return { label, src, width, height, cells: cellsOf(png, scale) };
};

/** The grid in that file; nothing where it cannot be read. */
export const sheetOf = async (path: string, label: string): Promise<PayloadSheet | undefined> => {
  const png = await readRegular(path, mostRead);
  if (isLeft(png)) return undefined;
  return sheetFrom(png.right, label).catch(() => undefined);
};

/** At most `most` of them, evenly spread; the first and the last are among them. */
export const spread = <A>(all: readonly A[], most: number): readonly A[] =>
  all.length <= most
    ? all
    : Array.from(
        { length: most },
        (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as A,
      );

/** `epoch 3, step 1,500` of `epoch-0003-step-00001500.png`. */
const labelOf = (name: string): string | undefined => {
  const [, epoch, step] = /^epoch-(\d+)-step-(\d+)\.png$/.exec(name) ?? [];
  if (epoch === undefined || step === undefined) return undefined;
  return `epoch ${thousands(Number(epoch))}, step ${thousands(Number(step))}`;
};

/** What was made of a file before: a report that is made again while a run trains packs only what is new. */
export type SheetCache = Map<string, PayloadSheet | undefined>;

/** As many as a page bears. */
const within = (sheets: readonly PayloadSheet[]): readonly PayloadSheet[] => {
  let kept = sheets;
  const size = (of: readonly PayloadSheet[]) => of.reduce((sum, { src }) => sum + src.length, 0);
  while (kept.length > 2 && size(kept) > mostCharacters)
    kept = spread(kept, Math.max(2, Math.floor(kept.length * 0.75)));
  return kept;
};

/** The sample grids of a run in the order of time; those that cannot be read are left out. */
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
