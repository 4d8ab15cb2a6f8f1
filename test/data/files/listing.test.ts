/** Folders as strangers leave them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { describeDataError } from "../../../src/data/files/errors.js";
import { listFolder } from "../../../src/data/files/listing.js";
import { openFolders } from "../../../src/data/sets/folders.js";
import type { ImageSource, Remembered } from "../../../src/data/sets/source.js";
import { encode, fault, folderOf, noise, ok } from "../pictures.js";

const png = await encode(noise(4, 4, 1));

const ids = (source: ImageSource | undefined): string[] =>
  Array.from({ length: source?.size ?? 0 }, (_, i) => source?.id(i) ?? "");

const encoded = async (format: "jpeg" | "tiff" | "gif" | "avif"): Promise<Uint8Array> =>
  sharp(await encode(noise(16, 16, 2)))
    .toFormat(format)
    .toBuffer();

test("every ending of a format that is read is one of an image, in any case", async () => {
  const [jpeg, tiff, gif, avif] = await Promise.all(
    (["jpeg", "tiff", "gif", "avif"] as const).map(encoded),
  );
  const files = {
    "a.jfif": jpeg,
    "b.JPE": jpeg,
    "c.tif": tiff,
    "d.TIFF": tiff,
    "e.gif": gif,
    "f.avif": avif,
  };
  const root = await folderOf(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, bytes ?? ""])),
  );
  const { train, describe } = ok(await openFolders({ X: root }, ["X"]));
  expect(ids(train.X)).toEqual(Object.keys(files));
  for (let i = 0; i < 6; i++)
    expect(ok((await train.X?.load(i)) as never)).toMatchObject({ width: 16, height: 16 });
  expect(describe()).toBe(`train: X 6 images in ${root}`);
});

test("what is called otherwise is counted by its endings, and what a system put there is not", async () => {
  const beside = ["a.psd", "b.PSD", "c.txt", "README", "d.bmp"];
  const unmeant = ["Thumbs.db", ".DS_Store", "._x.png", "desktop.ini"];
  const root = await folderOf(
    Object.fromEntries([["x.png", png], ...[...beside, ...unmeant].map((name) => [name, "text"])]),
  );
  mkdirSync(join(root, "__MACOSX"));
  const { describe, train } = ok(await openFolders({ X: root }, ["X"]));
  expect(describe()).toBe(
    `train: X 1 images in ${root} (5 files with other endings passed over: .bmp, .psd, .txt, README)`,
  );
  expect(train.X?.passed).toEqual([]);
});

test("an entry that cannot be used is named with its reason, and the others are images", async () => {
  const root = await folderOf({ "a.png": png, "b.png": png });
  const at = (name: string): string => join(root, name);
  symlinkSync("nowhere.png", at("gone.png"));
  symlinkSync("loop.png", at("loop.png"));
  symlinkSync("/dev/zero", at("zero.png"));
  symlinkSync("b.png", at("linked.png"));
  symlinkSync(".", at("folder.png"));
  spawnSync("mkfifo", [at("pipe.png")]);
  writeFileSync(
    Buffer.concat([Buffer.from(at("b")), Buffer.from([0xe4, 0x2e, 0x70, 0x6e, 0x67])]),
    png,
  );
  const { train, describe } = ok(await openFolders({ X: root }, ["X"]));
  expect(ids(train.X)).toEqual(["a.png", "b.png", "linked.png"]);
  expect(train.X?.passed).toEqual([
    { name: "b\\xe4.png", reason: "its name is not UTF-8: rename it" },
    { name: "gone.png", reason: "it is a link that leads nowhere" },
    { name: "loop.png", reason: "it is a link that leads back to itself" },
    { name: "pipe.png", reason: "it is a named pipe, not a file" },
    { name: "zero.png", reason: "it is a device, not a file" },
    { name: "folder.png", reason: "it is a link that leads back to a folder above it" },
  ]);
  expect(describe()).toBe(`train: X 3 images in ${root}`);
});

test("a folder of nothing but broken entries says what they are", async () => {
  const root = await folderOf({ "notes.txt": "" });
  symlinkSync("nowhere", join(root, "a.png"));
  const error = fault(await openFolders({ X: root }, ["X"]));
  expect([error.kind, error.reason]).toEqual([
    "empty-folder",
    "it holds no image; a.png: it is a link that leads nowhere; 1 file with another ending passed over: .txt",
  ]);
});

test("class folders may be links; images beside them are counted", async () => {
  const store = await folderOf({ "dog/b.png": png, "cat/a.png": png, "cat/readme.md": "" });
  const root = await folderOf({ "lost.png": png, "list.csv": "" });
  for (const name of ["dog", "cat"]) symlinkSync(join(store, name), join(root, name));
  const { train, describe } = ok(await openFolders({ X: root }, ["X"], { X: 2 }));
  expect([ids(train.X), train.X?.classes]).toEqual([
    ["cat/a.png", "dog/b.png"],
    ["cat", "dog"],
  ]);
  expect(describe()).toBe(
    `train: X 2 images in ${root} (classes: cat, dog) (1 image beside the class folders left out: lost.png) (2 files with other endings passed over: .csv, .md)`,
  );
  mkdirSync(join(store, "emu"));
  symlinkSync(join(store, "emu"), join(root, "emu"));
  expect(fault(await openFolders({ X: root }, ["X"], { X: 2 })).reason).toMatch(
    /3 sub-folders \(cat, dog, emu\)/,
  );
});

test("a link to no class folder is named", async () => {
  const root = await folderOf({ "cat/a.png": png });
  symlinkSync("nowhere", join(root, "dog"));
  expect(fault(await openFolders({ X: root }, ["X"], { X: 2 })).reason).toBe(
    "it has 1 sub-folder (cat), but the spec's labels are of 2 classes; dog: it is a link that leads nowhere",
  );
});

test("names have no power over the terminal", async () => {
  const root = await folderOf({ "x\u001b[31m\n/a.png": "text" });
  const folder = join(root, "x\u001b[31m\n");
  const text = describeDataError(fault(await openFolders({ X: folder }, ["X"])));
  expect(text).toContain("x\\x1b[31m\\x0a: none of its 1 image files");
  expect(text).not.toMatch(/\p{Cc}/u);
});

test("classes are in the order that people count in, or in the one that a run remembers", async () => {
  const names = ["10", "2", "1", "a10", "a9", "a09", "b", "B", "00"];
  const root = await folderOf(Object.fromEntries(names.map((name) => [`${name}/x.png`, png])));
  const opened = async (...more: readonly [Remembered?]) =>
    openFolders({ X: root }, ["X"], { X: 9 }, ...more);
  const classesOf = async (...more: readonly [Remembered?]) =>
    ok(await opened(...more)).train.X?.classes;
  expect(await classesOf()).toEqual(["00", "1", "2", "10", "B", "a09", "a9", "a10", "b"]);
  expect(await classesOf({ isOld: true })).toEqual([...names].sort());
  expect(await classesOf({ isOld: false, classes: { X: names } })).toEqual(names);
  const other = ["cat", ...names.slice(1)];
  expect(fault(await opened({ isOld: false, classes: { X: other } })).reason).toMatch(
    /it has 9 sub-folders \(.*\), but the run began with the classes cat, 2, 1/,
  );
});

test("images that are remembered keep their order, whatever has come or gone", async () => {
  const root = await folderOf({ "a.png": png, "c.png": png, "d.tif": png });
  const remembered = { isOld: false, images: { X: ["b.png", "c.png"] } };
  const { X } = ok(await openFolders({ X: root }, ["X"], {}, remembered)).train;
  expect([ids(X), X?.since]).toEqual([
    ["b.png", "c.png"],
    ["a.png", "d.tif"],
  ]);
  expect([X?.file?.(0).bytes, X?.file?.(1).bytes]).toEqual([undefined, png.length]);
  const old = ok(await openFolders({ X: root }, ["X"], {}, { isOld: true })).train.X;
  expect(ids(old)).toEqual(["a.png", "c.png"]);
});

test("files that are removed as their folder is read are broken entries, no more", async () => {
  const names = Array.from({ length: 500 }, (_, i) => `${i}.png`);
  const root = await folderOf(Object.fromEntries(names.map((name) => [name, ""])));
  const listing = listFolder(root);
  await Promise.all(names.reverse().map((name) => unlink(join(root, name))));
  const { images, broken } = ok(await listing);
  expect(images.length + broken.length).toBeLessThanOrEqual(names.length);
  expect(new Set(broken.map(({ reason }) => reason))).toEqual(
    new Set(broken.length === 0 ? [] : ["it was removed as the folder was read"]),
  );
});
