/** Which files are images, which are whole, and which fit into memory. */
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { decodeImage, drawSvg, readImage } from "../../../src/data/images/decode.js";
import type { RawImage } from "../../../src/data/images/image.js";
import { forTranslation } from "../../../src/data/sets/fixed.js";
import { domain, encode, fault, folderOf, noise, ok } from "../pictures.js";

/** As photographs are: areas of one colour, edges, and a little noise. */
const photo = (side: number, seed: number): RawImage => {
  const grain = noise(side, side, seed).data;
  const data = grain.map((value, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    const shade = Math.hypot(x - side / 2, y - side / 2) < side / 3 ? 60 : 180;
    return shade + (x >> 2) + (value >> 4);
  });
  return { width: side, height: side, channels: 3, data };
};

const jpegOf = async (
  image: RawImage,
  options: Parameters<ReturnType<typeof sharp>["jpeg"]>[0] = {},
): Promise<Buffer> =>
  sharp(await encode(image))
    .jpeg(options)
    .toBuffer();

/** A part of the bytes overwritten, as shares of the whole. */
const holed = (bytes: Uint8Array, from: number, length: number): Uint8Array => {
  const begin = Math.floor(from * bytes.length);
  return Buffer.from(bytes).fill(0, begin, begin + Math.ceil(length * bytes.length));
};

const without = (bytes: Uint8Array, from: number, length: number): Uint8Array => {
  const begin = Math.floor(from * bytes.length);
  return Buffer.concat([
    bytes.subarray(0, begin),
    bytes.subarray(begin + Math.ceil(length * bytes.length)),
  ]);
};

const damages: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "overwritten in the middle": (bytes) => holed(bytes, 0.5, 0.2),
  "overwritten near its end": (bytes) => holed(bytes, 0.75, 0.2),
  "missing in the middle": (bytes) => without(bytes, 0.5, 0.1),
  "missing near its end": (bytes) => without(bytes, 0.8, 0.1),
};

test.each(Object.keys(damages))("a jpeg with a part that is %s is refused", async (kind) => {
  const damage = damages[kind] ?? ((bytes) => bytes);
  const found: string[] = [];
  for (const seed of [1, 2, 3, 4])
    for (const progressive of [false, true]) {
      const whole = await jpegOf(photo(128, seed), { progressive });
      expect(ok(await decodeImage(whole)).width).toBe(128);
      const decoded = await decodeImage(damage(whole));
      found.push(decoded._tag === "Left" ? decoded.left : "is taken for whole");
    }
  expect(found.filter((reason) => !reason.startsWith("it is damaged"))).toEqual([]);
});

const endOf = (bytes: Buffer): number => bytes.lastIndexOf(Buffer.from([0xff, 0xd9]));

const insert = (bytes: Buffer, more: readonly number[]): Buffer => {
  const end = endOf(bytes);
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(more), bytes.subarray(end)]);
};

test("a jpeg that the decoder is done with before its data end has lost its place", async () => {
  const whole = await jpegOf(photo(96, 5));
  const end = endOf(whole);
  const longer = insert(whole, [...whole.subarray(end - 200, end)]);
  expect(fault(await decodeImage(longer))).toBe(
    "it is damaged: a part of its data is missing or overwritten",
  );
  // Once is enough: an image that was found whole is not looked through again.
  expect(ok(await decodeImage(longer, true))).toEqual(ok(await decodeImage(whole)));
});

const oddities: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  "two bytes too many": (bytes) => insert(bytes, [1, 2]),
  "zeros before its end": (bytes) => insert(bytes, new Array<number>(200).fill(0)),
  "filling before its end": (bytes) => insert(bytes, new Array<number>(50).fill(255)),
  "a restart before its end": (bytes) => insert(bytes, [0xff, 0xd0]),
  "another picture behind it": (bytes) => Buffer.concat([bytes, bytes]),
  "a trailer behind it": (bytes) => Buffer.concat([bytes, Buffer.from("trailer".repeat(50))]),
};

test.each(Object.keys(oddities))("a jpeg with %s is whole", async (kind) => {
  const oddity = oddities[kind] ?? ((bytes) => bytes);
  for (const progressive of [false, true]) {
    const whole = await jpegOf(photo(96, 6), { progressive });
    expect(ok(await decodeImage(oddity(whole)))).toEqual(ok(await decodeImage(whole)));
  }
});

test("jpegs of every small size and kind are whole", async () => {
  for (const side of [1, 2, 7, 8, 9, 16, 17, 33])
    for (const progressive of [false, true])
      for (const quality of [5, 100])
        for (const image of [photo(side, 7), noise(side, side + 5, 8), noise(side, side, 9, 1)]) {
          const bytes = await jpegOf(image, { progressive, quality });
          expect(ok(await decodeImage(bytes)).width).toBe(image.width);
        }
});

test.each(["png", "tiff", "gif", "avif"] as const)(
  "a %s with a part that is overwritten or missing is refused",
  async (format) => {
    const whole = await sharp(await encode(photo(64, 10)))
      .toFormat(format)
      .toBuffer();
    expect(ok(await decodeImage(whole)).width).toBe(64);
    const damaged = { hole: holed(whole, 0.5, 0.2), gone: without(whole, 0.5, 0.1) };
    // A file without compression and checksum does not show what its pixels were
    for (const bytes of [...(format === "tiff" ? [] : [damaged.hole]), damaged.gone])
      expect(fault(await decodeImage(bytes))).toMatch(/^it is damaged or cut off/);
  },
);

