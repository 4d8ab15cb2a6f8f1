/** The curves of a report: a chart each, with shared controls. */
import type { RunContents } from "./contents.js";
import { type Html, html } from "./html.js";
import type { PagePart } from "./parts.js";
import type { PayloadCurves } from "./payload.js";
import { rateName } from "./thinning.js";

const isTotal = (name: string): boolean => /^(?:min|max)\[/.test(name);

const groups: readonly {
  readonly title: string;
  readonly holds: (name: string) => boolean;
}[] = [
  { title: "Terms", holds: (name) => !isTotal(name) && name !== rateName },
  { title: "What each player lowers or raises", holds: isTotal },
  { title: "Schedule", holds: (name) => name === rateName },
];

const axisChoice = html`<label>Across <select id="axis">
<option value="steps">steps</option><option value="epochs">epochs</option><option value="hours">hours of training</option>
</select></label>`;

const chart = (name: string, group: number, at: number): Html =>
  html`<figure class="chart" data-curve="${group}.${at}"><figcaption><span class="name">${name}</span> <output></output></figcaption><div class="plot"></div></figure>`;

const curveGroup = (names: readonly string[], { title, holds }: (typeof groups)[number]): Html => {
  const charts = names.flatMap((name, at) => (holds(name) ? [chart(name, 0, at)] : []));
  return charts.length === 0 ? html`` : html`<h3>${title}</h3><div class="charts">${charts}</div>`;
};

const stepsOf = ({ steps }: PayloadCurves): number => (steps[1] ?? 0) - (steps[0] ?? 0);

/** Lists all curves of a page, those of the log first. */
export const curvesIn = ({ curves, measureCurves }: RunContents): readonly PayloadCurves[] => [
  curves ?? { steps: [], epochs: [], hours: [], curves: [] },
  ...(measureCurves === undefined ? [] : [measureCurves]),
];

/** Writes the charts of the measures over time. */
export const measureCharts = ({ measureCurves }: RunContents): Html | undefined =>
  measureCurves === undefined
    ? undefined
    : html`<h3>Over time</h3><p>The band is the 95 % interval.</p><div class="charts">${measureCurves.curves.map(
        ({ name }, at) => chart(name, 1, at),
      )}</div>`;

export const curvesPart = ({ curves }: RunContents): PagePart | undefined => {
  if (curves === undefined) return undefined;
  const names = curves.curves.map(({ name }) => name);
  const width = stepsOf(curves);
  const thinned =
    curves.curves[0]?.low === undefined
      ? ""
      : ` A point stands for ${width} steps: the line is their mean, the band spans their least and greatest value.`;
  return {
    id: "curves",
    title: "Curves",
    body: html`<p>Each curve has its own axis. Drag over a chart to look closer, double-click to see all again; with the keyboard,
the arrow keys move through the steps of the chart that has the focus.${thinned}</p>
<form class="controls" id="curve-controls">
<label>Smoothing <input type="range" id="smoothing" min="0" max="0.99" step="0.01" value="0.6"> <output for="smoothing">0.60</output></label>
${axisChoice}
<label><input type="checkbox" id="logarithmic"> logarithmic, where all values are above 0</label>
<button type="button" id="all-steps">All steps</button>
</form>
${groups.map((group) => curveGroup(names, group))}
<noscript><p>The curves are drawn by a script, which this browser does not run.</p></noscript>`,
  };
};
