/**
 * Pictures as people have them, translated by the built program: sizes, depths, transparency,
 * folders and names.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import sharp from "sharp";
import { stream } from "../../src/base/random.js";
import { chooseTranslator } from "../../src/cli/commands/networks/translate-plan.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

/** Sides are halved twice, and there is a copy of the picture in what comes out. */
const whole = `domain X = image(16)
domain Y = image(16)
net G : X -> Y = reflect_pad(1) >> conv(3, 4, stride: 2) >> instance_norm >> relu >>
  conv(3, 4, stride: 2, pad: 1) >> relu >> upsample(4) >> conv(3, 3, pad: 1) >> tanh
net H : X -> Y = flatten >> dense(768) >> reshape(16, 16, 3) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x)))) + E[x ~ X] softplus(D(stop(H(x))))
  then min[G, H] E[x ~ X] softplus(-D(G(x))) + E[x ~ X] softplus(-D(H(x)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`;

const ganc = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/ganc.js"), ...args],
    { cwd: folder, encoding: "utf8" },
  );
  return { status, stdout, stderr, lines: stdout.trim().split("\n") };
};

const picture = async (
  path: string,
  { width = 16, height = 16, channels = 3 as 3 | 4, depth = 8 } = {},
): Promise<void> => {
  const uniform = stream(1, path);
  const size = width * height * channels;
  const most = depth === 8 ? 255 : 65535;
  const level = (_: unknown, i: number): number => most * uniform(i);
  const data =
    depth === 8
      ? Uint8Array.from({ length: size }, level)
      : Uint16Array.from({ length: size }, level);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  const image = sharp(data, { raw: { width, height, channels } });
  const space = depth === 8 ? "srgb" : "rgb16";
  writeFileSync(join(folder, path), await image.toColourspace(space).png().toBuffer());
};

const about = (path: string) => sharp(readFileSync(join(folder, path))).metadata();

const below = (path: string): readonly string[] =>
  readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, path).length + 1))
    .sort();

beforeAll(async () => {
  folder = temporary();
  writeFileSync(join(folder, "whole.gan"), whole);
  for (const name of ["a", "b"]) {
    await picture(`X/${name}.png`);
    await picture(`Y/${name}.png`);
  }
  await picture("odd.png", { width: 37, height: 22 });
  await picture("deep.png", { width: 21, height: 18, channels: 4, depth: 16 });
  for (const path of ["album/one.png", "album/summer/one.png", "album/summer/sea/two.png"])
    await picture(path);
  const made = ganc("run", "whole.gan", "--data", "X=X", "Y=Y", "--out", "run");
  if (made.status !== 0) throw new Error(made.stderr);
});
afterAll(removeTemporary);

test("a picture keeps its size, whatever it is", async () => {
  expect(ganc("translate", "run", "odd.png")).toMatchObject({ status: 0 });
  expect(await about("run/translated/G/odd.png")).toMatchObject({ width: 37, height: 22 });
});

test.each([
  ["domain", { width: 16, height: 16 }],
  ["20", { width: 20, height: 12 }],
  ["own", { width: 37, height: 22 }],
])("--size %s", async (size, sides) => {
  expect(ganc("translate", "run", "odd.png", "--size", size)).toMatchObject({ status: 0 });
  expect(await about("run/translated/G/odd.png")).toMatchObject(sides);
});

test("a network of fixed size says so, and gives back the picture's if asked", async () => {
  const fixed = ganc("translate", "run", "odd.png", "--net", "H");
  expect(fixed.stderr).toContain(
    "note: H takes images of 16 x 16 alone (dense: it has a weight for each place of its input)",
  );
  expect(await about("run/translated/H/odd.png")).toMatchObject({ width: 16, height: 16 });
  const back = ganc("translate", "run", "odd.png", "--net", "H", "--original-size");
  expect(back).toMatchObject({ status: 0, stderr: expect.not.stringContaining("note") });
  expect(await about("run/translated/H/odd.png")).toMatchObject({ width: 37, height: 22 });
});

