/** Expectations kept in files: compared with what is made now, or with UPDATE=1 rewritten by it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "@jest/globals";

export const updating = process.env.UPDATE === "1";

export const expectFile = (path: string, actual: string): void => {
  if (updating) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  expect(existsSync(path) ? readFileSync(path, "utf8") : `no file ${path}`).toBe(actual);
};
