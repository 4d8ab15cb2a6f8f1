/**
 * Images that another thread loads make the batches that they made before, also where that thread
 * dies.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compileFolders, ended, start } from "../../support/child.js";
import { npyOf } from "../number-files.js";
import { encode, folderOf, noise } from "../pictures.js";
import { zipOf } from "../zips.js";
import { digestOfBatches } from "./aside.js";

let into = "";

beforeAll(() => {
  into = mkdtempSync(join(tmpdir(), "ganc-aside-"));
  compileFolders(["src", "test/data"], into);
});
afterAll(() => rmSync(into, { recursive: true, force: true }));

/** Photographs, a broken one, an archive of one domain, and numbers. */
const images = async (): Promise<string> => {
  const jpegs = await Promise.all(
    Array.from({ length: 9 }, async (_, i) => [
      `trainX/${i}.jpg`,
      await encode(noise(40 + i, 30, i), "jpeg"),
    ]),
  );
  const pngs = await Promise.all(
    Array.from({ length: 5 }, async (_, i) => ({
      name: `${i}.png`,
      content: await encode(noise(20, 25 + i, 50 + i)),
    })),
  );
  const numbers = npyOf(
    "<f4",
    [9, 9, 3],
    Array.from({ length: 243 }, (_, i) => i / 243),
  );
  return folderOf({
    ...Object.fromEntries(jpegs),
    "trainX/broken.jpg": "no image",
    "trainB.zip": zipOf([...pngs, { name: "n.npy", content: numbers }]),
  });
};

test("in a thread, without one, where it is killed, and whatever is kept: the same batches", async () => {
  const root = await images();
  const here = await digestOfBatches(root);
  expect(await digestOfBatches(root, 0)).toBe(here);
  expect(await digestOfBatches(root, 2000)).toBe(here);
  for (const how of ["aside", "killed"]) {
    const { code, output } = await ended(
      start(into, "test/data/batches/aside-child.ts", [root, how]),
    );
    expect([how, code, JSON.parse(output)]).toEqual([how, 0, { digest: here, threads: 1 }]);
  }
});