test("16 bits and transparency stay, where the format has them", async () => {
  ganc("translate", "run", "deep.png");
  const deep = { depth: "ushort", channels: 4, width: 21, height: 18 };
  expect(await about("run/translated/G/deep.png")).toMatchObject(deep);
  const alphaOf = (path: string) =>
    sharp(readFileSync(join(folder, path)))
      .toColourspace("rgb16")
      .extractChannel(3)
      .raw({ depth: "ushort" })
      .toBuffer();
  expect(await alphaOf("run/translated/G/deep.png")).toEqual(await alphaOf("deep.png"));
  ganc("translate", "run", "deep.png", "--size", "domain");
  const sized = { depth: "ushort", channels: 4, width: 16, height: 16 };
  expect(await about("run/translated/G/deep.png")).toMatchObject(sized);
  expect(ganc("translate", "run", "deep.png", "--format", "jpeg", "--quality", "50").lines).toEqual(
    ["run/translated/G/deep.jpg"],
  );
  expect(await about("run/translated/G/deep.jpg")).toMatchObject({ format: "jpeg", channels: 3 });
});

test("images of other channels than pictures have are refused in words", () => {
  const domain = (name: string, channels: number) => ({
    ...{
      name,
      kind: "image" as const,
      shape: [16, 16, channels] as const,
      range: [-1, 1] as const,
    },
    span: { file: "", start: 0, end: 0 },
  });
  const [from, to] = [domain("Bands", 5), domain("Y", 3)];
  const translator = { network: "G", from, to, inputs: [{ name: "bands", domain: from }] };
  const choice = chooseTranslator([translator], {}, false);
  expect(isLeft(choice) && choice.left).toMatch(/^G works on images of 5 channels \(Bands\), but/);
});

test("a run that makes no images is not sent from one way of making them to the other", () => {
  const said = [true, false].map((isMade) => {
    const choice = chooseTranslator([], {}, isMade);
    return isLeft(choice) ? choice.left : "";
  });
  expect(said[0]).toContain("--count 16 makes some from noise");
  expect(said[1]).toMatch(/^No network of this run makes images\./);
  expect(said[1]).not.toContain("--count");
});

test("tiles make no seams", async () => {
  await picture("wide.png", { width: 90, height: 70 });
  const levels = (path: string) =>
    sharp(readFileSync(join(folder, path)))
      .raw()
      .toBuffer();
  expect(ganc("translate", "run", "wide.png")).toMatchObject({ status: 0 });
  const whole = await levels("run/translated/G/wide.png");
  const cut = ganc("translate", "run", "wide.png", "--tile", "32", "--out", "cut");
  expect(cut).toMatchObject({ status: 0, lines: ["cut/wide.png"] });
  const tiled = await levels("cut/wide.png");
  expect(Math.max(...whole.map((level, i) => Math.abs(level - (tiled[i] ?? 0))))).toBeLessThan(2);
});

test("sub-folders are as they were, and the folder of results is none of them", () => {
  const first = ganc("translate", "run", "album", "--out", "album/new");
  expect(first.status).toBe(0);
  const results = ["one.png", "summer/one.png", "summer/sea/two.png"];
  expect(below("album/new")).toEqual(results);
  const again = ganc("translate", "run", "album", "--out", "album/new");
  expect(again.lines.map((line) => line.slice("album/new/".length))).toEqual(
    results.map((path) => path.replace(".png", "-2.png")),
  );
  ganc("translate", "run", "album", "--out", "album/new", "--overwrite");
  expect(below("album/new")).toHaveLength(6);
});

test("patterns are matched where the shell has not", () => {
  const all = ganc("translate", "run", "album/summer/**/*.png", "--out", "matched");
  expect(all.status).toBe(0);
  expect(below("matched")).toEqual(["one.png", "sea/two.png"]);
  const some = ganc("translate", "run", "album/s?mmer/[n-p]ne.*", "--out", "some");
  expect(some.status).toBe(0);
  expect(below("some")).toEqual(["summer/one.png"]);
  const none = ganc("translate", "run", "album/*.tiff", "--out", "none");
  expect(none).toMatchObject({ status: 1 });
  expect(none.stderr).toContain("album/*.tiff: no file has that name or matches that pattern");
});

test.each([
  [["--quality", "50"], "--quality: png is lossless. Take --format jpeg, webp or avif."],
  [["--quality", "0", "--format", "webp"], "--quality 0: it must be from 1 to 100."],
  [["--size", "12", "--original-size"], "--original-size and --size contradict each other"],
  [["--tile", "9"], "Write a number of pixels, at least 16."],
  [["--size", "big"], "Write own, domain, or the pixels of the longer side."],
])("wrong use is told: %j", (args, message) => {
  const said = ganc("translate", "run", "odd.png", ...args);
  expect(said.status).toBe(2);
  expect(said.stderr).toContain(message);
});
