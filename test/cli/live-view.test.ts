/** What stands on the screen of a terminal while a run trains, by a terminal's own reckoning. */
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import headless from "@xterm/headless";
import sharp from "sharp";
import { decode as decodeSixel } from "sixel";
import {
  chosenProtocol,
  pictureText,
  protocolOf,
  type TerminalPicture,
} from "../../src/cli/terminal/graphics.js";
import { progress } from "../../src/cli/terminal/progress.js";
import { samplesIn } from "../../src/cli/terminal/samples.js";
import { sparkline } from "../../src/cli/terminal/trend.js";
import { encodePng } from "../../src/data/images/image.js";
import { fitPicture } from "../../src/data/images/sheet.js";
import { beginning } from "../../src/training/program/schedule.js";
import { folderOf, noise } from "../data/pictures.js";

/** A terminal of that size: what is written to it, and what then stands on it. */
const screen = (columns: number, rows: number) => {
  const emulator = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  let written = "";
  let last = Promise.resolve();
  const err = {
    isTTY: true,
    columns,
    rows,
    // The terminal's driver turns a line feed into a new line.
    write: (text: string) => {
      written += text;
      last = new Promise((done) => emulator.write(text.replaceAll("\n", "\r\n"), done));
      return true;
    },
    on: () => err,
  };
  const lines = async (): Promise<readonly string[]> => {
    await last;
    const { buffer } = emulator;
    const all = Array.from(
      { length: buffer.active.length },
      (_, i) => buffer.active.getLine(i)?.translateToString(true) ?? "",
    );
    return all.slice(0, all.findLastIndex((line) => line !== "") + 1);
  };
  return { terminal: { out: err, err, env: {} }, lines, written: () => written };
};

const players = [
  { networks: ["G", "F"], leads: ["min[G, F]"] },
  { networks: ["D"], leads: ["lsgan.judge(D, G, history: 50)"] },
];

const metricsAt = (step: number) => ({
  "cycle(G, F)": 1 / (1 + step),
  "min[G, F]": 4 - step / 40,
  "lsgan.judge(D, G, history: 50)": 0.25,
});

const plan = { epochs: 2, steps: 120, start: beginning, players };

const trained = async (columns: number, rows: number) => {
  const { terminal, lines } = screen(columns, rows);
  const shown = progress(plan, terminal);
  for (let step = 0; step < 60; step++) {
    const position = { ...beginning, step, elapsed: 1000 * (step + 1) };
    shown.step(position, metricsAt(step));
    if (step % 20 !== 10) continue;
    shown.line(`sample      samples/${step}.png`);
    // The view is drawn ten times a second.
    await wait(150);
  }
  shown.stop();
  return lines();
};

test("losses stand below the bar with their trend, players' first, and words above", async () => {
  expect(await trained(80, 24)).toEqual([
    "sample      samples/10.png",
    "sample      samples/30.png",
    "sample      samples/50.png",
    "epoch 1/2  ██████░░░░░░  60/120  1 min left",
    "  min[G,F]             2.52  ██▇▇▆▆▅▅▄▃▃▂▂▁▁",
    "  judge(D,G)          0.250  ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅",
    "  cycle(G,F)         0.0167  █▃▂▁▁▁▁▁▁▁▁▁▁▁▁",
  ]);
});

test.each([
  [20, 24],
  [39, 30],
  [80, 10],
])("at %i columns and %i rows all stands in one line", async (columns, rows) => {
  const all = await trained(columns, rows);
  const bars = all.filter((line) => line.includes("60/120"));
  expect(bars).toHaveLength(1);
  expect(all.at(-1)).toBe(bars[0]);
});

test("a narrow terminal drops the trend before the values", async () => {
  const all = await trained(42, 24);
  expect(all.slice(-3)).toEqual([
    "  min[G,F]             2.52",
    "  judge(D,G)          0.250",
    "  cycle(G,F)         0.0167",
  ]);
});

test("a trend is drawn from its least to its greatest value", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([-5, 5, -5])).toBe("▁█▁");
  expect(sparkline([3, 3])).toBe("▅▅");
  expect(sparkline([])).toBe("");
});

