/** Draws labelled sample grids: one example in each row, the networks' results in the columns. */
import { isRight } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { drawSvg } from "../../data/images/decode.js";
import { encodePng, fromTensor, type RawImage, withChannels } from "../../data/images/image.js";
import { withPngText } from "../../data/images/png-chunks.js";
import { escapeXml } from "../text/xml.js";
import { cellsKeyword, cellsText, type GridCell } from "./grid-cells.js";

export interface GridColumn {
  /**
   * For example `x`, `G(x)`, `F(G(x))`. A label without an application, such as `y`, begins a new
   * group.
   */
  readonly label: string;
  /** `[n, h, w, 1 or 3]`, from top to bottom. */
  readonly images: HostTensor;
  /** Range of the images' values. */
  readonly range: readonly [number, number];
}

/** Sizes in pixels of the finished grid. */
const LOOK = {
  /** Least width of an image. Smaller ones are enlarged by a whole factor, pixels kept sharp. */
  cell: 128,
  gap: 6,
  groupGap: 22,
  border: 12,
  header: 34,
  fontSize: 17,
} as const;

const FONT = "'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif";

/** Repeats each pixel `factor` times along both axes. */
const enlarge = (image: RawImage, factor: number): RawImage => {
  const width = image.width * factor;
  const height = image.height * factor;
  const data = new Uint8Array(width * height * image.channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / factor) * image.width + Math.floor(x / factor)) * image.channels;
      for (let c = 0; c < image.channels; c++)
        data[(y * width + x) * image.channels + c] = image.data[from + c] ?? 0;
    }
  return { ...image, width, height, data };
};

/** The cells' size, each column's left edge, and the size of the canvas. */
interface Layout {
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly lefts: readonly number[];
  readonly width: number;
  readonly height: number;
}

const layOut = (columns: readonly GridColumn[], factor: number): Layout => {
  const dimension = (axis: number): number =>
    factor * Math.max(1, ...columns.map(({ images }) => images.shape[axis] ?? 1));
  const [cellHeight, cellWidth] = [dimension(1), dimension(2)];
  const rows = Math.max(0, ...columns.map(({ images }) => images.shape[0] ?? 0));
  let right: number = LOOK.border;
  const lefts = columns.map(({ label }, i) => {
    const group = i > 0 && !label.includes("(");
    const left = i === 0 ? right : right + (group ? LOOK.groupGap : LOOK.gap);
    right = left + cellWidth;
    return left;
  });
  return {
    cellWidth,
    cellHeight,
    lefts,
    width: right + LOOK.border,
    height: LOOK.header + rows * (cellHeight + LOOK.gap) - LOOK.gap + LOOK.border,
  };
};

/** Draws the labels above their columns. One that is wider than its column is set smaller. */
const headerSvg = (columns: readonly GridColumn[], layout: Layout): string => {
  const labels = columns.map(({ label }, i) => {
    const middle = (layout.lefts[i] ?? 0) + layout.cellWidth / 2;
    // 0.62 em is the mean advance of a character in the widest of the fonts named above.
    const size = Math.min(LOOK.fontSize, layout.cellWidth / (0.62 * Math.max(1, label.length)));
    return `<text x="${middle}" y="${LOOK.header - 11}" text-anchor="middle" font-size="${size.toFixed(2)}">${escapeXml(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${LOOK.header}" font-family="${FONT}" fill="#222">${labels.join("")}</svg>`;
};

/**
 * Copies an image onto the canvas with its upper left pixel at (top, left). Both have three
 * channels.
 */
export const paste = (canvas: RawImage, image: RawImage, top: number, left: number): void => {
  const line = image.width * 3;
  for (let y = 0; y < image.height; y++)
    canvas.data.set(
      image.data.subarray(y * line, (y + 1) * line),
      ((top + y) * canvas.width + left) * 3,
    );
};

/** Returns the factor that enlarges small images, and the layout. */
const layoutOf = (columns: readonly GridColumn[]): readonly [number, Layout] => {
  const widest = Math.max(1, ...columns.map(({ images }) => images.shape[2] ?? 1));
  const factor = Math.max(1, Math.ceil(LOOK.cell / widest));
  return [factor, layOut(columns, factor)];
};

/** Returns the place of each image in a grid, without the border that centres a smaller one. */
export const gridCells = (columns: readonly GridColumn[]): readonly GridCell[] => {
  const [factor, { cellWidth, cellHeight, lefts }] = layoutOf(columns);
  return columns.flatMap(({ label, images: { shape } }, i) => {
    const [rows = 0, height = 1, width = 1] = shape;
    return Array.from({ length: rows }, (_, row) => ({
      row,
      column: label,
      x: (lefts[i] ?? 0) + ((cellWidth - width * factor) >> 1),
      y: LOOK.header + row * (cellHeight + LOOK.gap) + ((cellHeight - height * factor) >> 1),
      width: width * factor,
      height: height * factor,
    }));
  });
};

/**
 * Draws the grid as one RGB image on white. Images of different sizes are centred in cells of the
 * largest size. On a machine without fonts the labels stay blank.
 */
export const drawGrid = async (columns: readonly GridColumn[]): Promise<RawImage> => {
  const [factor, layout] = layoutOf(columns);
  const { width, height, cellWidth, cellHeight, lefts } = layout;
  const canvas: RawImage = {
    width,
    height,
    channels: 3,
    data: new Uint8Array(width * height * 3).fill(255),
  };
  const header = await drawSvg(headerSvg(columns, layout));
  if (isRight(header)) paste(canvas, header.right, 0, 0);
  for (const [i, { images, range }] of columns.entries())
    for (const [row, small] of fromTensor(images, range).entries()) {
      const image = enlarge(withChannels(small, 3), factor);
      const top = LOOK.header + row * (cellHeight + LOOK.gap) + ((cellHeight - image.height) >> 1);
      paste(canvas, image, top, (lefts[i] ?? 0) + ((cellWidth - image.width) >> 1));
    }
  return canvas;
};

/** Draws the grid as a PNG file that records its own cells. */
export const renderGrid = async (columns: readonly GridColumn[]): Promise<Uint8Array> =>
  withPngText(
    await encodePng(await drawGrid(columns)),
    cellsKeyword,
    cellsText(gridCells(columns)),
  );
