/** Writes a picture as SVG, with the same bytes on every run. */

import { escapeXml } from "../text/xml.js";
import { type Layout, layout, type PlacedArrow, type PlacedBox, type Point } from "./layout.js";
import { FONT, PAD, rowColumns, type Size, textWidth, titleWidth } from "./measure.js";
import type { Key, Picture, Row } from "./picture.js";
import { hueCount, styleSheet } from "./style.js";

/** Pixels around the drawing. */
const MARGIN = 24;
/** Pixels of an arrow's tip. */
const TIP = { length: 8, half: 3.5 } as const;
/** Pixels of a sample in the legend. */
const SAMPLE = { width: 34, height: 14 } as const;
/** Width in pixels that the legend fills, however narrow the drawing is. */
const LEGEND = 760;

const number = (value: number): string => String(Math.round(value * 10) / 10);

const text = (content: string, { x, y }: Point, classes = ""): string => {
  const named = classes === "" ? "" : ` class="${classes}"`;
  return `<text${named} x="${number(x)}" y="${number(y)}" xml:space="preserve">${escapeXml(content)}</text>`;
};

const tooltip = (tip: string | undefined): string =>
  tip === undefined ? "" : `<title>${escapeXml(tip)}</title>`;

const rectangle = (classes: string, { x, y, width, height }: Point & Size): string =>
  `<rect class="${classes}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="4"/>`;

/** Pixels from the top of a line to its baseline. */
const BASE = 12.5;

const rowText = (row: Row, starts: readonly number[], { x, y }: Point): string => {
  const cells = row.cells.map((cell, i) =>
    cell === "" ? "" : text(cell, { x: x + (starts[i] ?? 0), y }, i === 0 ? "" : "faint"),
  );
  return `<g>${tooltip(row.tip)}${cells.join("")}</g>`;
};

/** Draws a group's border and ground. Its text comes later, above the arrows that cross it. */
const groundSvg = ({ box, ...place }: PlacedBox): string =>
  `<g>${tooltip(box.tip)}${rectangle(`box ${box.kind}`, place)}</g>`;

const groupText = ({ box, x, y }: PlacedBox): string =>
  [box.title, ...(box.notes ?? [])]
    .map((line, i) => {
      const at = { x: x + PAD.x, y: y + PAD.y + BASE + i * FONT.line };
      return text(line, at, i === 0 ? "title ground" : "faint ground");
    })
    .join("");

const boxSvg = ({ box, x, y, width, height }: PlacedBox): string => {
  const { title, notes = [], rows = [] } = box;
  const hue = box.hue === undefined ? "" : ` hue${box.hue % hueCount}`;
  const line = (i: number): number => y + PAD.y + BASE + i * FONT.line;
  const left = x + PAD.x;
  const { starts } = rowColumns(rows);
  const rowsAt = PAD.y + (1 + notes.length) * FONT.line;
  const rule = `<path class="arrow ${box.kind}${hue}" d="M${number(x)} ${number(y + rowsAt + PAD.y / 2)}h${number(width)}"/>`;
  return [
    `<g>${tooltip(box.tip)}`,
    rectangle(`box ${box.kind}${hue}`, { x, y, width, height }),
    text(title, { x: left, y: line(0) }, "title"),
    ...notes.map((note, i) => text(note, { x: left, y: line(1 + i) }, "faint")),
    ...(rows.length === 0 ? [] : [rule]),
    ...rows.map((row, i) =>
      rowText(row, starts, { x: left, y: line(1 + notes.length + i) + PAD.y }),
    ),
    "</g>",
  ].join("");
};

const tipSvg = (kind: string, from: Point, to: Point): string => {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const foot = { x: to.x - dx * TIP.length, y: to.y - dy * TIP.length };
  const corner = (side: number): string =>
    `${number(foot.x - side * dy * TIP.half)} ${number(foot.y + side * dx * TIP.half)}`;
  return `<path class="tip ${kind}" d="M${number(to.x)} ${number(to.y)}L${corner(1)}L${corner(-1)}z"/>`;
};

