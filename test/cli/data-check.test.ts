/** `ganc data check` as a user calls it. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { encode, folderOf, scene } from "../data/pictures.js";
import { ganc } from "../support/ganc.js";

const pictures = await Promise.all(
  Array.from({ length: 8 }, (_, seed) => encode(scene(48, 64, seed))),
);

const picture = (i: number): Uint8Array => pictures[i] ?? new Uint8Array(0);

test("faults end with 1, and are told for people, for programs and as a sheet", async () => {
  const root = await folderOf({
    "trainA/1.png": picture(1),
    "trainA/one.png": picture(1),
    "trainA/2.png": picture(2),
    "trainA/cut.png": picture(3).slice(0, 300),
    "trainB/4.png": picture(4),
    "trainB/5.png": picture(5),
    "testA/2.png": picture(2),
    "testB/6.png": picture(6),
  });
  const sheet = join(root, "sheet.png");
  const told = ganc(["data", "check", root, "--sheet", sheet]);
  expect(told.status).toBe(1);
  expect(told.stdout).toContain(`train A: 3 images in ${root}/trainA, mostly 64 x 48, 1 unusable`);
  expect(told.stdout).toContain("fault train A: 1 file cannot be used");
  expect(told.stdout).toContain(`${root}/trainA/2.png = ${root}/testA/2.png`);
  expect(told.stdout).toContain(`${root}/trainA/1.png = ${root}/trainA/one.png`);
  expect(told.stdout).toMatch(/\n3 faults, 2 notes\.\n$/);
  const { width = 0, height = 0 } = await sharp(sheet).metadata();
  expect([width > 600, height > 500]).toEqual([true, true]);

  const json = ganc(["data", "check", root, "--json"]);
  expect(json.status).toBe(1);
  const { sets, findings } = JSON.parse(json.stdout);
  expect(sets).toHaveLength(4);
  expect(findings.map(({ kind, level }: never) => [kind, level]).slice(0, 3)).toEqual([
    ["broken", "fault"],
    ["overlap-train-test", "fault"],
    ["duplicates", "fault"],
  ]);
});

test("notes alone end with 0; a folder that is none, and a sheet that cannot be written, with 1", async () => {
  const X = await folderOf({ "1.png": picture(1), "2.png": picture(2) });
  const Y = await folderOf({ "3.png": picture(3), "4.png": picture(4) });
  const told = ganc(["data", "check", `X=${X}`, `Y=${Y}`]);
  expect([told.status, told.stderr]).toEqual([0, ""]);
  expect(told.stdout).toMatch(/note {2}train X: 2 images only/);
  const missing = ganc(["data", "check", join(X, "nowhere")]);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain("there is no such folder");
  writeFileSync(join(X, "file"), "");
  const unwritten = ganc(["data", "check", `X=${X}`, "--sheet", join(X, "file", "sheet.png")]);
  expect(unwritten.status).toBe(1);
  expect(existsSync(join(X, "file", "sheet.png"))).toBe(false);
  expect(unwritten.stderr).toContain("sheet.png");
});