test.each([
  [{ TERM: "xterm-kitty" }, "kitty"],
  [{ TERM: "xterm-256color", KITTY_WINDOW_ID: "1" }, "kitty"],
  [{ TERM: "xterm-ghostty" }, "kitty"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "iTerm.app" }, "iterm"],
  [{ TERM: "xterm-256color", LC_TERMINAL: "iTerm2", SSH_CONNECTION: "x" }, "iterm"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "WezTerm" }, "iterm"],
  [{ TERM: "foot" }, "sixel"],
  [{ TERM: "mlterm" }, "sixel"],
  [{ TERM: "xterm-256color" }, undefined],
  [{ TERM: "tmux-256color", KITTY_WINDOW_ID: "1" }, undefined],
  [{ TERM: "xterm-kitty", TMUX: "/tmp/tmux" }, undefined],
  [{ TERM: "dumb" }, undefined],
  [{}, undefined],
])("a terminal that says %j of itself shows pictures by %s", (env, protocol) => {
  expect(protocolOf(env)).toBe(protocol);
  expect(chosenProtocol("auto", env)).toBe(protocol);
  expect(chosenProtocol("none", env)).toBeUndefined();
  expect(chosenProtocol("sixel", env)).toBe("sixel");
});

const esc = "\u001b";

const picture = async (): Promise<TerminalPicture> =>
  fitPicture(await encodePng(noise(90, 120, 1)), { width: 60, height: 60 });

test("what is sent holds the picture: kitty and iTerm2 the file, sixels its pixels", async () => {
  const small = await picture();
  expect([small.width, small.height]).toEqual([60, 45]);
  const kitty = await pictureText("kitty", small);
  const chunks = kitty
    .split(`${esc}\\`)
    .slice(0, -1)
    .map((chunk) => /^._G([^;]*);(.*)$/.exec(chunk) ?? []);
  expect(chunks.map(([, keys]) => keys)).toEqual([
    "a=T,f=100,q=2,m=1",
    ...Array<string>(chunks.length - 2).fill("m=1"),
    "m=0",
  ]);
  expect(chunks.every(([, , data = ""]) => data.length <= 4096)).toBe(true);
  const sent = Buffer.from(chunks.map(([, , data]) => data).join(""), "base64");
  expect(sent.equals(Buffer.from(small.png))).toBe(true);
  const iterm = await pictureText("iterm", small);
  const [, keys, data = ""] = /^.\]1337;File=([^:]*):(.*).$/.exec(iterm) ?? [];
  expect(keys).toBe(`inline=1;size=${small.png.length};width=60px;height=45px`);
  expect(Buffer.from(data, "base64").equals(Buffer.from(small.png))).toBe(true);
  const flat = await sharp({ create: { width: 12, height: 7, channels: 3, background: "#f00" } })
    .png()
    .toBuffer();
  const red = await fitPicture(flat, { width: 99, height: 99 });
  const sixels = await pictureText("sixel", red);
  expect([sixels.startsWith(`${esc}P`), sixels.endsWith(`${esc}\\`)]).toEqual([true, true]);
  const shown = decodeSixel(sixels.slice(sixels.indexOf("q") + 1, -2));
  expect([shown.width, shown.height, shown.data32[0]]).toEqual([12, 7, 0xff0000ff]);
});

test("a sample is shown above the bar, not too often, not where nobody can see it", async () => {
  const folder = await folderOf({ "a.png": await encodePng(noise(30, 40, 1)), "b.png": "none" });
  const { terminal } = screen(80, 24);
  let time = 0;
  const texts: string[] = [];
  const listener = { picture: (text: string) => void texts.push(text) };
  const settled = () => wait(300);
  const kitty = { ...terminal, env: { TERM: "xterm-kitty" } };
  const shown = samplesIn(kitty, "auto", listener, () => time);
  shown.sample(`${folder}/a.png`);
  shown.sample(`${folder}/a.png`);
  await settled();
  expect(texts).toHaveLength(1);
  time = 20_000;
  shown.sample(`${folder}/b.png`);
  time = 40_000;
  shown.sample(`${folder}/gone.png`);
  time = 60_000;
  shown.sample(`${folder}/a.png`);
  shown.stop();
  await settled();
  expect(texts).toHaveLength(1);
  const pipe = { ...kitty, err: { ...kitty.err, isTTY: false } };
  samplesIn(pipe, "kitty", listener, () => time).sample(`${folder}/a.png`);
  samplesIn(kitty, "none", listener, () => time).sample(`${folder}/a.png`);
  await settled();
  expect(texts).toHaveLength(1);
});