test("what is no whole image is named with its reason", async () => {
  const [jpeg, png, webp] = await Promise.all(
    (["jpeg", "png", "webp"] as const).map((format) => encode(photo(64, 11), format)),
  );
  const half = (bytes: Uint8Array | undefined): Uint8Array =>
    bytes?.subarray(0, bytes.length / 2) ?? new Uint8Array();
  const root = await folderOf({
    "half.jpg": half(jpeg),
    "half.png": half(png),
    "half.webp": half(webp),
    "empty.png": "",
    "text.png": "This is not an image.",
  });
  const reason = async (name: string) => {
    const broken = fault(await readImage(join(root, name), name));
    expect([broken.kind, broken.id, broken.path]).toEqual(["broken-image", name, join(root, name)]);
    return broken.reason;
  };
  expect(await reason("half.jpg")).toMatch(/^it is damaged or cut off: premature end/i);
  expect(await reason("half.png")).toMatch(/^it is damaged or cut off: .*read error/i);
  expect(await reason("half.webp")).toMatch(/^it is damaged or cut off/);
  expect(await reason("empty.png")).toBe("the file is empty");
  expect(await reason("text.png")).toBe(
    "its content is not an image that can be read (JPEG, PNG, WebP, TIFF, GIF, AVIF or NumPy)",
  );
  expect(await reason("none.png")).toBe("it is missing");
});

test.each([
  ['<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>', "an SVG drawing"],
  [
    '<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="1000000000" height="1000000000"/>',
    "an SVG drawing",
  ],
  ["%PDF-1.7\n", "a PDF document"],
  ["<!doctype html><html><body>Not found</body></html>", "a web page"],
  ["BM\0\0\0\0", "a BMP image"],
  ["\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC image"],
  ["\0\0\0\x18ftypisom\0\0\0\0isommp42", "a video"],
  ["version https://git-lfs.github.com/spec/v1\n", "a file that git-lfs keeps elsewhere"],
])("content decides, whatever the name says: %j", async (text, what) => {
  const reason = fault(await decodeImage(Buffer.from(text, "latin1")));
  expect(reason).toMatch(/^its content is .*, not an image that can be read/);
  expect(reason).toContain(what);
});

test("content decides for an image, too", async () => {
  const root = await folderOf({ "jpeg.png": await jpegOf(photo(8, 12)) });
  expect(ok(await readImage(join(root, "jpeg.png"))).width).toBe(8);
});

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#336699" }, limitInputPixels: false });

test.each(["png", "jpeg"] as const)("a huge %s is shrunk as it is read", async (format) => {
  const bytes = await blank(9000, 8000)
    .withMetadata({ orientation: 6 })
    .toFormat(format)
    .toBuffer();
  const { width, height, full, data } = ok(await decodeImage(bytes));
  expect(full).toEqual({ width: 8000, height: 9000 });
  expect(width * height).toBeLessThanOrEqual(2 ** 24);
  expect(width / height).toBeCloseTo(8 / 9, 3);
  expect(Math.abs((data[0] ?? 0) - 0x33)).toBeLessThan(3);
  const root = await folderOf({ "huge.image": bytes });
  const { original } = ok(await forTranslation(join(root, "huge.image"), domain("X", 8)));
  expect(original).toEqual({ width: 8000, height: 9000 });
});

test("a huge jpeg with bytes too many is whole, and one that is cut off is not", async () => {
  const bytes = await blank(9000, 8000).jpeg().toBuffer();
  expect(ok(await decodeImage(insert(bytes, [1, 2]))).full).toEqual({ width: 9000, height: 8000 });
  expect(fault(await decodeImage(bytes.subarray(0, bytes.length / 2)))).toBe(
    "it is damaged or cut off: premature end of JPEG image",
  );
});

test("a huge image that can only be read whole is refused with the bound", async () => {
  const interlaced = await blank(9000, 8000).png({ progressive: true }).toBuffer();
  expect(fault(await decodeImage(interlaced))).toBe(
    "it has 9000 x 8000 pixels, but at most 67 million can be read where it is progressive or interlaced: make it smaller",
  );
  const webp = await blank(9000, 8000).webp({ effort: 0 }).toBuffer();
  expect(fault(await decodeImage(webp))).toBe(
    "it has 9000 x 8000 pixels, but at most 67 million can be read of its format: make it smaller",
  );
});

/** A PNG of which only the head is true. */
const claimed = async (width: number, height: number): Promise<Buffer> => {
  const { crc32 } = await import("node:zlib");
  const bytes = Buffer.from(await encode(noise(1, 1, 13)));
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
};

test("an image beyond all bounds is refused before memory is taken for it", async () => {
  expect(fault(await decodeImage(await claimed(30000, 30000)))).toBe(
    "it has 30000 x 30000 pixels, but at most 268 million can be read: make it smaller",
  );
  expect(fault(await decodeImage(await claimed(100000, 1000)))).toBe(
    "it is 100000 pixels wide, but at most 65536 can be read",
  );
});

test("drawings are on white, and a wrong one is told", async () => {
  const svg = (body: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2">${body}</svg>`;
  const drawn = ok(await drawSvg(svg('<rect width="2" height="2" fill="#102030"/>')));
  expect([drawn.width, drawn.height]).toEqual([4, 2]);
  expect([...drawn.data.slice(0, 3), ...drawn.data.slice(9, 12)]).toEqual([
    16, 32, 48, 255, 255, 255,
  ]);
  expect(fault(await drawSvg(svg("<rect>")))).toMatch(/\S/);
});
