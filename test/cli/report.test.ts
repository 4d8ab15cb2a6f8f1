/**
 * `ganc report` of runs as they are found: whole, cut off, broken, empty, and of what is no run.
 */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ganc } from "../support/ganc.js";
import { smallRun } from "../support/small-run.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-report-"));
let run: string;

beforeAll(async () => {
  run = await smallRun(folder, 4);
  cpSync(join(run, "report.html"), join(folder, "by-run.html"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

let copies = 0;

/** A copy of the run. */
const copied = (): string => {
  const copy = join(folder, `copy-${++copies}`);
  cpSync(run, copy, { recursive: true });
  return copy;
};

const reportOf = (path: string, ...args: readonly string[]) =>
  ganc(["report", path, "--no-open", ...args], { cwd: folder });

const page = (path: string): string => readFileSync(join(path, "report.html"), "utf8");

const headings = (html: string): readonly string[] =>
  [...html.matchAll(/<h2[^>]*>([^<]+)/g)].map(([, title = ""]) => title);

const troubles = (html: string): readonly string[] =>
  [...html.matchAll(/<p class="trouble">([^<]+)/g)].map(([, words = ""]) => words);

const all = ["Overview", "Pictures", "Curves", "Game and networks", "Spec", "Data", "Environment"];

test("a whole run has every part, and its page is reached by the path that is printed", () => {
  const copy = copied();
  const { status, stdout, stderr } = reportOf(copy);
  expect([status, stdout, stderr]).toEqual([0, "copy-1/report.html\n", ""]);
  expect(headings(page(copy))).toEqual(all);
  expect(reportOf(copy, "-o", "pages/deep/one.html").stdout).toBe("pages/deep/one.html\n");
  expect(readFileSync(join(folder, "pages/deep/one.html"), "utf8")).toContain("<!doctype html>");
});

test("a run writes its page by itself, and it is the one that is made of the folder", () => {
  const own = readFileSync(join(folder, "by-run.html"), "utf8");
  const copy = copied();
  reportOf(copy);
  const comparable = (html: string) =>
    html
      .replaceAll(/<header>.*?<nav/gs, "")
      .replaceAll(/copy-\d+/g, "")
      // A run of seconds leaves the drawings out.
      .replaceAll(/<section id="networks".*?<\/section>|<li><a href="#networks".*?<\/li>/gs, "")
      // An engine that only translates may round otherwise.
      .replaceAll(/data:image[^"]*/g, "");
  expect(comparable(own)).toBe(comparable(page(copy)));
  expect(own).toContain("stopped as --steps asked");
  expect(own).not.toContain('class="badge"');
});

test("a run that goes on tells of the steps before, and writes no page where none is wanted", async () => {
  const copy = copied();
  const go = (...args: readonly string[]) =>
    ganc(["run", copy, "--resume", ...args], { cwd: folder });
  rmSync(join(copy, "report.html"));
  expect(go("--steps", "5", "--no-report").status).toBe(0);
  expect(existsSync(join(copy, "report.html"))).toBe(false);
  expect(go("--steps", "6").status).toBe(0);
  expect(page(copy)).toContain('"steps":[0,1,2,3,4,5]');
  expect(page(copy).match(/<td>stopped as --steps asked/g)).toHaveLength(3);
});

test("a line that is being written, and lines that are none, leave the others", () => {
  const copy = copied();
  appendFileSync(join(copy, "metrics.jsonl"), 'no line\n{"step":4,"epoch":0,"ra');
  expect(reportOf(copy).status).toBe(0);
  expect(page(copy)).toContain('"steps":[0,1,2,3]');
});

test("of a run that has made nothing there is a page that says so", () => {
  const copy = copied();
  for (const name of ["metrics.jsonl", "samples", "checkpoints", "saved.json", "evaluation"])
    rmSync(join(copy, name), { recursive: true, force: true });
  expect(reportOf(copy).status).toBe(0);
  expect(headings(page(copy))).toEqual(all.filter((name) => !/Curves|Pictures/.test(name)));
  expect(page(copy)).toContain("none yet");
});

test("a broken manifest costs what it says, and the page says why", () => {
  const copy = copied();
  writeFileSync(join(copy, "manifest.json"), "{");
  expect(reportOf(copy).status).toBe(0);
  expect(headings(page(copy))).toEqual(["Overview", "Pictures", "Curves", "Environment"]);
  expect(page(copy)).toContain("manifest.json is not JSON, or is cut off");
});

test("a picture that is none is left out", () => {
  const copy = copied();
  writeFileSync(join(copy, "samples", "epoch-0000-step-00000002.png"), "no picture");
  expect(reportOf(copy).status).toBe(0);
  expect(page(copy)).toContain("epoch 0, step 4");
  expect(page(copy)).not.toContain("epoch 0, step 2");
});

test("images that are gone, and a damaged checkpoint, are said and cost no more", () => {
  const copy = copied();
  renameSync(join(folder, "images"), join(folder, "elsewhere"));
  const gone = reportOf(copy);
  renameSync(join(folder, "elsewhere"), join(folder, "images"));
  expect(gone.status).toBe(0);
  expect(headings(page(copy))).toEqual(all);
  expect(troubles(page(copy))).toEqual([expect.stringMatching(/images: there is no such folder/)]);
  expect(page(copy)).toContain("Samples over time");
  const [name = ""] = readdirSync(join(copy, "checkpoints")).filter((one) =>
    one.endsWith(".safetensors"),
  );
  writeFileSync(join(copy, "checkpoints", name), "damaged");
  expect(reportOf(copy).status).toBe(0);
  expect(page(copy)).toContain("Samples over time");
});

test("measures and monitors' words are told, those over time as curves", () => {
  const copy = copied();
  const row = { network: "G", name: "ssim <b>", low: 0.1, high: 0.5, count: 60, better: "higher" };
  const measured = [1, 3].map((step) => ({
    step,
    epoch: 0,
    measures: [{ ...row, value: 0.1 * step }],
  }));
  const lines = measured.map((line) => `${JSON.stringify(line)}\n`).join("");
  writeFileSync(join(copy, "measures.jsonl"), `${lines}{"step":`);
  const said = { saw: "D has <won>", means: "It is too strong.", write: "clip[D]: 0.01" };
  const word = { step: 7, epoch: 1, monitor: "dominance", level: "warning", ...said };
  writeFileSync(join(copy, "monitors.jsonl"), `${JSON.stringify(word)}\nnot a word\n`);
  mkdirSync(join(copy, "evaluation"), { recursive: true });
  const checkpoints = [{ checkpoint: "best", ...measured[1] }];
  const about = { run: "r", split: "test", images: { X: 6 }, pairs: 0 };
  const evaluation = { format: 1, ...about, checkpoints, doubts: ["Few images."] };
  writeFileSync(join(copy, "evaluation", "evaluation.json"), JSON.stringify(evaluation));
  expect(reportOf(copy).status).toBe(0);
  const html = page(copy);
  expect(headings(html).slice(0, 3)).toEqual(["Overview", "Warnings", "Measures"]);
  expect(html).toContain("D has &lt;won&gt;");
  expect(html).toContain("The best checkpoint, step 3, on test images");
  expect(html).toMatch(/ssim &lt;b&gt;<\/th><td>G<\/td><td class="figure">0.3000<\/td>/);
  expect(html).toContain('"steps":[1,3]');
  expect(html).toContain("Few images.");
});

test("a card is written into the run, again too, and never over what a person wrote", () => {
  const copy = copied();
  const card = () => readFileSync(join(copy, "README.md"), "utf8");
  for (const _ of [1, 2]) expect(reportOf(copy, "--card").status).toBe(0);
  expect(card()).toMatch(/^\| X \| 24x24x3 \| 6 \|$/m);
  expect(card()).toContain("(<samples/epoch-0000-step-00000004.png>)");
  expect(card()).not.toContain(folder);
  writeFileSync(join(copy, "README.md"), "my own");
  const { status, stderr } = reportOf(copy, "--card");
  expect([status, stderr]).toEqual([1, expect.stringContaining("was not written by ganc")]);
  expect(card()).toBe("my own");
  expect(reportOf(copy, "--card", "-o", "cards/one.md").stdout).toBe("cards/one.md\n");
  expect(readFileSync(join(folder, "cards/one.md"), "utf8")).not.toContain("![");
});

test("what is no run, and what cannot be written, is said in a line", () => {
  mkdirSync(join(folder, "nothing"));
  for (const path of ["nothing", "gone"]) {
    const { status, stderr } = reportOf(path);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: [^\n]+\n$/)]);
  }
  const { status, stderr } = reportOf(run, "-o", "small.gan/page.html");
  expect([status, stderr]).toEqual([1, expect.stringContaining("small.gan")]);
});
