import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { isRight } from "fp-ts/lib/Either.js";
import {
  realDisk,
  temporaryFor,
  textBytes,
  writeAtomically,
} from "../../../src/training/files/disk.js";
import { outputNames } from "../../../src/training/translation/output-names.js";
import { removeTemporary, temporary } from "../support.js";

afterAll(removeTemporary);

const named = (inputs: readonly string[], suffixes: readonly string[] = [""]) =>
  outputNames(inputs.flatMap((input) => suffixes.map((suffix) => ({ input, suffix }))));

const long = (length: number, letter = "x"): string => letter.repeat(length);

test("names that are alike are numbered, whatever their case and endings", () => {
  expect(named(["p/a.jpg", "q/a.png", "A.tiff", "a-2.png", "b.c.png", ".png"])).toEqual([
    "a.png",
    "a-2.png",
    "A-3.png",
    "a-2-2.png",
    "b.c.png",
    ".png.png",
  ]);
  expect(named(["a.png", "b/a.png"], ["-cat-1", "-dog-1"])).toEqual([
    "a-cat-1.png",
    "a-dog-1.png",
    "a-cat-1-2.png",
    "a-dog-1-2.png",
  ]);
});

test("no name is longer than disks allow, or than that of its input", () => {
  expect(named([`${long(251)}.png`, `p/${long(251)}.jpg`])).toEqual([
    `${long(251)}.png`,
    `${long(249)}-2.png`,
  ]);
  expect(named([`${long(251)}.png`], ["-cat"])).toEqual([`${long(247)}-cat.png`]);
  // Characters of several bytes are not torn.
  expect(named([`${long(83, "é语")}.png`], [""])).toEqual([`${long(83, "é语")}.png`]);
  expect(named([`${long(50, "é语")}.png`, `${long(50, "é语")}.gif`])).toEqual([
    `${long(50, "é语")}.png`,
    `${long(49, "é语")}é-2.png`,
  ]);
  const classes = named(["a.png"], [`-${long(255, "y")}`, `-${long(255, "y")}z`]);
  expect(classes).toEqual([`-${long(250, "y")}.png`, `-${long(248, "y")}-2.png`]);
  // As a disk that counts letters, not bytes, has it
  expect(named([`${long(200, "语")}.png`, `${long(200, "语")}.jpg`])).toEqual([
    `${long(200, "语")}.png`,
    `${long(199, "语")}-2.png`,
  ]);
});

test("as many of one name as there are take no longer than others", () => {
  const all = named(Array.from({ length: 200_000 }, (_, i) => `${i}/a.png`));
  expect([new Set(all).size, all.at(-1)]).toEqual([200_000, "a-200000.png"]);
});

test("a file may be called as long as the disk allows", async () => {
  const folder = temporary();
  const name = `${long(251)}.png`;
  for (const text of ["old", "new"])
    expect(isRight(await writeAtomically(realDisk, join(folder, name), textBytes(text)))).toBe(
      true,
    );
  expect(readFileSync(join(folder, name), "utf8")).toBe("new");
  expect(readdirSync(folder)).toEqual([name]);
  expect(temporaryFor("p/manifest.json")).toBe("p/manifest.json.unfinished");
  const places = [long(255), `${long(254)}y`].map((one) => temporaryFor(join(folder, one)));
  expect(new Set(places).size).toBe(2);
});
