/**
 * Images wherever people keep them: below sub-folders, by pattern, in lists and tables, and in zip
 * archives.
 */
import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { isRight } from "fp-ts/lib/Either.js";
import { openFolders } from "../../src/data/sets/folders.js";
import type { ImageSource } from "../../src/data/sets/source.js";
import { changesOf, imagesOf } from "../../src/training/run-directory/images.js";
import { encode, fault, folderOf, noise, ok } from "./pictures.js";
import { zipOf } from "./zips.js";

const pngs = await Promise.all([1, 2, 3, 4].map((seed) => encode(noise(6, 5, seed))));
const [a, b, c, d] = pngs.map((png) => Buffer.from(png)) as [Buffer, Buffer, Buffer, Buffer];

const ids = (source: ImageSource | undefined): string[] =>
  Array.from({ length: source?.size ?? 0 }, (_, i) => source?.id(i) ?? "");

const pixels = async (source: ImageSource | undefined) => {
  const all: (Uint8Array | Float32Array | string)[] = [];
  for (let i = 0; i < (source?.size ?? 0); i++) {
    const loaded = await source?.load(i);
    if (loaded !== undefined) all.push(isRight(loaded) ? loaded.right.data : loaded.left.reason);
  }
  return all;
};

const open = async (path: string, classes?: number) =>
  openFolders({ X: path }, ["X"], classes === undefined ? {} : { X: classes });

const opened = async (path: string, classes?: number) => ok(await open(path, classes)).train.X;

test("a folder's sub-folders are read, links that lead back are not followed, and pairs go by place", async () => {
  const root = await folderOf({ "b.png": b, "in/deep/a.png": a, "in/c.png": c, "empty/x.txt": "" });
  symlinkSync("..", join(root, "in", "loop"));
  const found = await opened(root);
  expect(ids(found)).toEqual(["b.png", "in/c.png", "in/deep/a.png"]);
  expect(found?.passed).toEqual([
    { name: "in/loop", reason: "it is a link that leads back to a folder above it" },
  ]);
  expect(found?.beside).toEqual([
    "sub-folders too: in, in/deep",
    "1 file with another ending passed over: .txt",
  ]);
});

test("a pattern takes what matches it, of any depth, and a folder called like it comes first", async () => {
  const root = await folderOf({ "p/1.png": a, "p/q/2.png": b, "p/q/3.jpg": c, "r/4.png": d });
  expect(ids(await opened(join(root, "**/*.png")))).toEqual(["p/1.png", "p/q/2.png", "r/4.png"]);
  expect(ids(await opened(join(root, "{p,r}/*.png")))).toEqual(["p/1.png", "r/4.png"]);
  const none = fault(await open(join(root, "**/*.gif")));
  expect([none.kind, none.reason]).toEqual(["empty-folder", "no image matches it"]);
  const odd = await folderOf({ "a[1]/x.png": a });
  expect(ids(await opened(join(odd, "a[1]")))).toEqual(["x.png"]);
  const classes = await opened(join(root, "*/*.png"), 2);
  expect([classes?.classes, ids(classes), classes?.classOf?.(1)]).toEqual([
    ["p", "r"],
    ["p/1.png", "r/4.png"],
    1,
  ]);
});

test("a list names files relative to itself, in its order; what is not there is told", async () => {
  const root = await folderOf({ "x/1.png": a, "x/2.png": b, "y.png": c });
  const lines = [
    "\ufeff# mine",
    "#",
    "x/2.png",
    "",
    "./x/1.png",
    "x\\2.png",
    join(root, "y.png"),
    "gone.png",
  ];
  writeFileSync(join(root, "list.txt"), lines.join("\r\n"));
  spawnSync("mkfifo", [join(root, "pipe.png")]);
  writeFileSync(join(root, "pipe.lst"), "pipe.png\ny.png\n");
  const found = await opened(join(root, "list.txt"));
  expect(ids(found)).toEqual(["x/2.png", "x/1.png", join(root, "y.png")]);
  expect(found?.passed).toEqual([{ name: "gone.png", reason: "it is missing" }]);
  expect(found?.beside).toEqual(["named more than once, but used once: x/2.png"]);
  expect((await opened(join(root, "pipe.lst")))?.passed).toEqual([
    { name: "pipe.png", reason: "it is a named pipe, not a file" },
  ]);
  writeFileSync(join(root, "none.txt"), "gone.png\n");
  expect(fault(await open(join(root, "none.txt"))).reason).toBe(
    "it names no image that is there; gone.png: it is missing",
  );
});

