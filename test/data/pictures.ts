/** Small image files for tests, made on the spot. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "@jest/globals";
import type { Either } from "fp-ts/lib/Either.js";
import sharp from "sharp";
import { stream } from "../../src/base/random.js";
import type { RawImage } from "../../src/data/images/image.js";
import type { Domain } from "../../src/program/model.js";

const made: string[] = [];

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A temporary folder with the files given, by relative path; gone after the test. */
export const folderOf = async (
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), "ganc-data-"));
  made.push(root);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
};

/** Noise, different for each seed. */
export const noise = (
  height: number,
  width: number,
  seed: number,
  channels: 1 | 3 = 3,
): RawImage => {
  const uniform = stream(seed, "test/noise");
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) =>
    Math.floor(256 * uniform(i)),
  );
  return { width, height, channels, data };
};

/** One colour all over. */
export const plain = (height: number, width: number, rgb: readonly number[]): RawImage => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from({ length: height * width * 3 }, (_, i) => rgb[i % 3] ?? 0),
});

export const encode = async (
  { data, width, height, channels }: RawImage,
  format: "png" | "jpeg" | "webp" = "png",
): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels } })
    .toFormat(format, format === "webp" ? { lossless: true } : {})
    .toBuffer();

export const domain = (
  name: string,
  height: number,
  width = height,
  channels = 3,
  range: readonly [number, number] = [-1, 1],
): Domain => ({
  name,
  kind: "image",
  shape: [height, width, channels],
  range,
  span: { file: "test.gan", start: 0, end: 0 },
});

/** The right side, or a failed test that shows the left one. */
export const ok = <E, A>(result: Either<E, A>): A => {
  if (result._tag === "Left") throw new Error(`unexpected: ${JSON.stringify(result.left)}`);
  return result.right;
};

/** The left side, or a failed test. */
export const fault = <E, A>(result: Either<E, A>): E => {
  if (result._tag === "Right") throw new Error("an error was expected");
  return result.left;
};

/**
 * A picture with things in it, different for each seed: rectangles and discs of many sizes upon a
 * slope of colour.
 */
export const scene = (height: number, width: number, seed: number, things = 24): RawImage => {
  const draws = stream(seed, "test/scene");
  let next = 0;
  const draw = (): number => draws(next++);
  const data = new Uint8Array(height * width * 3);
  const ends = Array.from({ length: 6 }, draw);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        data[3 * (y * width + x) + c] =
          255 * ((ends[c] ?? 0) * (1 - y / height) + ((ends[3 + c] ?? 0) * y) / height);
  for (let k = 0; k < things; k++) {
    const [isDisc, cx, cy, r, ...rgb] = [
      draw() < 0.5,
      draw(),
      draw(),
      0.03 + 0.2 * draw(),
      draw(),
      draw(),
      draw(),
    ];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [dx, dy] = [Math.abs(x / width - cx), Math.abs(y / height - cy)];
        if (isDisc ? Math.hypot(dx, dy) > r : Math.max(dx, dy * 1.5) > r) continue;
        for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = 255 * (rgb[c] ?? 0);
      }
  }
  return { width, height, channels: 3, data };
};
