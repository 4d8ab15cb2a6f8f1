/** Draws a sheet of thumbnails: rows of images, each below its label. */
import { isRight } from "fp-ts/lib/Either.js";
import { drawSvg } from "../../data/images/decode.js";
import {
  encodePng,
  type Raster,
  type RawImage,
  viewOf,
  withChannels,
} from "../../data/images/image.js";
import { shrink } from "../../data/inspect/image-summary.js";
import { escapeXml } from "../text/xml.js";
import { paste } from "./grid.js";

export interface SheetRow {
  readonly label: string;
  /** At most `mostInRow` are shown. */
  readonly images: readonly RawImage[];
}

export const mostInRow = 10;

/** Sizes in pixels. */
const [cell, gap, border, header, fontSize] = [96, 6, 12, 26, 14];

const width = 2 * border + mostInRow * (cell + gap) - gap;

const rowHeight = header + cell + gap;

/** Most characters of a label: 0.6 em is the mean advance of the fonts named. */
const mostCharacters = Math.floor((width - 2 * border) / (0.6 * fontSize));

const shortened = (label: string): string =>
  label.length <= mostCharacters ? label : `${label.slice(0, mostCharacters - 1)}…`;

const labelSvg = (label: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${header}" font-family="'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif" fill="#222"><text x="${border}" y="${header - 8}" font-size="${fontSize}">${escapeXml(shortened(label))}</text></svg>`;

/** Shrinks an image to a cell, keeping its proportions. */
export const thumbnail = async (raster: Raster): Promise<RawImage> => {
  const image = viewOf(raster);
  const factor = Math.min(cell / image.width, cell / image.height);
  const side = (pixels: number): number => Math.max(1, Math.min(cell, Math.round(pixels * factor)));
  return withChannels(await shrink(image, side(image.height), side(image.width)), 3);
};

/**
 * Draws the sheet as a PNG file of thumbnails. On a machine without fonts the labels stay blank.
 */
export const renderSheet = async (rows: readonly SheetRow[]): Promise<Uint8Array> => {
  const height = border + rows.length * rowHeight + border;
  const canvas: RawImage = {
    width,
    height,
    channels: 3,
    data: new Uint8Array(width * height * 3).fill(255),
  };
  for (const [r, { label, images }] of rows.entries()) {
    const top = border + r * rowHeight;
    const words = await drawSvg(labelSvg(label));
    if (isRight(words)) paste(canvas, words.right, top, 0);
    for (const [i, image] of images.slice(0, mostInRow).entries()) {
      const left = border + i * (cell + gap) + ((cell - image.width) >> 1);
      paste(canvas, image, top + header + ((cell - image.height) >> 1), left);
    }
  }
  return encodePng(canvas);
};