const arrowSvg = ({ arrow, path, label }: PlacedArrow): string => {
  const [to, from] = [path.at(-1), path.at(-2)];
  if (to === undefined || from === undefined) return "";
  const line = path.map(({ x, y }) => `${number(x)} ${number(y)}`).join("L");
  const at = label === undefined ? undefined : { x: label.x + 3, y: label.y + BASE };
  return [
    `<g>${tooltip(arrow.tip)}`,
    `<path class="arrow ${arrow.kind}" d="M${line}"/>`,
    tipSvg(arrow.kind, from, to),
    at === undefined || arrow.label === undefined ? "" : text(arrow.label, at, "faint halo"),
    "</g>",
  ].join("");
};

const sample = (key: Key, { x, y }: Point): string => {
  const { width, height } = SAMPLE;
  if ("box" in key) return rectangle(`box ${key.box}`, { x, y, width, height });
  const [from, to] = [
    { x, y: y + height / 2 },
    { x: x + width, y: y + height / 2 },
  ];
  return `<path class="arrow ${key.arrow}" d="M${number(from.x)} ${number(from.y)}H${number(to.x)}"/>${tipSvg(key.arrow, from, to)}`;
};

interface Part {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Keeps the keys of the legend that occur in the picture. */
const usedKeys = ({ legend, boxes, arrows }: Picture): readonly Key[] =>
  legend.filter((key) =>
    "box" in key
      ? boxes.some((box) => box.kind === key.box)
      : arrows.some((arrow) => arrow.kind === key.arrow),
  );

/** Draws title, notes and legend from the top left corner. */
const head = (picture: Picture, width: number): Part => {
  const { title, notes } = picture;
  const legend = usedKeys(picture);
  const lines: string[] = [text(title, { x: 0, y: 18 }, "head")];
  let widest = (titleWidth(title) * 18) / 13;
  let y = 26;
  for (const note of notes) {
    lines.push(text(note, { x: 0, y: y + BASE }, "faint"));
    widest = Math.max(widest, textWidth(note));
    y += FONT.line;
  }
  y += 8;
  let x = 0;
  for (const key of legend) {
    const room = SAMPLE.width + 8 + textWidth(key.meaning);
    if (x > 0 && x + room > Math.max(width, LEGEND)) [x, y] = [0, y + FONT.line + 4];
    lines.push(sample(key, { x, y: y + 1 }));
    lines.push(text(key.meaning, { x: x + SAMPLE.width + 8, y: y + BASE }, "faint"));
    widest = Math.max(widest, x + room);
    x += room + 24;
  }
  return { svg: lines.join("\n"), width: widest, height: y + (legend.length > 0 ? 44 : 16) };
};

const body = ({ boxes, arrows }: Layout): string => {
  const groups = boxes.filter(({ box }) => box.kind === "group");
  const others = boxes.filter(({ box }) => box.kind !== "group");
  return [
    ...groups.map(groundSvg),
    ...arrows.map(arrowSvg),
    ...groups.map(groupText),
    ...others.map(boxSvg),
  ].join("\n");
};

/** Writes a picture as SVG, given its layout. */
export const placedSvg = (picture: Picture, placed: Layout): string => {
  const top = head(picture, placed.width);
  const width = Math.ceil(Math.max(placed.width, top.width) + 2 * MARGIN);
  const height = Math.ceil(placed.height + top.height + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(picture.title)}</title>`,
    `<style>\n${styleSheet}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    top.svg,
    `</g>\n<g transform="translate(${MARGIN} ${number(MARGIN + top.height)})">`,
    body(placed),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
};

/** Lays out a picture and writes it as SVG. */
export const drawing = async (picture: Picture): Promise<string> =>
  placedSvg(picture, await layout(picture));
