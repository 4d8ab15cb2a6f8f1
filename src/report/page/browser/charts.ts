/** Draws the curves of a report, a chart each, with a cursor that all share. */
import uPlot from "uplot";
import chartStyle from "uplot/dist/uPlot.min.css";
import type { PayloadCurve, PayloadCurves } from "../payload.js";
import { figure, smoothed } from "./smoothing.js";

type Across = "steps" | "epochs" | "hours";

interface View {
  readonly across: Across;
  /** In [0, 1). */
  readonly smoothing: number;
  readonly isLogarithmic: boolean;
}

const height = 190;

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

type Values = (number | null)[];

const copy = (values: readonly (number | null)[] | undefined): Values => [...(values ?? [])];

/** Series of a chart: x, greatest, least, mean, smoothed mean. */
const dataOf = (all: PayloadCurves, curve: PayloadCurve, view: View): uPlot.AlignedData => [
  [...all[view.across]],
  copy(curve.high ?? curve.mean),
  copy(curve.low ?? curve.mean),
  copy(curve.mean),
  copy(smoothed(curve.mean, view.smoothing)),
];

const isPositive = ({ low, mean }: PayloadCurve): boolean =>
  (low ?? mean).every((value) => value === null || value > 0);

const optionsOf = (
  curve: PayloadCurve,
  view: View,
  width: number,
  told: (chart: uPlot) => void,
): uPlot.Options => {
  const axis: uPlot.Axis = {
    stroke: () => colour("faint"),
    grid: { stroke: () => colour("line"), width: 1 },
    ticks: { stroke: () => colour("line"), width: 1 },
    font: "12px system-ui, sans-serif",
  };
  const line = (name: string, thick: number): uPlot.Series => ({
    stroke: () => colour(name),
    width: thick,
    points: { show: false },
    spanGaps: false,
  });
  const hidden: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false } };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { sync: { key: "curves" }, y: false, points: { size: 7 }, drag: { x: true, y: false } },
    scales: {
      x: { time: false },
      y: { distr: view.isLogarithmic && isPositive(curve) ? 3 : 1 },
    },
    axes: [
      { ...axis, space: 56 },
      {
        ...axis,
        size: 58,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : figure(tick))),
      },
    ],
    series: [{}, hidden, hidden, line("pale", 1), line("accent", 2)],
    bands: [{ series: [1, 2], fill: () => colour("band") }],
    hooks: { setCursor: [told] },
  };
};

class Chart {
  private plot: uPlot | undefined;
  private readonly output: HTMLOutputElement | null;
  private readonly place: HTMLElement;

  constructor(
    host: HTMLElement,
    private readonly all: PayloadCurves,
    private readonly curve: PayloadCurve,
    private view: View,
  ) {
    this.output = host.querySelector("output");
    this.place = host.querySelector<HTMLElement>(".plot") ?? host;
    this.place.tabIndex = 0;
    this.place.setAttribute("role", "application");
    this.place.setAttribute("aria-roledescription", "chart");
    this.place.addEventListener("keydown", (event) => this.key(event));
    this.tell(undefined);
  }

  show(view: View): void {
    this.view = view;
    this.plot?.destroy();
    this.plot = undefined;
    this.draw();
  }

  draw(): void {
    const width = this.place.clientWidth;
    if (width === 0) return;
    if (this.plot !== undefined) {
      this.plot.setSize({ width, height });
      return;
    }
    const told = (chart: uPlot) => this.tell(chart.cursor.idx ?? undefined);
    const options = optionsOf(this.curve, this.view, width, told);
    this.plot = new uPlot(options, dataOf(this.all, this.curve, this.view), this.place);
  }

  repaint(): void {
    this.plot?.redraw(false, true);
  }

  allSteps(): void {
    const across = this.all[this.view.across];
    this.plot?.setScale("x", { min: across[0] ?? 0, max: across.at(-1) ?? 1 });
  }

  private tell(at: number | undefined): void {
    const { mean, low, high } = this.curve;
    const last = mean.length - 1;
    const k = at ?? last;
    const step = this.all.steps[k] ?? 0;
    const span = low === undefined ? "" : ` (${figure(low[k])} to ${figure(high?.[k])})`;
    const words = `${at === undefined ? "last" : `step ${step.toLocaleString("en-US")}`}: ${figure(mean[k])}${span}`;
    if (this.output !== null) this.output.textContent = words;
    this.place.setAttribute("aria-label", `${this.curve.name}, ${words}`);
  }

  /** Moves the cursor of all charts with the arrow keys, as the pointer does. */
  private key(event: KeyboardEvent): void {
    const { plot } = this;
    if (plot === undefined) return;
    const last = this.all.steps.length - 1;
    const at = plot.cursor.idx ?? last;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageUp: at - 20,
      PageDown: at + 20,
      Home: 0,
      End: last,
    };
    const asked = moves[event.key];
    if (asked === undefined) return;
    event.preventDefault();
    const to = Math.min(last, Math.max(0, asked));
    const left = plot.valToPos(this.all[this.view.across][to] ?? 0, "x");
    plot.setCursor({ left, top: 1 });
  }
}

const control = <E extends HTMLElement>(id: string): E | null =>
  document.querySelector<E>(`#${id}`);

const viewNow = (): View => ({
  across: (control<HTMLSelectElement>("axis")?.value ?? "steps") as Across,
  smoothing: Number(control<HTMLInputElement>("smoothing")?.value ?? 0),
  isLogarithmic: control<HTMLInputElement>("logarithmic")?.checked ?? false,
});

/** Draws every chart of the page, and again whenever its controls, width or colours change. */
export const showCurves = (groups: readonly PayloadCurves[]): void => {
  const style = document.createElement("style");
  style.textContent = chartStyle;
  document.head.prepend(style);
  const hosts = [...document.querySelectorAll<HTMLElement>("[data-curve]")];
  const view = viewNow();
  const charts = hosts.flatMap((host) => {
    const [group = 0, at = 0] = (host.dataset.curve ?? "").split(".").map(Number);
    const all = groups[group];
    const curve = all?.curves[at];
    return all === undefined || curve === undefined ? [] : [new Chart(host, all, curve, view)];
  });
  const form = control<HTMLFormElement>("curve-controls");
  form?.addEventListener("submit", (event) => event.preventDefault());
  form?.addEventListener("input", () => {
    const next = viewNow();
    const output = form.querySelector("output");
    if (output !== null) output.textContent = next.smoothing.toFixed(2);
    for (const chart of charts) chart.show(next);
  });
  control("all-steps")?.addEventListener("click", () => {
    for (const chart of charts) chart.allSteps();
  });
  const watch = new ResizeObserver(() => {
    for (const chart of charts) chart.draw();
  });
  for (const host of hosts) watch.observe(host);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const chart of charts) chart.repaint();
  });
};
