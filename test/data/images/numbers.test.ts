/**
 * Files of numbers: `.npy` and TIFF of any channels and types, and how they become values of a
 * domain.
 */
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { openFeed } from "../../../src/data/batches/batches.js";
import { decodeAny } from "../../../src/data/images/decode.js";
import { type Raster, toTensor } from "../../../src/data/images/image.js";
import { resize } from "../../../src/data/images/resize.js";
import { fitRaster, preview } from "../../../src/data/sets/fixed.js";
import { openFolders } from "../../../src/data/sets/folders.js";
import { type NumberType, npyOf, tiffOf } from "../number-files.js";
import { domain, encode, fault, folderOf, noise, ok } from "../pictures.js";

const counting = (n: number, scale = 1): number[] => Array.from({ length: n }, (_, i) => i * scale);

const decoded = async (bytes: Buffer): Promise<Raster> => ok(await decodeAny(bytes));

const types: readonly NumberType[] = ["u1", "<u2", ">u2", "<f4", ">f4", "<f8", ">f8"];

test.each(types)("%s is read in both orders and all versions", async (type) => {
  const values = counting(2 * 3 * 5, type.includes("f") ? 1 / 64 : 7);
  const expected = values.map((v) => (type.endsWith("u2") ? Math.fround(v / 257) : v));
  for (const version of [1, 2, 3]) {
    const { data, ...size } = await decoded(npyOf(type, [2, 3, 5], values, { version }));
    expect(size).toMatchObject({ width: 3, height: 2, channels: 5 });
    expect([...data]).toEqual(expected);
    expect(size.isUnscaled === true).toBe(type.includes("f"));
  }
  const [y, x, c] = [1, 2, 3];
  const fortran = await decoded(npyOf(type, [2, 3, 5], values, { isFortran: true }));
  expect(fortran.data[(y * 3 + x) * 5 + c]).toBe(expected[y + 2 * (x + 3 * c)]);
  const grey = await decoded(npyOf(type, [5, 6], values));
  expect([grey.height, grey.width, grey.channels]).toEqual([5, 6, 1]);
});

test.each<[Buffer, RegExp]>([
  [
    npyOf("<i4", [2, 2], [1, 2, 3, 4]),
    /its elements are <i4, but only uint8, uint16, float32 and float64 can be read/,
  ],
  [npyOf("<c8", [2, 2], [1, 2, 3, 4]), /its elements are <c8/],
  [npyOf("u1", [4], [1, 2, 3, 4]), /its shape is \(4,\), but an image is \(height, width\) or/],
  [npyOf("u1", [1, 2, 2, 1], [1, 2, 3, 4]), /its shape is \(1, 2, 2, 1\)/],
  [npyOf("u1", [0, 2], []), /it holds nothing/],
  [npyOf("u1", [2, 2], [1, 2, 3]), /damaged or cut off/],
  [npyOf("u1", [2, 2], [1, 2, 3, 4], { version: 9 }), /version 9 of the format/],
  [npyOf("u1", [2, 2], [1, 2, 3, 4]).subarray(0, 30), /damaged or cut off/],
  [npyOf("<f8", [99999, 99999], []), /at most 268435456 numbers/],
])("what is no image is refused in words", async (bytes, reason) => {
  expect(fault(await decodeAny(bytes))).toMatch(reason);
});

test("TIFF files of fractions and of five channels and more are read as they are", async () => {
  for (const type of ["u1", "<u2", "<f4", "<f8"] as const)
    for (const channels of type.includes("f") ? [1, 2, 3, 5] : [5, 8]) {
      const values = counting(2 * 3 * channels, type.includes("f") ? 1 / 64 : 3);
      const { data, ...size } = await decoded(tiffOf([2, 3, channels], type, values));
      expect(size).toMatchObject({ width: 3, height: 2, channels });
      expect([...data]).toEqual(values.map((v) => (type === "<u2" ? Math.fround(v / 257) : v)));
    }
  const photo = await sharp(await encode(noise(4, 6, 1)))
    .tiff({ compression: "lzw" })
    .toBuffer();
  expect(await decoded(photo)).toMatchObject({ width: 6, channels: 3, data: noise(4, 6, 1).data });
  const torn = tiffOf([2, 3, 5], "<f4", counting(30)).subarray(0, 60);
  expect(fault(await decodeAny(torn))).toMatch(/damaged|kind that is not read/);
});

const opened = async (files: Record<string, Uint8Array>) =>
  ok(await openFolders({ X: await folderOf(files) }, ["X"]));

const five = domain("X", 2, 3, 5);

