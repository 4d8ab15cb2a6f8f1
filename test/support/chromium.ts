/** A real browser for tests of pages: it tells of everything that a page says and asks for. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { root } from "./specs.js";

/** Debian's, installed where it is missing. */
export const openBrowser = (): Promise<Browser> => {
  const script = join(root, "scripts/chromium.js");
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const args = ["--no-sandbox", "--disable-gpu", "--force-device-scale-factor=1"];
  return chromium.launch({ executablePath: stdout.trim(), args });
};

/** Words of the console, errors of scripts, and requests beyond the page itself. */
export const heard = (page: Page): readonly string[] => {
  const words: string[] = [];
  page.on("console", (message) => void words.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => void words.push(`thrown: ${error.message}`));
  page.on("request", (request) => {
    const isPage = request.isNavigationRequest() && request.frame() === page.mainFrame();
    if (!isPage && !request.url().startsWith("data:")) words.push(`asked for ${request.url()}`);
  });
  return words;
};
