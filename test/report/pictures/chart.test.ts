import { expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/data/images/decode.js";
import { chartSvg, renderChart, ticks } from "../../../src/report/pictures/chart.js";
import { ok } from "../../data/pictures.js";

test.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.13, 0.42, [0.1, 0.2, 0.3, 0.4, 0.5]],
  [0, 10_000, [0, 2000, 4000, 6000, 8000, 10_000]],
  [-3, 4, [-4, -2, 0, 2, 4]],
  [5, 5, [5, 6]],
  [0.0012, 0.0019, [0.0012, 0.0014, 0.0016, 0.0018, 0.002]],
])("ticks of [%d, %d]", (low, high, expected) => {
  expect(ticks(low, high)).toEqual(expected);
});

const pathsOf = (svg: string): string[] =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map((match) => match[1] ?? "");

test("a line goes from the lower left of the plot to its upper right", () => {
  const svg = chartSvg("Losses", [
    {
      label: "cycle",
      points: [
        [0, 0],
        [10, 1],
      ],
    },
  ]);
  expect(pathsOf(svg)).toEqual(["M70.0 376.0L710.0 40.0"]);
});

test("what is not finite leaves a gap", () => {
  const points = [
    [0, 0],
    [1, 1],
    [2, Number.NaN],
    [3, Number.POSITIVE_INFINITY],
    [4, 1],
    [5, 0],
  ] as const;
  const [path] = pathsOf(chartSvg("", [{ label: "D_X", points }]));
  expect(path?.match(/[ML]/g)?.join("")).toBe("MLML");
});

test("long lines are averaged, not thinned out", () => {
  const points = Array.from({ length: 30_000 }, (_, i) => [i, i % 2] as const);
  const [path] = pathsOf(
    chartSvg("", [
      { label: "odd", points },
      {
        label: "",
        points: [
          [0, 1],
          [1, 0],
        ],
      },
    ]),
  );
  const heights = [...(path ?? "").matchAll(/ ([\d.]+)/g)].map((match) => Number(match[1]));
  expect(heights.length).toBe(300);
  expect(new Set(heights)).toEqual(new Set([208]));
});

test("a chart of anything is an image: no line, one point, names with markup", async () => {
  for (const lines of [[], [{ label: "<G & F>", points: [[3, 0.5]] as const }]]) {
    const image = ok(await decodeImage(await renderChart("a < b", lines)));
    expect([image.width, image.height]).toEqual([900, 420]);
  }
});

test("a long name is cut, and stays large enough to be read", () => {
  const svg = chartSvg("", [{ label: `${"x".repeat(27)}yz`, points: [[0, 1]] }]);
  expect(svg).toContain(`>${"x".repeat(27)}…<`);
  const sizes = [...svg.matchAll(/font-size="([\d.]+)">x/g)].map(([, size]) => Number(size));
  expect(sizes.every((size) => size > 7)).toBe(true);
  expect(sizes).toHaveLength(1);
});
