/**
 * Pictures given back with all that they have besides colours: read by sharp's own account of a
 * file.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import sharp from "sharp";
import { uprightExif } from "../../../src/data/images/exif.js";
import { type Picture, readPicture } from "../../../src/data/images/picture.js";
import { alphaAt, encodePicture, outputFormats } from "../../../src/data/images/picture-file.js";
import { blank, mirrored, paint, regionTensor } from "../../../src/data/images/pixels.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-picture-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [width, height] = [6, 4];

const read = async (bytes: Uint8Array): Promise<Picture> => {
  const path = join(folder, "picture");
  writeFileSync(path, bytes);
  const picture = await readPicture(path);
  if (isLeft(picture)) throw new Error(picture.left.reason);
  return picture.right;
};

const levels16 = (count: number): Uint16Array =>
  Uint16Array.from({ length: count }, (_, i) => (i * 7919 + 13) % 65536);

const rgb16 = (channels: 3 | 4) =>
  sharp(levels16(width * height * channels), { raw: { width, height, channels } }).toColourspace(
    "rgb16",
  );

const xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><a>words</a></x:xmpmeta>";

/** A JPEG that lies on its side, in Display P3. */
const photograph = (): Promise<Buffer> =>
  sharp(Buffer.alloc(width * height * 3, 90), { raw: { width, height, channels: 3 } })
    .withIccProfile("p3")
    .withExif({ IFD0: { Copyright: "someone" } })
    .withMetadata({ orientation: 6 })
    .withXmp(xmp)
    .jpeg({ quality: 100 })
    .toBuffer();

describe("16 bits", () => {
  test.each(["png", "tiff"] as const)("%s comes back sample for sample", async (format) => {
    const file =
      format === "png"
        ? await rgb16(3).png().toBuffer()
        : await rgb16(3).tiff({ compression: "lzw" }).toBuffer();
    const picture = await read(file);
    expect(picture.pixels.data).toEqual(levels16(width * height * 3));
    const written = await encodePicture(picture, { format });
    expect(await sharp(written).metadata()).toMatchObject({ format, depth: "ushort", channels: 3 });
    expect((await read(written)).pixels.data).toEqual(picture.pixels.data);
  });

  test("where a format has 8, it is rounded to these", async () => {
    const picture = await read(await rgb16(3).png().toBuffer());
    const written = await encodePicture(picture, { format: "webp", quality: 100 });
    expect(await sharp(written).metadata()).toMatchObject({ format: "webp", depth: "uchar" });
  });

  test("a grey picture is written grey", async () => {
    const data = levels16(width * height);
    const pixels = { width, height, channels: 1, data } as const;
    const written = await encodePicture({ pixels, noted: {} }, { format: "png" });
    expect(await sharp(written).metadata()).toMatchObject({ depth: "ushort", channels: 1 });
  });
});

describe("transparency", () => {
  test("is the picture's own, and its colours are laid on white", async () => {
    const data = Buffer.from([200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51, 9, 9, 9, 255]);
    const file = await sharp(data, { raw: { width: 2, height: 2, channels: 4 } })
      .png()
      .toBuffer();
    const picture = await read(file);
    expect([...(picture.alpha ?? [])]).toEqual([255, 0, 51, 255]);
    expect([...picture.pixels.data]).toEqual([200, 100, 0, 255, 255, 255, 244, 224, 204, 9, 9, 9]);
    for (const format of ["png", "webp", "tiff"] as const) {
      const again = await read(await encodePicture(picture, { format, quality: 100 }));
      expect([...(again.alpha ?? [])]).toEqual([255, 0, 51, 255]);
    }
    const flat = await read(await encodePicture(picture, { format: "jpeg" }));
    expect(flat.alpha).toBeUndefined();
  });

  test("that hides nothing is none", async () => {
    const data = Buffer.alloc(16, 255);
    const file = await sharp(data, { raw: { width: 2, height: 2, channels: 4 } })
      .png()
      .toBuffer();
    expect((await read(file)).alpha).toBeUndefined();
  });

  test("is brought to another size", () => {
    const alpha = Uint8Array.of(0, 255, 0, 255);
    const sized = alphaAt(alpha, { height: 2, width: 2 }, { height: 4, width: 4 });
    expect(sized).toHaveLength(16);
    expect(sized[0]).toBe(0);
    expect(sized[3]).toBe(255);
  });
});

test.each(outputFormats)("%s keeps profile, XMP and EXIF data, upright", async (format) => {
  const picture = await read(await photograph());
  expect(picture.pixels).toMatchObject({ width: height, height: width });
  const about = await sharp(await encodePicture(picture, { format })).metadata();
  const of = await sharp(await photograph()).metadata();
  expect(about.icc).toEqual(of.icc);
  expect(about.xmp?.toString()).toContain("words");
  expect(about.orientation ?? 1).toBe(1);
  if (format === "tiff") expect(about.exif).toBeUndefined();
  else expect(about.exif?.toString("latin1")).toContain("someone");
});

test("colours are those of the profile that they are written with", async () => {
  const picture = await read(await photograph());
  const again = await read(await encodePicture(picture, { format: "png" }));
  for (const [i, level] of picture.pixels.data.entries())
    expect(Math.abs(level - (again.pixels.data[i] ?? 0))).toBeLessThanOrEqual(1);
});

test("a profile that is none does not keep a picture from being written", async () => {
  const pixels = blank(2, 2, 3, 8);
  const profile = Buffer.alloc(200, 1);
  const written = await encodePicture({ pixels, noted: { profile } }, { format: "png" });
  expect(await sharp(written).metadata()).toMatchObject({ width: 2, height: 2 });
});

test.each([["II"], ["MM"], [""], ["Exif\0\0II*\0\xff\xff\0\0"]])(
  "EXIF data that are cut off or none are no EXIF data: %j",
  (text) => expect(uprightExif(Buffer.from(text, "latin1"))).toBeUndefined(),
);

describe("regions", () => {
  test("beyond the border are mirrored, as often as is needed", () => {
    expect([-3, -2, -1, 0, 1, 2, 3, 4, 5].map((at) => mirrored(at, 3))).toEqual([
      1, 2, 1, 0, 1, 2, 1, 0, 1,
    ]);
    expect(mirrored(-5, 1)).toBe(0);
  });

  test("are painted back as they were read, and what lies beyond is left out", () => {
    const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 37) % 256);
    const image = { width: 5, height: 4, channels: 3, data } as const;
    const copy = blank(4, 5, 3, 8);
    for (const top of [0, 3])
      for (const left of [0, 3]) {
        const region = { top, left, height: 3, width: 3 };
        paint(copy, region, regionTensor(image, region, 3, [-1, 1]), [-1, 1]);
      }
    expect(copy.data).toEqual(data);
    const deep = blank(4, 5, 3, 16);
    paint(
      deep,
      { top: 0, left: 0 },
      regionTensor(image, { top: 0, left: 0, height: 4, width: 5 }, 3, [0, 1]),
      [0, 1],
    );
    expect([...deep.data]).toEqual([...data].map((level) => level * 257));
  });

  test("values beyond the range are clamped, and what is no number is black", () => {
    const image = blank(1, 3, 1, 8);
    const tensor = { shape: [1, 1, 3, 1], data: Float32Array.of(-2, Number.NaN, 7) };
    paint(image, { top: 0, left: 0 }, tensor, [-1, 1]);
    expect([...image.data]).toEqual([0, 0, 255]);
  });
});
