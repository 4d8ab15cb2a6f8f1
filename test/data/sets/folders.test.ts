import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { describeDataError } from "../../../src/data/files/errors.js";
import { openFolders } from "../../../src/data/sets/folders.js";
import type { ImageSource } from "../../../src/data/sets/source.js";
import { encode, fault, folderOf, noise, ok } from "../pictures.js";

const png = await encode(noise(4, 4, 1));
const jpeg = await encode(noise(4, 4, 2), "jpeg");
const webp = await encode(noise(4, 4, 3), "webp");

const ids = (source: ImageSource | undefined): string[] =>
  Array.from({ length: source?.size ?? 0 }, (_, i) => source?.id(i) ?? "");

test("finds trainA, testA, trainB, testB in the order of the domains", async () => {
  const root = await folderOf({
    "trainA/1.png": png,
    "trainB/2.png": png,
    "testA/3.png": png,
    "testB/4.png": png,
  });
  const { train, test } = ok(await openFolders(root, ["X", "Y"]));
  expect([ids(train.X), ids(train.Y), ids(test?.X), ids(test?.Y)]).toEqual([
    ["1.png"],
    ["2.png"],
    ["3.png"],
    ["4.png"],
  ]);
});

test("folders of the domain's own name come first, and one without test images has no test split", async () => {
  const root = await folderOf({
    "trainHorse/h.png": png,
    "trainA/wrong.png": png,
    "Zebra/z.png": png,
    "testHorse/t.png": png,
  });
  const { train, test } = ok(await openFolders(root, ["Horse", "Zebra"]));
  expect([ids(train.Horse), ids(train.Zebra)]).toEqual([["h.png"], ["z.png"]]);
  expect(test).toBeUndefined();
});

test("takes any folder for each domain", async () => {
  const [one, two] = [
    await folderOf({ "a.png": png }),
    await folderOf({ "b.png": png, "c.png": png }),
  ];
  const { train, describe } = ok(await openFolders({ X: one, Y: two }, ["X", "Y"]));
  expect([ids(train.X), ids(train.Y)]).toEqual([["a.png"], ["b.png", "c.png"]]);
  expect(describe()).toBe(`train: X 1 images in ${one}, Y 2 images in ${two}`);
});

test("image files by name in any case, below sub-folders too; hidden files and other files are passed over", async () => {
  const root = await folderOf({
    "X/b.JPG": jpeg,
    "X/a.webp": webp,
    "X/C.Png": png,
    "X/d.jpeg": jpeg,
    "X/.hidden.png": png,
    "X/notes.txt": "no",
    "X/more/e.png": png,
    "X/folder.png/f.png": png,
    "Y/a.png": png,
  });
  const { train, describe } = ok(await openFolders(root, ["X", "Y"]));
  expect(ids(train.X)).toEqual([
    "C.Png",
    "a.webp",
    "b.JPG",
    "d.jpeg",
    "folder.png/f.png",
    "more/e.png",
  ]);
  expect(describe()).toContain("(sub-folders too: folder.png, more)");
  for (let i = 0; i < 6; i++)
    expect(ok((await train.X?.load(i)) as never)).toHaveProperty("width", 4);
});

test("each way of naming the wrong folder has its own answer", async () => {
  const root = await folderOf({
    "X/a.png": png,
    "file.png": png,
    "Y/readme.txt": "",
    "Y/in/readme.txt": "",
  });
  const opened = async (folders: Parameters<typeof openFolders>[0]) => {
    const error = fault(await openFolders(folders, ["X", "Y"]));
    expect(describeDataError(error)).toBe(`${error.path}: ${error.reason}. ${error.hint}`);
    return [error.kind, error.path, error.reason];
  };
  const X = join(root, "X");
  expect(await opened(join(root, "nowhere"))).toEqual([
    "missing-folder",
    join(root, "nowhere"),
    "there is no such folder",
  ]);
  expect(await opened(join(root, "file.png"))).toEqual([
    "not-a-folder",
    join(root, "file.png"),
    "this is a file, not a folder",
  ]);
  expect(await opened(X)).toEqual([
    "missing-folder",
    X,
    "it has no folder for domain X: looked for trainX, trainA, X",
  ]);
  expect(await opened({ X, Y: join(root, "gone") })).toEqual([
    "missing-folder",
    join(root, "gone"),
    "there is no such folder",
  ]);
  expect(await opened({ X, Y: join(root, "Y") })).toEqual([
    "empty-folder",
    join(root, "Y"),
    "it holds no image; 2 files with other endings passed over: .txt; nor do its sub-folders: in",
  ]);
  expect(await opened({ X })).toEqual(["wrong-domains", "Y", "no folder is named for domain Y"]);
  expect(await opened({ X, Y: X, Z: X })).toEqual([
    "wrong-domains",
    "Z",
    "the spec has no domain Z",
  ]);
});

