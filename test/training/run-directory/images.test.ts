/** What a run notes down of its images, and what it finds of them later. */
import { rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { left } from "fp-ts/lib/Either.js";
import type { Dataset, ImageSource } from "../../../src/data/sets/source.js";
import { changeNotices } from "../../../src/training/run-directory/image-notices.js";
import {
  changesOf,
  encodeImages,
  type Images,
  imagesOf,
  readImages,
  rememberedOf,
} from "../../../src/training/run-directory/images.js";
import { fakeManifest, removeTemporary, temporary } from "../support.js";

afterAll(removeTemporary);

/** Of files that nobody decodes; `there` maps the names to their sizes. */
const source = (
  folder: string,
  there: Readonly<Record<string, number | undefined>>,
): ImageSource => {
  const names = Object.keys(there);
  return {
    name: folder,
    size: names.length,
    id: (i) => names[i] ?? "",
    file: (i) => ({ path: join(folder, names[i] ?? ""), bytes: there[names[i] ?? ""] }),
    load: async () => left({ kind: "broken-image", id: "", path: "", reason: "" }),
  };
};

const dataset = (X: ImageSource): Dataset => ({
  name: "made up",
  train: { X },
  describe: () => "",
  hash: "",
});

const noted = async (folder: string, there: Readonly<Record<string, number>>): Promise<Images> => {
  const images = await imagesOf("run", dataset(source(folder, there)));
  if (images === undefined) throw new Error("nothing was noted down");
  return images;
};

test("a change is one of content, not of time", async () => {
  const folder = temporary();
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const name of ["a b.png", "c.png", "d.png", "e.png"]) write(name, "text");
  const images = await noted(folder, { "a b.png": 4, "c.png": 4, "d.png": 4, "e.png": 4 });
  expect(images.extent).toBe("whole");
  utimesSync(join(folder, "a b.png"), 1, 1);
  const same = source(folder, { "a b.png": 4, "c.png": 4, "d.png": 4, "e.png": 4 });
  expect(await changesOf(images, "X", same)).toEqual({ changed: [], gone: [], come: [] });
  expect(await changeNotices(images, dataset(same), true)).toEqual([]);
  write("c.png", "next");
  write("d.png", "longer");
  rmSync(join(folder, "e.png"));
  const now = source(folder, { "a b.png": 4, "c.png": 4, "d.png": 6, "e.png": undefined });
  const kept = { ...now, since: ["f.png"] };
  expect(await changesOf(images, "X", kept)).toEqual({
    changed: ["c.png", "d.png"],
    gone: ["e.png"],
    come: ["f.png"],
  });
  expect(await changeNotices(images, dataset(kept), true)).toEqual([
    "X: 2 images have changed since the run began; the new content will be used: c.png, d.png.",
    "X: 1 image has gone since the run began; others are drawn instead: e.png.",
    "X: 1 image has been added since the run began, and will be left out: f.png.",
    "To include the new images, name the images again with --data.",
    "So the result of the run differs from that with unchanged images.",
  ]);
});

test("images that have come and are left out change nothing", async () => {
  const folder = temporary();
  writeFileSync(join(folder, "a.png"), "text");
  const images = await noted(folder, { "a.png": 4 });
  const now = { ...source(folder, { "a.png": 4 }), since: ["f\u001b.png", "g.png"] };
  expect(await changeNotices(images, dataset(now), true)).toEqual([
    "X: 2 images have been added since the run began, and will be left out: f\\x1b.png, g.png.",
    "To include the new images, name the images again with --data.",
  ]);
});

test("of very many bytes the ends of each file are looked at", async () => {
  const folder = temporary();
  const path = join(folder, "huge.png");
  const size = 2 ** 30 + 1;
  writeFileSync(path, "begin");
  truncateSync(path, size);
  const images = await noted(folder, { "huge.png": size });
  expect(images.extent).toBe("ends");
  truncateSync(path, size - 1);
  writeFileSync(path, "!", { flag: "a" });
  const { changed } = await changesOf(images, "X", source(folder, { "huge.png": size }));
  expect(changed).toEqual(["huge.png"]);
});

test("a file that could not be read is not taken for changed; a folder that holds none is", async () => {
  const folder = temporary();
  const images = await noted(folder, { "a.png": 4 });
  writeFileSync(join(folder, "a.png"), "text");
  expect((await changesOf(images, "X", source(folder, { "a.png": 4 }))).changed).toEqual([]);
  expect((await changesOf(images, "X", source(folder, {}))).gone).toEqual(["a.png"]);
});

test("images.json is held to its run", async () => {
  const folder = temporary();
  writeFileSync(join(folder, "a.png"), "text");
  const images = { ...(await noted(folder, { "a.png": 4 })), run: fakeManifest().run };
  const { bytes, fingerprint } = encodeImages(images);
  const manifest = fakeManifest();
  const own = { ...manifest, data: { ...manifest.data, images: fingerprint } };
  const path = join(folder, "images.json");
  expect(await readImages(path, manifest)).toMatchObject({ right: undefined });
  expect(await readImages(path, own)).toEqual(left("is missing"));
  const text = Buffer.concat(bytes).toString();
  writeFileSync(path, text);
  const read = await readImages(path, own);
  expect(read).toMatchObject({ right: images });
  expect(rememberedOf(own, images)).toEqual({ images: { X: ["a.png"] }, isOld: false });
  expect(rememberedOf(manifest).isOld).toBe(true);
  writeFileSync(path, text.replace("a.png", "b.png"));
  expect(await readImages(path, own)).toEqual(
    left("was changed: its contents do not fit its fingerprint"),
  );
  const other = encodeImages({ ...images, run: "other" });
  writeFileSync(path, Buffer.concat(other.bytes));
  expect(await readImages(path, own)).toEqual(left("belongs to another run"));
});