test("a table has a column of files and one of classes, whatever its separator", async () => {
  const root = await folderOf({ "1.png": a, "2.png": b, "3, really.png": c });
  const table = 'Label;note;File\n2;;1.png\n10;"a ""b""";"3, really.png"\n2;;2.png\n';
  writeFileSync(join(root, "labels.csv"), table);
  const found = await opened(join(root, "labels.csv"), 2);
  expect(found?.classes).toEqual(["2", "10"]);
  expect(ids(found).map((id, i) => [id, found?.classOf?.(i)])).toEqual([
    ["1.png", 0],
    ["2.png", 0],
    ["3, really.png", 1],
  ]);
  expect(ids(await opened(join(root, "labels.csv")))).toEqual(["1.png", "3, really.png", "2.png"]);
  expect(fault(await open(join(root, "labels.csv"), 3)).reason).toBe(
    "its images are of 2 classes (2, 10), but the spec's labels are of 3",
  );
  writeFileSync(join(root, "other.csv"), "picture,kind\n1.png,2\n");
  expect(fault(await open(join(root, "other.csv"))).reason).toBe(
    "its first line names no column `file`: it has picture, kind",
  );
  writeFileSync(join(root, "some.csv"), "file,label\n1.png,x\n2.png,\n");
  expect(fault(await open(join(root, "some.csv"), 1)).reason).toMatch(
    /nothing says the class of 2/,
  );
  writeFileSync(join(root, "torn.csv"), 'file,label\n"1.png,x\n');
  expect(fault(await open(join(root, "torn.csv"))).reason).toMatch(/it is not a table/);
});

test("an archive is read as the folder that it was made of, at any place", async () => {
  const files = { "set/b/2.png": b, "set/a/1.png": a, "set/a/deep/3.png": c };
  const folder = await folderOf(files);
  const entries = Object.entries(files).map(([name, content]) => ({ name, content }));
  const litter = ["__MACOSX/set/a/._1.png", "set/a/.DS_Store"].map((name) => ({
    name,
    content: a,
  }));
  const root = await folderOf({
    "set.zip": zipOf([
      ...litter,
      ...entries,
      { name: "set/notes.txt", content: a, isStored: true },
    ]),
  });
  const [zipped, plain] = [await opened(join(root, "set.zip")), await opened(join(folder, "set"))];
  expect(ids(zipped)).toEqual(ids(plain));
  expect(await pixels(zipped)).toEqual(await pixels(plain));
  expect(zipped?.beside).toContain("1 file with another ending passed over: .txt");
  expect(ids(await opened(join(root, "set.zip/a")))).toEqual(["1.png", "deep/3.png"]);
  expect(ids(await opened(join(root, "set.zip/**/[12].png")))).toEqual(["a/1.png", "b/2.png"]);
  const classes = await opened(join(root, "set.zip"), 2);
  expect([classes?.classes, ids(classes)]).toEqual([
    ["a", "b"],
    ["a/1.png", "a/deep/3.png", "b/2.png"],
  ]);
  writeFileSync(join(root, "list.txt"), "set.zip/b/2.png\nset.zip/gone.png\n");
  expect(ids(await opened(join(root, "list.txt")))).toEqual(["set.zip/b/2.png"]);
});