test("fractions in [0, 1] fill the domain's range, others are taken as they are; it is told", async () => {
  const unit = npyOf("<f4", [2, 3, 5], counting(30, 1 / 32));
  const moved = counting(30, 1 / 32).map((v) => v - 0.5);
  const asUnit = await opened({ "a.npy": unit, "b.npy": unit });
  expect(asUnit.train.X?.beside).toEqual([
    "5 channels",
    "fractions from 0 to 0.9063, taken to be of [0, 1]",
  ]);
  const ofUnit = ok(await preview(asUnit, [five], 1)).X;
  expect(ofUnit?.images.shape).toEqual([1, 2, 3, 5]);
  for (const [i, v] of [...(ofUnit?.images.data ?? [])].entries())
    expect(v).toBeCloseTo(-1 + (2 * i) / 32, 6);
  const asIs = await opened({ "a.npy": npyOf("<f4", [2, 3, 5], moved), "b.npy": unit });
  expect(asIs.train.X?.beside?.[1]).toBe(
    "fractions from -0.5 to 0.9063, taken as they are, in the domain's range",
  );
  const own = ok(await preview(asIs, [five], 2)).X?.images.data ?? [];
  for (let i = 0; i < 30; i++) {
    expect(own[i]).toBeCloseTo(i / 32 - 0.5, 6);
    expect(own[30 + i]).toBeCloseTo(i / 32, 6);
  }
});

test("numbers outside, none, or of other channels are refused with what was found", async () => {
  const far = npyOf("<f4", [2, 3, 5], counting(30, 50));
  const none = npyOf("<f4", [2, 3, 5], [NaN, ...counting(29, 1 / 32)]);
  const error = fault(await preview(await opened({ "a.npy": far }), [five], 1));
  expect(error.reason).toMatch(
    /a\.npy: its numbers go from 0 to 1450, but fractions must all lie in \[0, 1\] or in the domain's range, here \[-1, 1\]: rescale/,
  );
  const wide = domain("X", 2, 3, 5, [0, 2000]);
  const taken = ok(await preview(await opened({ "a.npy": far }), [wide], 1)).X?.images.data;
  expect(taken?.[29]).toBeCloseTo(1450, 2);
  expect(fault(fitRaster(await decoded(none), five))).toMatch(/NaN/);
  const png = { "a.png": await encode(noise(2, 3, 1)) };
  const rgb = fault(await preview(await opened(png), [five], 1));
  expect(rgb.reason).toMatch(/it has 3 channels, but 5 are needed/);
});

test("a feed crops and flips numbers of five channels without rounding them", async () => {
  const values = Array.from({ length: 8 * 8 * 5 }, (_, i) => ((i * 7919) % 1000) / 1000);
  const dataset = await opened({ "a.npy": npyOf("<f4", [8, 8, 5], values) });
  const feed = ok(
    openFeed({
      dataset,
      domains: [domain("X", 4, 4, 5)],
      augment: { X: [{ kind: "random_crop", height: 4, width: 4 }, { kind: "random_flip" }] },
      batch: 1,
      seed: 1,
    }),
  );
  const all = values.map((v) => -1 + 2 * v);
  for await (const { batch } of feed.epoch(0)) {
    expect(batch.X?.shape).toEqual([1, 4, 4, 5]);
    for (const v of batch.X?.data ?? [])
      expect(Math.min(...all.map((other) => Math.abs(other - v)))).toBeLessThan(1e-5);
  }
});

test("fractions are resized as 8 bits are, but for the rounding", () => {
  const image = noise(12, 10, 3);
  const fine = resize({ ...image, data: Float32Array.from(image.data) } as Raster, 7, 5);
  expect(fine.data).toBeInstanceOf(Float32Array);
  for (const [i, v] of resize(image, 7, 5).data.entries())
    expect(Math.abs((fine.data[i] ?? 0) - v)).toBeLessThan(1.6);
  expect(toTensor([fine]).shape).toEqual([1, 7, 5, 3]);
});

test("what reading changes is told once for a set", async () => {
  const plain = await encode(noise(4, 4, 1));
  const clear = await sharp(plain).ensureAlpha(0.5).png().toBuffer();
  const opaque = await sharp(plain).ensureAlpha().png().toBuffer();
  const deep = await sharp(plain).toColourspace("rgb16").png().toBuffer();
  const cmyk = await sharp(plain).toColourspace("cmyk").jpeg().toBuffer();
  const found = await opened({
    "a.png": plain,
    "b.png": clear,
    "c.png": opaque,
    "d.png": deep,
    "e.jpg": cmyk,
  });
  expect(found.train.X?.beside).toEqual([
    "1 is transparent, laid on white",
    "1 is of 16 bits, cut to 8",
    "1 is CMYK, converted to RGB",
  ]);
  const many = Array.from({ length: 40 }, (_, i) => [`${i}.png`, clear]);
  expect((await opened(Object.fromEntries(many))).train.X?.beside).toEqual([
    "16 of 16 looked at are transparent, laid on white",
  ]);
});

test("files that cannot be used do not decide how the others are taken", async () => {
  const unit = npyOf("<f4", [2, 3, 3], counting(18, 1 / 32));
  const found = await opened({
    "a.npy": unit,
    "b.npy": unit,
    "nan.npy": npyOf("<f4", [2, 3, 3], new Array(18).fill(NaN)),
    "four.npy": npyOf("<f4", [2, 3, 4], counting(24)),
    "endless.tif": tiffOf([2, 3, 1], "<f4", [-Infinity, 0, 0, 0, 0, 0]),
  });
  expect(found.train.X?.beside).toContain("fractions from 0 to 0.5313, taken to be of [0, 1]");
  expect(found.train.X?.file?.(0).isUnit).toBe(true);
});
