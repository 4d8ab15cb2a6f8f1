/** `ganc data check` as a user calls it. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { npyOf, tiffOf } from "../data/number-files.js";
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
  expect(told.stdout).toContain(`train A: 3 images in ${root}/trainA, all 64 x 48, 1 unusable`);
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

test("files of numbers that are none are unusable, and change nothing about the others", async () => {
  const colours = Array.from({ length: 48 }, (_, i) => (i % 3) / 4 + (i % 7) / 32);
  const root = await folderOf({
    "a.npy": npyOf("<f4", [4, 4, 3], colours),
    "b.npy": npyOf("<f4", [4, 4, 3], [...colours].reverse()),
    "c.npy": npyOf("<f4", [4, 4, 4], new Array(64).fill(2)),
    "nan.npy": npyOf("<f4", [4, 4, 3], new Array(48).fill(NaN)),
    "endless.tif": tiffOf([4, 4, 1], "<f4", new Array(16).fill(Infinity)),
  });
  const { stdout, status } = ganc(["data", "check", `X=${root}`]);
  expect(status).toBe(1);
  // Of four channels with numbers beyond [0, 1], beside colours in it: training cannot take it as
  // levels.
  expect(stdout).toContain(`train X: 2 images in ${root}, all 4 x 4, 3 unusable`);
  expect(stdout.match(/\(some of its numbers are NaN or infinite\)/g)).toHaveLength(2);
  expect(stdout).toContain("c.npy (its numbers go from 2 to 2");
  expect(stdout).not.toMatch(/grey|of one colour/);
});

test("four channels, and colours in [-1, 1], are not called grey", async () => {
  const colours = Array.from({ length: 48 }, (_, i) => (i % 3) + (i % 7) / 7 - 1);
  const root = await folderOf({
    "a.npy": npyOf("<f4", [4, 4, 3], colours),
    "b.npy": npyOf("u1", [4, 4, 4], new Array(64).fill(9)),
  });
  const { stdout } = ganc(["data", "check", `X=${root}`]);
  expect(stdout).toContain(`train X: 2 images in ${root}, all 4 x 4\n`);
  expect(stdout).not.toMatch(/grey|of one colour/);
});

test("sizes that are told are those of pictures", async () => {
  const sized = (width: number, height: number) => encode(scene(height, width, width));
  const root = await folderOf({
    "a.png": await sized(40, 50),
    "b.png": await sized(60, 40),
    "c.png": await sized(70, 60),
  });
  const told = (): string => ganc(["data", "check", `X=${root}`]).stdout;
  expect(told()).toContain(`3 images in ${root}, from 40 x 50 to 70 x 60\n`);
  for (const name of ["d.png", "e.png", "f.png"])
    writeFileSync(join(root, name), await sized(60, 40));
  expect(told()).toContain(`6 images in ${root}, mostly 60 x 40\n`);
});
