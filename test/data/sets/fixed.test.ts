import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { fromTensor, toTensor, withChannels } from "../../../src/data/images/image.js";
import { resize } from "../../../src/data/images/resize.js";
import {
  fitDomain,
  forTranslation,
  hiddenPairs,
  preview,
  sampleImages,
} from "../../../src/data/sets/fixed.js";
import { openFolders } from "../../../src/data/sets/folders.js";
import type { Domain } from "../../../src/program/model.js";
import { modelOf } from "../../support/specs.js";
import { domain, encode, fault, folderOf, noise, ok } from "../pictures.js";

const domains = [domain("X", 8), domain("Y", 6, 10, 1, [0, 1])];

const folders = async (count: number, extra: Record<string, Uint8Array | string> = {}) => {
  const files: Record<string, Uint8Array | string> = {
    "trainB/y.png": await encode(noise(9, 9, 50)),
  };
  for (let i = 0; i < count; i++) files[`trainA/${i}.png`] = await encode(noise(9, 9, i));
  return ok(await openFolders(await folderOf({ ...files, ...extra }), ["X", "Y"]));
};

test("a preview spreads over the images, the same each time, in the shape and range of each domain", async () => {
  const dataset = await folders(9);
  const shown = ok(await preview(dataset, domains, 3));
  expect(shown.X?.ids).toEqual(["0.png", "3.png", "6.png"]);
  expect(shown.X?.images).toEqual(toTensor([0, 3, 6].map((i) => resize(noise(9, 9, i), 8, 8))));
  expect(shown.Y?.images.shape).toEqual([1, 6, 10, 1]);
  expect(ok(await preview(dataset, domains, 3))).toEqual(shown);
});

test("a preview prefers the test split and steps over broken files", async () => {
  const extra = {
    "testA/a.png": "broken",
    "testA/b.png": await encode(noise(9, 9, 20)),
    "testA/c.png": await encode(noise(9, 9, 21)),
    "testB/d.png": await encode(noise(9, 9, 22)),
  };
  const shown = ok(await preview(await folders(2, extra), domains, 5));
  expect([shown.X?.ids, shown.Y?.ids]).toEqual([["b.png", "c.png"], ["d.png"]]);
  // the one that stands in for 0 takes the place of 1, whose own turn goes on to the next
  const partly = ok(await preview(await folders(4, { "trainA/0.png": "broken" }), domains, 3));
  expect(partly.X?.ids).toEqual(["1.png", "2.png", "3.png"]);
});

test("a file that cannot be read is tried once, however many are wanted", async () => {
  const { train } = await folders(1, { "trainA/b.png": "broken", "trainA/c.png": "broken" });
  const source = train.X;
  if (source === undefined) throw new Error("there is no X");
  const tried: number[] = [];
  const counting = {
    ...source,
    load: (i: number) => {
      tried.push(i);
      return source.load(i);
    },
  };
  const sample = ok(await sampleImages(counting, domain("X", 8), 3));
  expect([sample.ids, tried.sort()]).toEqual([["0.png"], [0, 1, 2]]);
});

test("whole images of a label map are resized without new values, everywhere", async () => {
  const model = modelOf(`domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train {
  optimizer: adam(2e-4) schedule: constant(2)
  augment: resize(9) >> random_crop(8)
  augment[Y]: resize(9, nearest: true) >> random_crop(8)
}`);
  const [photo, map] = model.domains;
  if (photo === undefined || map === undefined) throw new Error("there are no domains");
  expect([photo.nearest, map.nearest]).toEqual([undefined, true]);
  const values = [0, 80, 200];
  const labels = noise(21, 13, 3);
  const drawn = { ...labels, data: labels.data.map((x) => values[x % 3] ?? 0) };
  const root = await folderOf({ "map.png": await encode(drawn) });
  const levels = async (of: Domain): Promise<Set<number>> => {
    const { image } = ok(await forTranslation(join(root, "map.png"), of));
    return new Set(fromTensor(image, of.range).flatMap(({ data }) => [...data]));
  };
  expect([...(await levels(map))].sort((a, b) => a - b)).toEqual(values);
  expect((await levels(photo)).size).toBeGreaterThan(3);
  expect(new Set(fitDomain(drawn, map).data)).toEqual(new Set(values));
});

test("an image for translation is stretched to the domain, and knows what it was", async () => {
  const image = noise(20, 33, 1);
  const root = await folderOf({ "photo.png": await encode(image), "bad.jpg": "no" });
  for (const of of domains) {
    const input = ok(await forTranslation(join(root, "photo.png"), of));
    expect(input.original).toEqual({ width: 33, height: 20 });
    expect(fromTensor(input.image, of.range)).toEqual([fitDomain(image, of)]);
  }
  expect(fitDomain(image, domain("Y", 6, 10, 1))).toEqual(withChannels(resize(image, 6, 10), 1));
  expect(fault(await forTranslation(join(root, "bad.jpg"), domain("X", 8)))).toMatchObject({
    kind: "unreadable-image",
    path: join(root, "bad.jpg"),
  });
});

test("hidden pairs line up row by row, and a pair with a broken half is left out", async () => {
  const dataset = await folders(1, {
    "testA/a.png": await encode(noise(8, 8, 1)),
    "testA/b.png": "broken",
    "testA/c.png": await encode(noise(8, 8, 3)),
    "testB/a.png": await encode(noise(6, 10, 4)),
    "testB/b.png": await encode(noise(6, 10, 5)),
    "testB/c.png": await encode(noise(6, 10, 6)),
  });
  expect(await hiddenPairs(dataset, domains)).toBeUndefined();
  const pairs = [
    { X: 2, Y: 0 },
    { X: 1, Y: 1 },
    { X: 0, Y: 2 },
  ];
  const found = await hiddenPairs({ ...dataset, pairs }, domains);
  expect(found?.ids).toEqual(["c.png", "a.png"]);
  expect(found?.skipped.map(({ id }) => id)).toEqual(["b.png"]);
  expect(found?.images.X).toEqual(toTensor([noise(8, 8, 3), noise(8, 8, 1)]));
  expect(found?.images.Y).toEqual(
    toTensor(
      [4, 6].map((seed) => withChannels(noise(6, 10, seed), 1)),
      [0, 1],
    ),
  );
});
