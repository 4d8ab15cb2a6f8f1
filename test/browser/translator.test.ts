/**
 * Pages that translate pictures, in a real browser: the one that a run serves, and the one that has
 * a network in it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { heard, openBrowser } from "../support/chromium.js";
import { ganc } from "../support/ganc.js";
import { root } from "../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-translator-"));
const run = join(folder, "run");
let browser: Browser;

const spec = `domain X = image(16)
domain Y = image(16)
net G : X -> Y = reflect_pad(1) >> conv(3, 4, stride: 2) >> instance_norm >> relu >>
  conv(3, 4, stride: 2, pad: 1) >> relu >> upsample(4) >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))
  then min[G] E[x ~ X] softplus(-D(G(x)))
}
train { optimizer: adam(1e-1) schedule: constant(3) batch: 2 }`;

const picture = async (path: string, width: number, height: number): Promise<void> => {
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => 128 + 100 * Math.sin(i / 7),
  );
  writeFileSync(
    path,
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
};

beforeAll(async () => {
  for (const domain of ["X", "Y"]) {
    mkdirSync(join(folder, domain));
    // As many as are needed to know what they are like
    for (const name of "abcdefghijkl") await picture(join(folder, domain, `${name}.png`), 16, 16);
  }
  writeFileSync(join(folder, "game.gan"), spec);
  await picture(join(folder, "odd.png"), 37, 22);
  const data = ["--data", `X=${join(folder, "X")}`, `Y=${join(folder, "Y")}`];
  const trained = ganc(["run", join(folder, "game.gan"), ...data, "--out", run]);
  expect([trained.status, trained.status === 0 ? "" : trained.stderr]).toEqual([0, ""]);
  const own = ganc(["translate", run, join(folder, "odd.png")]);
  expect(own.status).toBe(0);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const levels = (bytes: Uint8Array): Promise<Buffer> => sharp(bytes).removeAlpha().raw().toBuffer();

/** What the page made of the picture, as its link gives it. */
const downloaded = async (page: Page, name: string): Promise<Uint8Array> => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("article a").first().click(),
  ]);
  expect(download.suggestedFilename()).toBe(name);
  return readFileSync(await download.path());
};

/** That the page makes of the picture what `ganc translate` makes of it. */
const expectTranslated = async (page: Page, most: number): Promise<void> => {
  await page.setInputFiles("#files", [join(folder, "odd.png")]);
  await page.waitForSelector("article[data-state=done]", { timeout: 60_000 });
  const made = await downloaded(page, "odd.png");
  expect(await sharp(made).metadata()).toMatchObject({ width: 37, height: 22 });
  const own = await levels(readFileSync(join(run, "translated/G/odd.png")));
  const other = await levels(made);
  expect(Math.max(...own.map((level, i) => Math.abs(level - (other[i] ?? 0))))).toBeLessThanOrEqual(
    most,
  );
};

test("a page with the network in it translates from a file, and asks for nothing", async () => {
  const exported = ganc(["export", run, "--format", "page", "-o", join(folder, "out")]);
  expect([exported.status, exported.stderr]).toEqual([
    0,
    expect.stringContaining("of the range from the run"),
  ]);
  const page = await browser.newPage({ viewport: { width: 360, height: 800 } });
  const words = heard(page);
  await page.goto(pathToFileURL(join(folder, "out/G.html")).href);
  await expectTranslated(page, 1);
  const slider = page.locator("article input[type=range]");
  await slider.focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  expect(await page.locator(".wipe").getAttribute("style")).toContain("--at: 55%");
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  expect(words.filter((line) => !/^asked for blob:/.test(line))).toEqual([]);
  await page.close();
});

test("a picture that is none is told, and the next is translated", async () => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(join(folder, "out/G.html")).href);
  writeFileSync(join(folder, "none.png"), "no picture");
  await page.setInputFiles("#files", [join(folder, "none.png")]);
  await page.waitForSelector("article[data-state=failed]");
  expect(await page.locator(".failed").textContent()).toBe(
    "This browser cannot read that picture.",
  );
  await expectTranslated(page, 1);
  await page.close();
});

let serving: ChildProcess | undefined;
afterAll(() => void serving?.kill("SIGKILL"));

/** `ganc serve` as a process, and where it listens. */
const served = async (): Promise<{ readonly child: ChildProcess; readonly address: string }> => {
  const child = spawn(process.execPath, [join(root, "bin/ganc.js"), "serve", run, "--no-open"]);
  serving = child;
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (text: Buffer) => resolve(text.toString().trim()));
    child.on("exit", () => reject(new Error("it ended")));
  });
  return { child, address };
};

test("a run's own page takes several pictures, and ends with Ctrl-C", async () => {
  const { child, address } = await served();
  const page = await browser.newPage();
  const words = heard(page);
  await page.goto(address);
  expect(await page.title()).toBe("game: G");
  await expectTranslated(page, 0);
  expect(await page.locator("article .warned").textContent()).toMatch(
    /^The picture is unlike the training images of X: .* than any \(/,
  );
  await page.setInputFiles(
    "#files",
    ["a", "b"].map((name) => join(folder, "X", `${name}.png`)),
  );
  await page.locator("article[data-state=done]").nth(2).waitFor();
  // Those it learnt from are passed in silence.
  expect(await page.locator("article .warned").count()).toBe(1);
  const none = join(folder, "none.png");
  await page.setInputFiles("#files", [none]);
  await page.waitForSelector("article[data-state=failed]");
  expect(await page.locator(".failed").textContent()).toContain(
    "The picture cannot be read: its content is not an image that can be read",
  );
  const asked = words.filter(
    (line) => !/^asked for (?:blob:|http:\/\/127\.0\.0\.1:\d+\/translate)/.test(line),
  );
  expect(asked.filter((line) => !line.includes("422"))).toEqual([]);
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGINT");
  expect(await ended).toBe(0);
  await page.close();
});
