import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { decodeImage } from "../../../src/data/images/decode.js";
import { encodePng, fromTensor, toTensor, withChannels } from "../../../src/data/images/image.js";
import { encode, noise, ok, plain } from "../pictures.js";

/** A 2 x 2 PNG of 16-bit samples. */
const deep = (channels: 1 | 2 | 3 | 4, samples: readonly number[]): Promise<Uint8Array> =>
  sharp(Uint16Array.from(samples), { raw: { width: 2, height: 2, channels } })
    .toColourspace(channels < 3 ? "grey16" : "rgb16")
    .png()
    .toBuffer();

const pixels = async (file: Promise<Uint8Array>): Promise<number[][]> => {
  const { data, channels } = ok(await decodeImage(await file));
  expect(channels).toBe(3);
  return Array.from({ length: data.length / 3 }, (_, i) => [...data.slice(3 * i, 3 * i + 3)]);
};

const grey = (...levels: number[]): number[][] => levels.map((v) => [v, v, v]);

test.each(["png", "webp"] as const)("what was encoded as %s comes back", async (format) => {
  const image = noise(5, 7, 1);
  expect(ok(await decodeImage(await encode(image, format)))).toEqual(image);
});

test("an RGB and a grey image survive encodePng", async () => {
  const image = noise(4, 9, 2);
  expect(ok(await decodeImage(await encodePng(image)))).toEqual(image);
  const one = noise(4, 9, 3, 1);
  expect(ok(await decodeImage(await encodePng(one)))).toEqual(withChannels(one, 3));
});

test("a jpeg keeps its colour, nearly", async () => {
  const { data } = ok(await decodeImage(await encode(plain(16, 16, [200, 30, 60]), "jpeg")));
  expect(Math.abs((data[0] ?? 0) - 200)).toBeLessThan(5);
  expect(Math.abs((data[1] ?? 0) - 30)).toBeLessThan(5);
});

test("grey becomes three equal channels", async () => {
  const image = noise(2, 2, 4, 1);
  expect(await pixels(encode(image))).toEqual(grey(...image.data));
});

test("16 bits lose their lower 8, in grey and in colour", async () => {
  expect(await pixels(deep(1, [0, 0x80ff, 0xffff, 0x0300]))).toEqual(grey(0, 0x80, 255, 3));
  expect(await pixels(deep(3, [0, 0x80ff, 0xffff, 0, 0, 0, 1, 2, 3, 0x100, 0x200, 0x300]))).toEqual(
    [
      [0, 128, 255],
      [0, 0, 0],
      [0, 0, 0],
      [1, 2, 3],
    ],
  );
});

test("alpha is laid on white, in 8 and 16 bits", async () => {
  const file = sharp(Uint8Array.of(255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 51), {
    raw: { width: 3, height: 1, channels: 4 },
  });
  expect(await pixels(file.png().toBuffer())).toEqual([
    [255, 0, 0],
    [255, 255, 255],
    [204, 204, 204],
  ]);
  const opaque = 0xffff;
  expect(await pixels(deep(2, [0, opaque, 0x8000, 0, 0x6400, opaque, 0, 0]))).toEqual(
    grey(0, 255, 0x64, 255),
  );
});

test("a palette is looked up", async () => {
  const file = await sharp(plain(8, 8, [10, 200, 30]).data, {
    raw: { width: 8, height: 8, channels: 3 },
  })
    .png({ palette: true, colours: 4 })
    .toBuffer();
  expect((await sharp(file).metadata()).isPalette).toBe(true);
  expect((await pixels(Promise.resolve(file)))[0]).toEqual([10, 200, 30]);
});

test("an image is turned as its EXIF says", async () => {
  const { data, width, height, channels } = noise(2, 3, 5);
  const file = await sharp(data, { raw: { width, height, channels } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const turned = ok(await decodeImage(file));
  expect([turned.height, turned.width]).toEqual([3, 2]);
  // a quarter turn clockwise: the lower left pixel comes to the upper left
  expect([...turned.data.slice(0, 3)]).toEqual([...data.slice(9, 12)]);
});

test("luma weighs as Rec. 601", () => {
  const { data } = withChannels(
    {
      width: 4,
      height: 1,
      channels: 3,
      data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9),
    },
    1,
  );
  expect([...data]).toEqual([76, 150, 29, 9]);
});

test.each([
  [-1, 1],
  [0, 1],
  [-3, 5],
] as const)("bytes go to [%i, %i] and back unchanged", (low, high) => {
  const images = [noise(8, 11, 7), noise(8, 11, 8)];
  const tensor = toTensor(images, [low, high]);
  expect(tensor.shape).toEqual([2, 8, 11, 3]);
  expect(fromTensor(tensor, [low, high])).toEqual(images);
  const ends = toTensor([plain(1, 1, [0, 255, 255])], [low, high]);
  expect([...ends.data]).toEqual([low, high, high]);
});

test("values outside the range are clamped, and no number is 0", () => {
  const [image] = fromTensor({ shape: [1, 1, 4, 1], data: Float32Array.of(-7, 7, Number.NaN, 0) });
  expect(image).toEqual({ width: 4, height: 1, channels: 1, data: Uint8Array.of(0, 255, 0, 128) });
});
