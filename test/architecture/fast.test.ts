/**
 * `npm run test:fast` runs what it says: its lists name what is there, and what it runs needs no
 * engine.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { root } from "../support/specs.js";

interface Config {
  readonly roots: readonly string[];
  readonly testPathIgnorePatterns: readonly string[];
}

const { default: fast } = (await import(join(root, "jest.fast.config.js"))) as { default: Config };

const inRoot = (pattern: string): string => join(root, pattern.replace("<rootDir>/", ""));

const folders = fast.roots.map(inRoot);

const slow = fast.testPathIgnorePatterns
  .filter((pattern) => pattern.startsWith("<rootDir>"))
  .map((pattern) => inRoot(pattern.replace(/\$$/, "").replaceAll("\\", "")));

test("every folder and every slow test of the lists is there", () => {
  const named = [...folders, ...slow];
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test("what it runs asks for no native engine and no browser", () => {
  const run = folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((path) => path.endsWith(".test.ts") && !slow.includes(path));
  expect(run.length).toBeGreaterThan(50);
  const asks = (path: string): boolean =>
    /from "[^"]*(?:support\/tensorflow|support\/browser|playwright)/.test(
      readFileSync(path, "utf8"),
    );
  expect(run.filter(asks)).toEqual([]);
});
