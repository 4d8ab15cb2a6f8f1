/** Draws losses over steps as a line chart: SVG for documents, PNG for run directories. */
import { isLeft } from "fp-ts/lib/Either.js";
import { drawSvg } from "../../data/images/decode.js";
import { encodePng } from "../../data/images/image.js";
import { escapeXml } from "../text/xml.js";

export interface Line {
  readonly label: string;
  /** `[step, value]` in the order of steps. Values that are not finite leave a gap. */
  readonly points: readonly (readonly [number, number])[];
}

/** Sizes in pixels. */
const LOOK = { width: 900, height: 420, left: 70, right: 190, top: 40, bottom: 44 } as const;
const PLOT = {
  width: LOOK.width - LOOK.left - LOOK.right,
  height: LOOK.height - LOOK.top - LOOK.bottom,
} as const;

/**
 * Okabe and Ito's palette, which colour-blind readers can distinguish:
 * https://jfly.uni-koeln.de/color/
 */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/** Most points of a line; more are averaged in runs, since a chart has no more pixels. */
const POINTS = 300;

/** Returns about five round numbers that span [low, high]. */
export const ticks = (low: number, high: number): readonly number[] => {
  const span = high > low ? high - low : Math.max(1, Math.abs(low));
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = power * ([1, 2, 5, 10].find((factor) => span / (factor * power) <= 5) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  // A multiple, divided if the step is a fraction, prints without a remainder.
  return Array.from({ length: last - first + 1 }, (_, k) =>
    step < 1 ? (first + k) / Math.round(1 / step) : (first + k) * step,
  );
};

/**
 * Averages equally long runs of points, to at most `POINTS`. Each stands at its run's last step.
 */
const thin = (points: Line["points"]): Line["points"] => {
  const run = Math.ceil(points.length / POINTS);
  if (run <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / run) }, (_, k) => {
    const part = points.slice(k * run, (k + 1) * run);
    const sum = part.reduce((total, [, value]) => total + value, 0);
    return [part.at(-1)?.[0] ?? 0, sum / part.length] as const;
  });
};

interface Axis {
  readonly ticks: readonly number[];
  /** Maps a value to a pixel. */
  readonly place: (value: number) => number;
}

const axis = (values: readonly number[], start: number, end: number): Axis => {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), finite[0] ?? 0);
  const high = finite.reduce((a, b) => Math.max(a, b), finite[0] ?? 1);
  const marks = ticks(low, high);
  const [first, last] = [marks[0] ?? 0, marks.at(-1) ?? 1];
  return {
    ticks: marks,
    place: (value) => start + ((value - first) / (last - first)) * (end - start),
  };
};

const pathOf = (points: Line["points"], x: Axis, y: Axis): string => {
  let pen = "M";
  return points
    .map(([step, value]) => {
      if (!Number.isFinite(value)) {
        pen = "M";
        return "";
      }
      const drawn = `${pen}${x.place(step).toFixed(1)} ${y.place(value).toFixed(1)}`;
      pen = "L";
      return drawn;
    })
    .join("");
};

const gridLines = (x: Axis, y: Axis): string => {
  const base = LOOK.top + PLOT.height;
  const across = y.ticks.map((value) => {
    const at = y.place(value).toFixed(1);
    return `<path d="M${LOOK.left} ${at}h${PLOT.width}" stroke="#e2e2e2"/><text x="${LOOK.left - 8}" y="${at}" dy="4" text-anchor="end">${value}</text>`;
  });
  const down = x.ticks.map((value) => {
    const at = x.place(value).toFixed(1);
    return `<path d="M${at} ${base}v5" stroke="#888"/><text x="${at}" y="${base + 20}" text-anchor="middle">${value}</text>`;
  });
  return [...across, ...down, `<path d="M${LOOK.left} ${base}h${PLOT.width}" stroke="#888"/>`].join(
    "",
  );
};

/** Most characters of a name; more would be too small to read. */
const longest = 28;

const legendName = (label: string): string =>
  label.length <= longest ? label : `${label.slice(0, longest - 1)}…`;

const legend = (lines: readonly Line[]): string =>
  lines
    .map(({ label: whole }, i) => {
      const label = legendName(whole);
      const y = LOOK.top + 10 + 22 * i;
      const x = LOOK.left + PLOT.width + 18;
      const room = LOOK.right - 18 - 34;
      const size = Math.min(13, room / (0.62 * Math.max(1, label.length)));
      return `<path d="M${x} ${y}h20" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="3"/><text x="${x + 28}" y="${y + 4}" font-size="${size.toFixed(2)}">${escapeXml(label)}</text>`;
    })
    .join("");

/**
 * Draws the chart as an SVG document. Lines of more than 300 points show means over equal runs of
 * steps.
 */
export const chartSvg = (title: string, lines: readonly Line[]): string => {
  const drawn = lines.map(({ label, points }) => ({ label, points: thin(points) }));
  const points = drawn.flatMap((line) => line.points);
  const x = axis(
    points.map(([step]) => step),
    LOOK.left,
    LOOK.left + PLOT.width,
  );
  const y = axis(
    points.map(([, value]) => value),
    LOOK.top + PLOT.height,
    LOOK.top,
  );
  const paths = drawn.map(
    (line, i) =>
      `<path d="${pathOf(line.points, x, y)}" fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.8" stroke-linejoin="round"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LOOK.width}" height="${LOOK.height}" font-family="'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif" font-size="12" fill="#333">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${LOOK.left}" y="24" font-size="16">${escapeXml(title)}</text>`,
    gridLines(x, y),
    ...paths,
    legend(drawn),
    "</svg>",
  ].join("");
};

/** Draws the chart as a PNG file. */
export const renderChart = async (title: string, lines: readonly Line[]): Promise<Uint8Array> => {
  const drawn = await drawSvg(chartSvg(title, lines));
  // The document is complete and escaped, so a failure to parse is a defect of this file.
  if (isLeft(drawn)) throw new Error(`the chart cannot be drawn: ${drawn.left}`);
  return encodePng(drawn.right);
};
