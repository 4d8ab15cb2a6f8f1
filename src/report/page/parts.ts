/** The parts of a report, one subject each. A part with nothing to show is undefined. */
import type { DrawnPart, Fact, Gallery, RunContents, TrainingProcess } from "./contents.js";
import { specFormulas } from "./formulas.js";
import { highlighted } from "./highlight.js";
import { type Html, html, raw } from "./html.js";
import type { PayloadSheet } from "./payload.js";

export interface PagePart {
  /** Id of the section, for links. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** Most characters of a value that does not take the width of the page. */
const mostLetters = 60;

export const factTable = (facts: readonly Fact[]): Html =>
  html`<dl class="facts">${facts.map(
    ({ name, value }) =>
      html`<div class="${value.length > mostLetters ? "wide" : ""}"><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;

export const overviewPart = ({ overview, troubles }: RunContents): PagePart => ({
  id: "overview",
  title: "Overview",
  body: html`${troubles.map((trouble) => html`<p class="trouble">${trouble}</p>`)}${factTable(
    overview,
  )}`,
});

const timeSlider = ({ id, sheets }: Gallery): Html =>
  sheets.length < 2
    ? html`<p class="when"><output>${sheets.at(-1)?.label ?? ""}</output></p>`
    : html`<label class="time">When <input type="range" id="${id}-time" class="when-slider" min="0" max="${sheets.length - 1}" step="1" value="${sheets.length - 1}"> <output>${sheets.at(-1)?.label ?? ""}</output></label>`;

const unique = (all: readonly string[]): readonly string[] => [...new Set(all)];

const choice = (label: string, kind: string, options: readonly string[], chosen: number): Html =>
  html`<label>${label} <select class="${kind}">${options.map((name, i) =>
    i === chosen
      ? html`<option value="${i}" selected>${name}</option>`
      : html`<option value="${i}">${name}</option>`,
  )}</select></label>`;

const wipe = ({ cells }: PayloadSheet): Html | undefined => {
  const columns = unique(cells.map(({ column }) => column));
  const rows = unique(cells.map(({ row }) => String(row + 1)));
  if (columns.length < 2) return undefined;
  return html`<div class="wipe">
<div class="controls">
${choice("Example", "row", rows, 0)}
${choice("Left", "left", columns, 0)}
${choice("Right", "right", columns, 1)}
</div>
<canvas width="256" height="256" role="img" aria-label="the two pictures, one over the other"></canvas>
<label class="over">Wipe <input type="range" class="share" min="0" max="100" step="1" value="50"> <output>50 %</output></label>
</div>`;
};

const gallery = (one: Gallery): Html => {
  const last = one.sheets.at(-1);
  if (last === undefined) return html``;
  return html`<div class="gallery" id="${one.id}"><h3>${one.title}</h3><p>${one.words}</p>
${timeSlider(one)}
<div class="looking"><div class="scroll" tabindex="0" role="group" aria-label="${one.title}"><img class="sheet" src="${last.src}" width="${last.width}" height="${last.height}" alt="${one.title}: ${last.label}"></div>
${wipe(last)}</div></div>`;
};

export const picturesPart = ({ galleries }: RunContents): PagePart | undefined =>
  galleries.length === 0
    ? undefined
    : { id: "pictures", title: "Pictures", body: html`${galleries.map(gallery)}` };

/** Writes a drawing in a shadow root, which keeps its styles from the page. */
const drawn = ({ title, svg }: DrawnPart, isOpen: boolean): Html =>
  html`<details${isOpen ? raw(" open") : ""}><summary>${title}</summary><div class="scroll drawing" tabindex="0" role="group" aria-label="Drawing: ${title}"><template shadowrootmode="open">${raw(svg)}</template></div></details>`;

export const drawingsPart = ({ drawings }: RunContents): PagePart | undefined =>
  drawings.length === 0
    ? undefined
    : {
        id: "networks",
        title: "Game and networks",
        body: html`${drawings.map((one, i) => drawn(one, i === 0))}`,
      };

export const specPart = ({ spec }: RunContents): PagePart | undefined => {
  if (spec === undefined) return undefined;
  const file = ({ name, text }: { readonly name: string; readonly text: string }, i: number) =>
    html`<details${i === 0 ? raw(" open") : ""}><summary>${name}</summary><pre class="scroll code" tabindex="0" aria-label="The text of ${name}"><code>${highlighted(text)}</code></pre></details>`;
  const formulas = specFormulas(spec.files);
  const shown = formulas.map(
    ({ title, math }) =>
      html`<div class="formula scroll" tabindex="0" role="group" aria-label="${title}">${math}</div>`,
  );
  return {
    id: "spec",
    title: "Spec",
    body: html`${formulas.length === 0 ? undefined : html`<h3>Formulas</h3><p>Distances are means over elements.</p>${shown}<h3>Text</h3>`}${spec.files.map(file)}`,
  };
};

const processTable = (processes: readonly TrainingProcess[]): Html =>
  html`<h3>Processes that trained</h3><div class="scroll" tabindex="0" role="group" aria-label="Processes that trained"><table>
<thead><tr><th scope="col">Begun</th><th scope="col">Steps</th><th scope="col">How it ended</th></tr></thead>
<tbody>${processes.map(
    ({ begun, steps, ending }) =>
      html`<tr><td>${begun}</td><td>${steps}</td><td>${ending}</td></tr>`,
  )}</tbody></table></div>`;

export const environmentPart = ({ environment }: RunContents): PagePart | undefined => {
  const { groups: facts, processes } = environment;
  if (facts.length + processes.length === 0) return undefined;
  return {
    id: "environment",
    title: "Environment",
    body: html`${facts.map(
      ({ title, facts: of }) => html`<h3>${title}</h3>${factTable(of)}`,
    )}${processes.length === 0 ? undefined : processTable(processes)}`,
  };
};