test("one readable image is enough, none is an error that says why", async () => {
  const broken = { "X/1.png": "text", "X/2.jpg": "" };
  const root = await folderOf({ ...broken, "X/3.png": png, "Y/a.png": png });
  const { train } = ok(await openFolders(root, ["X", "Y"]));
  expect(train.X?.size).toBe(3);
  const error = fault(await openFolders(await folderOf({ ...broken, "Y/a.png": png }), ["X", "Y"]));
  expect(error.kind).toBe("no-readable-image");
  expect(error.reason).toMatch(
    /none of its 2 image files can be read \(1\.png: its content is not an image/,
  );
});

test("the hash is of the names and sizes, not of the place", async () => {
  const files = { "X/a.png": png, "Y/b.png": png };
  const hashOf = async (given: Record<string, Uint8Array>) =>
    ok(await openFolders(await folderOf(given), ["X", "Y"])).hash;
  const hash = await hashOf(files);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await hashOf(files)).toBe(hash);
  expect(await hashOf({ ...files, "X/c.png": png })).not.toBe(hash);
  expect(await hashOf({ "X/b.png": png, "Y/a.png": png })).not.toBe(hash);
  expect(await hashOf({ ...files, "Y/b.png": await encode(noise(9, 9, 4)) })).not.toBe(hash);
});

test("a test folder without images counts as none, and that is told; a folder to train on needs them", async () => {
  const root = await folderOf({ "trainA/a.png": png, "trainB/b.png": png, "testA/c.png": png });
  const given = { "testB/.keep": "", "testB/notes.txt": "", "testB/in/.keep": "" };
  const full = ok(await openFolders(root, ["X", "Y"]));
  for (const [name, content] of Object.entries(given)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
    const found = ok(await openFolders(root, ["X", "Y"]));
    expect(found.test).toBeUndefined();
    expect(found.hash).toBe(full.hash);
  }
  expect(full.notices).toEqual([
    `${join(root, "testA")} is not used: there are no test images of Y.`,
  ]);
  expect(ok(await openFolders(root, ["X", "Y"])).notices).toEqual([
    `${join(root, "testB")} holds no image (1 file with another ending passed over: .txt; nor do its sub-folders: in): there are no test images of Y.`,
    `${join(root, "testA")} is not used: there are no test images of Y.`,
  ]);
  await rm(join(root, "trainB/b.png"));
  expect(fault(await openFolders(root, ["X", "Y"])).kind).toBe("empty-folder");
});

test("test folders of classes may be empty, as a whole or in a class", async () => {
  const train = { "trainX/a/1.png": png, "trainX/b/2.png": png };
  const open = async (files: Record<string, Uint8Array | string>) =>
    openFolders(await folderOf({ ...train, ...files }), ["X"], { X: 2 });
  for (const files of [
    { "testX/.keep": "" },
    { "testX/a/.keep": "", "testX/b/.keep": "" },
    { "testX/a/.keep": "", "testX/other/.keep": "" },
  ]) {
    const found = ok(await open(files));
    expect(found.test).toBeUndefined();
    expect(found.notices).toEqual([
      expect.stringMatching(/testX holds no image: there are no test images of X\.$/),
    ]);
  }
  const some = ok(await open({ "testX/a/.keep": "", "testX/b/3.png": png }));
  expect([ids(some.test?.X), some.notices]).toEqual([["b/3.png"], []]);
  expect(fault(await open({ "testX/3.png": png })).kind).toBe("wrong-classes");
});