test("a data set may lie in an archive, or have one for each of its folders", async () => {
  const parts = { trainA: a, trainB: b, testA: c, testB: d };
  const whole = zipOf(
    Object.entries(parts).map(([name, content]) => ({ name: `h2z/${name}/1.png`, content })),
  );
  const each = Object.entries(parts).map(([name, content]) => [
    `${name}.zip`,
    zipOf([{ name: `${name}/1.png`, content }]),
  ]);
  const root = await folderOf({ "h2z.zip": whole, ...Object.fromEntries(each) });
  for (const place of [join(root, "h2z.zip"), root]) {
    const { train, test } = ok(await openFolders(place, ["X", "Y"]));
    const sources = [train.X, train.Y, test?.X, test?.Y];
    expect(sources.map(ids)).toEqual([["1.png"], ["1.png"], ["1.png"], ["1.png"]]);
    expect((await pixels(train.Y))[0]).toEqual(
      (await pixels(await opened(join(root, "trainB.zip"))))[0],
    );
  }
});

test("odd entries are told, each with its reason, and the others are read", async () => {
  const archive = zipOf([
    { name: "good.png", content: a },
    { name: "sixtyfour.png", content: b, is64: true },
    { name: "../escape.png", content: a },
    { name: "/absolute.png", content: a },
    { name: "secret.png", content: a, isEncrypted: true, claimed: a.length },
    { name: "bomb.png", content: a, claimed: 2 ** 31 },
    { name: "link.png", content: Buffer.from("good.png"), isLink: true, isStored: true },
    { name: "lzma.png", content: a, method: 14 },
    { name: "liar.png", content: Buffer.alloc(100_000), claimed: 10 },
    { name: "torn.png", content: c, checksum: 1 },
  ]);
  const root = await folderOf({ "odd.zip": archive });
  const found = await opened(join(root, "odd.zip"));
  expect(ids(found)).toEqual(["good.png", "liar.png", "sixtyfour.png", "torn.png"]);
  expect(found?.passed).toEqual([
    { name: "../escape.png", reason: "its name leads out of the archive" },
    { name: "/absolute.png", reason: "its name leads out of the archive" },
    {
      name: "secret.png",
      reason: "it is encrypted: unpack the archive with its password",
    },
    { name: "bomb.png", reason: "it unpacks to more than 1024 MiB" },
    { name: "link.png", reason: "it is a link, and links in archives are not followed" },
    {
      name: "lzma.png",
      reason: "it is compressed by method 14, but only 0 (stored) and 8 (deflate) can be read",
    },
  ]);
  expect(await pixels(found)).toEqual([
    noise(6, 5, 1).data,
    expect.stringMatching(/^it is damaged in the archive: /),
    noise(6, 5, 2).data,
    "it is damaged in the archive: its checksum differs",
  ]);
});

test("what is called an archive and is none, or is cut off, is refused with a reason", async () => {
  const whole = zipOf([{ name: "a.png", content: a }]);
  const root = await folderOf({ "cut.zip": whole.subarray(0, 60), "text.zip": "no" });
  spawnSync("mkfifo", [join(root, "pipe.zip")]);
  for (const name of ["cut.zip", "text.zip"])
    expect(fault(await open(join(root, name))).reason).toMatch(
      /^it cannot be read as a zip archive/,
    );
  expect(fault(await open(join(root, "pipe.zip"))).reason).toBe("it is a named pipe, not a file");
});

test("a run's account of images is the same for an archive as for its folder", async () => {
  const files = { "trainX/1.png": a, "trainX/in/2.png": b };
  const folder = await folderOf(files);
  const zip = zipOf(Object.entries(files).map(([name, content]) => ({ name, content })));
  const root = await folderOf({ "all.zip": zip });
  const [plain, zipped] = await Promise.all(
    [folder, join(root, "all.zip")].map(async (place) => ok(await openFolders(place, ["X"]))),
  );
  if (plain === undefined || zipped === undefined) throw new Error("both were opened");
  const noted = await imagesOf("1", zipped);
  expect(noted).toEqual(await imagesOf("1", plain));
  expect(zipped.hash).toBe(plain.hash);
  if (noted === undefined) throw new Error("images were noted");
  const none = { changed: [], gone: [], come: [] };
  expect(await changesOf(noted, "X", zipped.train.X)).toEqual(none);
  writeFileSync(join(folder, "trainX/1.png"), c);
  const later = ok(await openFolders(folder, ["X"]));
  expect(await changesOf(noted, "X", later.train.X)).toEqual({ ...none, changed: ["1.png"] });
});
