/**
 * Looking through images: what shows the same is found, what differs is not, and what bodes ill is
 * said.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp, { type Sharp } from "sharp";
import { stream } from "../../../src/base/random.js";
import { withChannels } from "../../../src/data/images/image.js";
import { findAlike, mostBits } from "../../../src/data/inspect/alike.js";
import { type Finding, findingsOf } from "../../../src/data/inspect/findings.js";
import { distance, fingerprint, smallSide } from "../../../src/data/inspect/fingerprint.js";
import { openToInspect } from "../../../src/data/inspect/found-domains.js";
import { shrink } from "../../../src/data/inspect/image-summary.js";
import { inspect } from "../../../src/data/inspect/inspect.js";
import { encode, folderOf, noise, ok, plain, scene } from "../pictures.js";

const pictures = await Promise.all(
  Array.from({ length: 40 }, (_, seed) => encode(scene(120, 160, seed))),
);

const picture = (i: number): Uint8Array => pictures[i] ?? new Uint8Array(0);

/** Of an encoded picture, its small grey version. */
const small = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const image = { width: info.width, height: info.height, channels: 3 as const, data };
  return withChannels(await shrink(image, smallSide, smallSide), 1).data;
};

const luma: [number, number, number] = [0.299, 0.587, 0.114];

const changes: Readonly<Record<string, (bytes: Uint8Array) => Sharp>> = {
  "encoded as a JPEG of quality 30": (b) => sharp(b).jpeg({ quality: 30 }),
  "of half the size": (b) => sharp(b).resize(80, 60).jpeg({ quality: 80 }),
  "of twice the size": (b) => sharp(b).resize(320, 240).webp({ quality: 70 }),
  stretched: (b) => sharp(b).resize(128, 128, { fit: "fill" }),
  lighter: (b) => sharp(b).linear(1.1, 6).jpeg(),
  // As most programs weigh colours; the decoder's own way is another.
  grey: (b) => sharp(b).recomb([luma, luma, luma]),
  "cropped by 4 % all around": (b) =>
    sharp(b).extract({ left: 6, top: 5, width: 148, height: 110 }).jpeg({ quality: 85 }),
  "cropped by 7 % on two sides": (b) =>
    sharp(b).extract({ left: 0, top: 8, width: 149, height: 112 }),
};

test.each(Object.entries(changes))("a picture that is %s is nearly the same", async (_, change) => {
  const originals = await Promise.all(pictures.slice(0, 14).map(small));
  const changed = await Promise.all(
    pictures.slice(0, 14).map(async (b) => small(await change(b).toBuffer())),
  );
  const { pairs } = await findAlike([...originals, ...changed]);
  expect(pairs).toEqual(Array.from({ length: 14 }, (_, i) => [i, 14 + i]));
});

test("different pictures are not, nor are those of which a third was cropped", async () => {
  const cropped = (b: Uint8Array) =>
    sharp(b).extract({ left: 0, top: 0, width: 107, height: 80 }).png().toBuffer();
  const greys = await Promise.all([
    ...pictures.map(small),
    ...pictures.map(async (b) => small(await cropped(b))),
    ...Array.from({ length: 20 }, async (_, seed) => small(await encode(noise(64, 64, seed)))),
  ]);
  expect((await findAlike(greys)).pairs).toEqual([]);
});

test("pictures that are alike from afar and not from near are two pictures", async () => {
  const uniform = stream(5, "from near");
  /** All of the lowest cosines, so that none of their signs is chance. */
  const afar = Float64Array.from({ length: 1024 }, (_, i) => {
    let sum = 128;
    for (let k = 1; k < 81; k++) {
      const [u, v] = [k % 9, Math.floor(k / 9)];
      const [x, y] = [(i % 32) + 0.5, Math.floor(i / 32) + 0.5];
      const wave = Math.cos((Math.PI * u * x) / 32) * Math.cos((Math.PI * v * y) / 32);
      sum += (uniform(k) < 0.5 ? -7 : 7) * wave;
    }
    return sum;
  });
  const near = (k: number) =>
    Uint8Array.from(afar, (value, i) => value + 40 * (uniform((k + 1) * 1024 + i) - 0.5));
  const [one, other] = [near(0), near(1)];
  const same = Uint8Array.from(one, (value, i) => value + (i % 3) - 1);
  expect(distance(fingerprint(one), fingerprint(other))).toBeLessThanOrEqual(mostBits);
  expect((await findAlike([one, other])).pairs).toEqual([]);
  expect((await findAlike([one, same])).pairs).toEqual([[0, 1]]);
});

test("a fingerprint has the signs of the lowest cosines, and the mean is none of them", () => {
  const wave = (rows: number, columns: number, mean: number): number[] =>
    Array.from({ length: smallSide ** 2 }, (_, i) => {
      const [y, x] = [Math.floor(i / smallSide), i % smallSide];
      const cosine = (k: number, at: number): number =>
        Math.cos((Math.PI * k * (at + 0.5)) / smallSide);
      return mean + 50 * cosine(rows, y) * cosine(columns, x) + 10 * cosine(1, x);
    });
  expect(distance(fingerprint(wave(2, 3, 60)), fingerprint(wave(2, 3, 190)))).toBeLessThan(32);
  const [a] = fingerprint(wave(0, 1, 128));
  const inverse = wave(0, 1, 128).map((v) => 256 - v);
  expect(a & 1).not.toBe(fingerprint(inverse)[0] & 1);
});

