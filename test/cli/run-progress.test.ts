import { expect, test } from "@jest/globals";
import { estimator } from "../../src/cli/terminal/progress.js";
import {
  barLine,
  formatDuration,
  formatValue,
  statusLine,
} from "../../src/cli/terminal/progress-text.js";
import { colorsOf } from "../../src/cli/terminal/terminal.js";
import { beginning } from "../../src/training/program/schedule.js";

const status = {
  epoch: 137,
  epochs: 200,
  step: 182_345,
  steps: 266_800,
  players: [],
  metrics: {
    "min[G, F]": 4.1234,
    "lsgan.fool(G, D_Y)": 0.30119,
    "lsgan.judge(D_Y, G, history: 50)": 0.2501,
    "cycle(G, F)": 0.0712,
  },
  left: 3 * 3600e3 + 1,
};

test("at 80 columns the bar keeps epoch, steps, the first losses and the time left", () => {
  const line = barLine(status, 79);
  expect(line).toBe("epoch 137/200  ████████░░░░  182345/266800  min[G,F] 4.12  3 h left");
  expect(barLine(status, 119)).toContain("fool(G,D_Y) 0.301  judge(D_Y,G) 0.250");
});

test.each([20, 30, 40, 60, 79, 80, 120, 200])("no line is wider than %i columns", (width) => {
  expect(barLine(status, width).length).toBeLessThanOrEqual(width);
});

test("how every player fares is shown, shortened before any is dropped, and the bar goes first", () => {
  const players = [
    { networks: ["G", "F"], leads: ["min[G, F]"] },
    { networks: ["D_X"], leads: ["lsgan.judge(D_X, F, history: 50)"] },
    { networks: ["D_Y"], leads: ["lsgan.judge(D_Y, G, history: 50)"] },
  ];
  const metrics = { ...status.metrics, "lsgan.judge(D_X, F, history: 50)": 0.1982 };
  const trained = { ...status, players, metrics };
  expect(barLine(trained, 79)).toBe(
    "epoch 137/200  182345/266800  G,F 4.12  D_X 0.198  D_Y 0.250  3 h left",
  );
  expect(barLine(trained, 119)).toContain(
    "█░░░░░░  182345/266800  min[G,F] 4.12  judge(D_X,F) 0.198  judge(D_Y,G) 0.250  3 h left",
  );
  const early = { ...trained, epoch: 1, epochs: 9, step: 12, steps: 90 };
  expect(barLine(early, 79)).toBe(
    "epoch 1/9  ██░░░░░░░░░░  12/90  G,F 4.12  D_X 0.198  D_Y 0.250  3 h left",
  );
  // Two losses, and no whole: both tell of the player.
  const zeroSum = [
    { networks: ["G", "F"], leads: ["min[G, F]"] },
    { networks: ["D_X", "D_Y"], leads: ["gan(G, D_Y)", "gan(F, D_X)"] },
  ];
  const values = { "min[G, F]": 4, "cycle(G, F)": 1, "gan(G, D_Y)": -1.38, "gan(F, D_X)": -1.39 };
  expect(barLine({ ...early, players: zeroSum, metrics: values }, 79)).toBe(
    "epoch 1/9  12/90  min[G,F] 4.00  gan(G,D_Y) -1.38  gan(F,D_X) -1.39  3 h left",
  );
  for (let width = 20; width < 200; width++)
    expect(
      barLine({ ...trained, metrics: values, players: zeroSum }, width).length,
    ).toBeLessThanOrEqual(width);
});

test("of an expectation that is written in place its formula is shown", () => {
  const metrics = { "E[x ~ X, y ~ Y] softplus(D(G(x)))": 0.701, "E[y ~ Y] l1(F(y), 0)": 2 };
  expect(statusLine({ ...status, metrics }, 120)).toContain(
    "  softplus(D(G(x)… 0.701  l1(F(y),0) 2.00  ",
  );
});

test("a log's line has no bar and more losses", () => {
  expect(statusLine(status, 120)).toBe(
    "epoch 137/200  step 182345/266800  min[G,F] 4.12  fool(G,D_Y) 0.301  judge(D_Y,G) 0.250  cycle(G,F) 0.0712  3 h left",
  );
});

test.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [59_600, "1 min"],
  [3_599_000, "1 h"],
  [3_660_000, "1 h 1 min"],
  [26 * 3_600_000, "1 d 2 h"],
])("%i ms are %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, "0"],
  [0.0123456, "0.0123"],
  [12.3456, "12.3"],
  [1234.56, "1235"],
  [123456, "1.2e+5"],
  [0.00001, "1.0e-5"],
])("%d is shown as %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test("the time left follows the steps and the limit in time, and forgets the first, slow step", () => {
  const steady = estimator({ epochs: 1, steps: 100, start: beginning });
  expect(steady(1, 60_000)).toBeUndefined();
  expect(steady(2, 60_100)).toBe(9_800);
  expect(steady(3, 60_200)).toBeCloseTo(9_700);
  const limited = estimator({ epochs: 1, steps: 100, start: beginning, timeLimit: 61_000 });
  limited(1, 60_000);
  expect(limited(2, 60_100)).toBe(900);
});

test("colours are for terminals, and for those who want them", () => {
  const write = () => undefined;
  const red = (isTTY: boolean, env: Record<string, string>) =>
    colorsOf({ write, isTTY }, env).red("x");
  expect(red(true, {})).toBe("\u001b[31mx\u001b[39m");
  expect(red(true, { NO_COLOR: "1" })).toBe("x");
  expect(red(true, { TERM: "dumb" })).toBe("x");
  expect(red(false, {})).toBe("x");
});
