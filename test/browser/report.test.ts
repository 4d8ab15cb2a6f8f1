/**
 * The report of a run in a real browser: whole without a network, by keyboard, on a telephone,
 * light and dark.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { heard, openBrowser } from "../support/chromium.js";
import { ganc } from "../support/ganc.js";
import { hostile, smallRun } from "../support/small-run.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-report-"));
let browser: Browser;
let address: string;

beforeAll(async () => {
  const run = await smallRun(folder, 8);
  const { status, stdout } = ganc(["report", run, "--no-open"]);
  expect([status, stdout.trim()]).toEqual([0, join(run, "report.html")]);
  address = pathToFileURL(join(run, "report.html")).href;
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (
  width: number,
  colorScheme: "light" | "dark",
): Promise<{ page: Page; words: readonly string[] }> => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const words = heard(page);
  await page.goto(address);
  await page.waitForSelector(".chart canvas");
  return { page, words };
};

test.each(["light", "dark"] as const)(
  "in %s, nothing is asked for, thrown or cut off",
  async (scheme) => {
    for (const width of [360, 1280]) {
      const { page, words } = await open(width, scheme);
      const widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
      expect([words, widths]).toEqual([[], [width, width]]);
      expect(await page.title()).toBe("small: report of a run");
      expect(await page.locator("h1").textContent()).toBe("small");
      await page.close();
    }
  },
);

test("what users wrote stays text", async () => {
  const { page } = await open(1280, "light");
  expect(await page.locator("header p").textContent()).toContain("run <b>&amp;");
  expect(await page.locator("#spec pre").first().textContent()).toContain(hostile);
  expect(await page.locator("img[src=x], header b").count()).toBe(0);
  await page.close();
});

test("colours are of the scheme, and words stand out against their ground", async () => {
  const seen: unknown[] = [];
  for (const scheme of ["light", "dark"] as const) {
    const { page } = await open(1280, scheme);
    seen.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    const weakest = await page.evaluate(contrast);
    expect(weakest).toBeGreaterThan(4.5);
    await page.close();
  }
  expect(seen).toEqual(["rgb(255, 255, 255)", "rgb(20, 23, 27)"]);
});

/** The least contrast of any text to the ground behind it, by WCAG 2.2's formula. */
const contrast = `(() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map((n) => {
      const s = n / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const ratios = [...document.querySelectorAll("h1, h2, h3, p, dt, dd, a, label, .name, output, .code span, summary")]
    .filter((element) => element.textContent.trim() !== "")
    .map((element) => {
      const [a, b] = [getComputedStyle(element).color, ground(element)].map(light);
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
  return Math.min(...ratios);
})()`;

test("the slider through time and the wipe are worked by the keyboard", async () => {
  const { page, words } = await open(1280, "light");
  const gallery = page.locator("#samples");
  const when = gallery.locator(".when-slider");
  const label = gallery.locator(".time output");
  const source = () => gallery.locator("img.sheet").getAttribute("src");
  expect(await label.textContent()).toBe("epoch 1, step 8");
  const last = await source();
  await when.focus();
  await page.keyboard.press("Home");
  expect(await label.textContent()).toBe("epoch 0, step 2");
  expect(await source()).not.toBe(last);
  await page.keyboard.press("ArrowRight");
  expect(await label.textContent()).toBe("epoch 0, step 4");
  const share = gallery.locator(".share");
  const pixels = (): Promise<string> =>
    gallery
      .locator("canvas")
      .evaluate((canvas: unknown) => (canvas as { toDataURL(): string }).toDataURL());
  const half = await pixels();
  await share.focus();
  await page.keyboard.press("End");
  expect(await share.getAttribute("aria-valuetext")).toBe("100 % x, the rest G(x)");
  const whole = await pixels();
  await page.keyboard.press("Home");
  expect(new Set([half, whole, await pixels()]).size).toBe(3);
  await gallery.locator("select.right").selectOption({ label: "F(G(x))" });
  expect(await share.getAttribute("aria-valuetext")).toBe("0 % x, the rest F(G(x))");
  expect(words).toEqual([]);
  await page.close();
});

test("the newest state is looked at closely: real, fake, reconstructed and identity", async () => {
  const { page } = await open(1280, "light");
  const gallery = page.locator("#look-1");
  expect(await gallery.locator("h3").textContent()).toBe("G : X -> Y, looked at closely");
  const columns = await gallery.locator("select.right option").allTextContents();
  expect(columns).toEqual(["x", "G(x)", "F(G(x))", "F(x)"]);
  await gallery.locator("select.row").selectOption("5");
  await gallery.locator(".share").focus();
  await page.keyboard.press("End");
  expect(await gallery.locator(".share").getAttribute("aria-valuetext")).toBe(
    "100 % x, the rest G(x)",
  );
  expect(await page.locator("#data .thumbs img").count()).toBe(24);
  await page.close();
});

test("a chart tells its steps by the arrow keys, and the controls redraw it", async () => {
  const { page, words } = await open(1280, "light");
  const chart = page.locator(".chart").filter({ hasText: "cycle(G, F)" }).first();
  const output = chart.locator("output");
  expect(await output.textContent()).toMatch(/^last: [\d.]+$/);
  await chart.locator(".plot").focus();
  await page.keyboard.press("Home");
  expect(await output.textContent()).toMatch(/^step 0: /);
  await page.keyboard.press("ArrowRight");
  expect(await output.textContent()).toMatch(/^step 1: /);
  await page.locator("#smoothing").focus();
  await page.keyboard.press("Home");
  expect(await page.locator("#curve-controls output").textContent()).toBe("0.00");
  await page.locator("#axis").selectOption("epochs");
  await page.locator("#logarithmic").check();
  expect(await chart.locator("canvas").count()).toBe(1);
  expect(words).toEqual([]);
  await page.close();
});

test("drawings stand apart from the page's styles, and headings go down one by one", async () => {
  const { page } = await open(1280, "light");
  const drawn = await page.evaluate(
    "document.querySelectorAll('.drawing')[0].shadowRoot.querySelector('svg') !== null",
  );
  expect(drawn).toBe(true);
  const levels = (await page.evaluate(
    "[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))",
  )) as number[];
  expect(levels[0]).toBe(1);
  expect(levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1)).toEqual([]);
  await page.close();
});