const found = async (files: Readonly<Record<string, Uint8Array>>): Promise<readonly Finding[]> =>
  findingsOf(await inspect(ok(await openToInspect(await folderOf(files)))));

/** The folder that a finding's files lie in is made up: what follows it. */
const names = ({ files }: Finding): string[][] =>
  files.map((group) => group.map((path) => path.split("/").slice(-2).join("/")));

const many = (folder: string, from: number, to: number): Record<string, Uint8Array> =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, i) => [`${folder}/${from + i}.png`, picture(from + i)]),
  );

test("duplicates, near-duplicates and overlaps are told apart", async () => {
  const jpeg = await sharp(picture(3)).jpeg({ quality: 60 }).toBuffer();
  const again = await sharp(picture(1)).png({ compressionLevel: 1 }).toBuffer();
  const findings = await found({
    ...many("trainA", 0, 6),
    ...many("trainB", 10, 16),
    ...many("testA", 20, 22),
    ...many("testB", 22, 24),
    "trainA/again.png": again,
    "trainA/three.jpg": jpeg,
    "trainB/zero.png": picture(0),
    "testB/twelve.png": picture(12),
    "testA/four.jpg": await sharp(picture(4)).resize(90, 70).jpeg().toBuffer(),
  });
  const of = findings.filter(({ kind }) => kind !== "few" && kind !== "layout");
  expect(of.map((one) => [one.kind, one.isFault, names(one)])).toEqual(
    [
      ["overlap-train-test", true, [["trainB/12.png", "testB/twelve.png"]]],
      ["overlap-domains", true, [["trainA/0.png", "trainB/zero.png"]]],
      ["duplicates", true, [["trainA/1.png", "trainA/again.png"]]],
      ["overlap-train-test", false, [["trainA/4.png", "testA/four.jpg"]]],
      ["near-duplicates", false, [["trainA/3.png", "trainA/three.jpg"]]],
      ["proportions", false, []],
    ].filter(([kind]) => kind !== "proportions"),
  );
});

test("broken files, odd sizes, blank, grey and few images are named", async () => {
  const findings = await found({
    ...many("A", 0, 5),
    "A/cut.png": picture(7).slice(0, 400),
    "A/wide.png": await encode(scene(60, 200, 70)),
    "A/tiny.png": await encode(scene(30, 40, 71)),
    "A/white.png": await encode(plain(120, 160, [255, 255, 255])),
    ...Object.fromEntries(
      await Promise.all(
        [30, 31, 32].map(async (i) => [
          `B/${i}.png`,
          new Uint8Array(await sharp(picture(i)).greyscale().png().toBuffer()),
        ]),
      ),
    ),
  });
  expect(findings.map((one) => [one.kind, one.isFault, names(one).flat()])).toEqual(
    expect.arrayContaining([
      ["broken", true, ["A/cut.png"]],
      ["proportions", false, ["A/wide.png"]],
      ["small", false, ["A/tiny.png"]],
      ["blank", false, ["A/white.png"]],
    ]),
  );
  expect(
    findings.filter(({ kind }) => kind === "few").map(({ says }) => says.slice(0, 17)),
  ).toEqual(["train A: 8 images", "train B: 3 images"]);
  const grey = findings.filter(({ kind }) => kind === "grey").map(({ says }) => says);
  expect(grey).toEqual(["A: 13 % of the images are grey, the others are coloured."]);
});

/** A bright thing on a dark ground: within the upper or the lower part, or anywhere. */
const thing = (seed: number, part: "upper" | "lower", rgb: readonly number[]) => {
  const image = plain(64, 64, [20, 20, 30]);
  const top = (part === "upper" ? 6 : 30) + (seed % 5);
  for (let y = top; y < top + 24; y++)
    for (let x = 14 + (seed % 7); x < 44 + (seed % 3); x++)
      for (let c = 0; c < 3; c++) image.data[3 * (64 * y + x) + c] = rgb[c] ?? 0;
  return image;
};

test("domains that differ in where things lie are told, those that differ in colour are not", async () => {
  const set = async (folder: string, part: "upper" | "lower", rgb: readonly number[]) =>
    Object.fromEntries(
      await Promise.all(
        Array.from({ length: 16 }, async (_, i) => [
          `${folder}/${i}.png`,
          await encode(thing(i, part, rgb)),
        ]),
      ),
    ) as Record<string, Uint8Array>;
  const red = await set("trainA", "upper", [200, 40, 40]);
  const kinds = async (other: Record<string, Uint8Array>) =>
    (await found({ ...red, ...other })).map(({ kind }) => kind);
  expect(await kinds(await set("trainB", "upper", [40, 60, 220]))).not.toContain("layout");
  expect(await kinds(await set("trainB", "lower", [200, 40, 40]))).toContain("layout");
});

test("a folder is opened as data sets are laid out, two folders as two domains, else as one", async () => {
  const domains = async (files: Record<string, Uint8Array>) => {
    const root = await folderOf(files);
    await writeFile(join(root, ".hidden"), "");
    return Object.keys(ok(await openToInspect(root)).train).length;
  };
  expect(await domains({ "trainX/a.png": picture(0), "trainY/b.png": picture(1) })).toBe(2);
  expect(await domains({ "cats/a.png": picture(0), "dogs/b.png": picture(1) })).toBe(2);
  expect(await domains({ "a.png": picture(0), "b.png": picture(1) })).toBe(1);
  const classes = { "1/a.png": picture(0), "2/b.png": picture(1), "3/c.png": picture(2) };
  expect(await domains(classes)).toBe(1);
});
