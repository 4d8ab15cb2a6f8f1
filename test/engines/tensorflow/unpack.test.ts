/** What `ganc engine install` takes out of wheels. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { unpack } from "../../../src/engines/tensorflow/unpack.js";
import { zipOf } from "../../data/zips.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-unpack-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const unpacked = (names: readonly string[]) => {
  const archive = join(folder, "a.whl");
  writeFileSync(archive, zipOf(names.map((name) => ({ name, content: Buffer.from(name) }))));
  const to = join(folder, "to");
  return unpack(archive, ["lib/"], to, () => undefined, new AbortController().signal);
};

test("files below the folders that are asked for are written, with their hashes", async () => {
  const written = await unpacked(["lib/a.so", "other/b.so", "lib/c/"]);
  expect(written).toEqual([
    { path: "lib/a.so", bytes: 8, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  expect(readFileSync(join(folder, "to/lib/a.so"), "utf8")).toBe("lib/a.so");
  expect(existsSync(join(folder, "to/other"))).toBe(false);
});

test("a name that leads out of the archive is refused, and nothing is written there", async () => {
  await expect(unpacked(["lib/../../out.so"])).rejects.toThrow("leads out of the archive");
  expect(existsSync(join(folder, "out.so"))).toBe(false);
});
