/** The parts of a report that are tables and sentences: measures, monitors, data. */
import { type MeasureRow, measureTitle } from "../measures/row.js";
import { shownValue } from "../measures/table.js";
import type {
  DataSetFacts,
  MeasuredFacts,
  MonitorWord,
  RunContents,
  Thumbnail,
} from "./contents.js";
import { measureCharts } from "./curves.js";
import { type Html, html } from "./html.js";
import { factTable, type PagePart } from "./parts.js";

const monitorItem = ({ when, monitor, isStop, saw, means, write }: MonitorWord): Html =>
  html`<li class="trouble"><p><strong>${monitor}</strong>, ${when}${isStop ? " (ended the run)" : ""}: ${saw}</p><p>${means}</p><p>What to write: ${write}</p></li>`;

export const monitorsPart = ({ monitors }: RunContents): PagePart | undefined =>
  monitors.length === 0
    ? undefined
    : {
        id: "monitors",
        title: "Warnings",
        body: html`<ul class="words">${monitors.map(monitorItem)}</ul>`,
      };

const measureRow = ({ network, name, value, low, high, count, better }: MeasureRow): Html =>
  html`<tr><th scope="row">${measureTitle(name)}</th><td>${network}</td><td class="figure">${shownValue(value)}</td><td class="figure">${shownValue(low)} to ${shownValue(high)}</td><td class="figure">${count}</td><td>${better}</td></tr>`;

const measureTable = ({ title, rows }: MeasuredFacts): Html =>
  html`<h3>${title}</h3><div class="scroll" tabindex="0" role="group" aria-label="${title}"><table>
<thead><tr><th scope="col">Measure</th><th scope="col">Network</th><th scope="col" class="figure">Value</th><th scope="col" class="figure">95 % interval</th><th scope="col" class="figure">Images</th><th scope="col">Better</th></tr></thead>
<tbody>${rows.map(measureRow)}</tbody></table></div>`;

/**
 * Writes the doubts after the figures. With few images nearly every figure has one, and they would
 * bury the figures.
 */
const doubtList = (doubts: readonly string[]): Html =>
  html`<h3>How far to trust these figures</h3><ul>${doubts.map((doubt) => html`<li>${doubt}</li>`)}</ul>`;

export const measuresPart = (contents: RunContents): PagePart | undefined => {
  const { measured, doubts, measureCurves } = contents;
  if (measured.length === 0 && measureCurves === undefined) return undefined;
  return {
    id: "measures",
    title: "Measures",
    body: html`${measured.map(measureTable)}${doubts.length === 0 ? undefined : doubtList(doubts)}${measureCharts(contents)}`,
  };
};

const thumb = ({ name, src, width, height }: Thumbnail): Html =>
  html`<li><img src="${src}" width="${width}" height="${height}" alt="${name}" title="${name}"></li>`;

const dataSet = ({ title, facts, thumbnails }: DataSetFacts): Html =>
  html`<h3>${title}</h3>${factTable(facts)}<ul class="thumbs">${thumbnails.map(thumb)}</ul>`;

export const dataPart = ({ data, dataTrouble }: RunContents): PagePart | undefined =>
  data.length === 0 && dataTrouble === undefined
    ? undefined
    : {
        id: "data",
        title: "Data",
        body: html`${dataTrouble === undefined ? undefined : html`<p class="trouble">${dataTrouble}</p>`}${data.map(dataSet)}`,
      };
