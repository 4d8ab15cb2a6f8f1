/**
 * node scripts/chromium.js
 *
 * Prints the path of a Chromium for the tests of pages. Where the machine has none, Debian's is
 * installed, which takes root; else it says what to do.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser that GANC_CHROMIUM names, or the first that is there. */
export const chromiumPath = () => {
  const { GANC_CHROMIUM } = process.env;
  if (GANC_CHROMIUM) return GANC_CHROMIUM;
  return places.find((path) => existsSync(path));
};

const install = () => {
  const quiet = { stdio: ["ignore", "ignore", "inherit"] };
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { ...quiet, env };
  spawnSync("apt-get", ["update", "-q"], options);
  spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], options);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isRoot = process.getuid?.() === 0;
  if (chromiumPath() === undefined && isRoot && existsSync("/usr/bin/apt-get")) install();
  const path = chromiumPath();
  if (path === undefined) {
    process.stderr.write(
      "There is no Chromium here. Install one (Debian: apt-get install chromium), or name one by GANC_CHROMIUM.\n",
    );
    process.exitCode = 1;
  } else process.stdout.write(`${path}\n`);
}
