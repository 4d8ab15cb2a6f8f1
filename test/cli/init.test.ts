/** `ganc init`: specs that compile as they are, sized to the images, and nothing overwritten. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { kinds, type Start, startingSpec } from "../../src/cli/templates/index.js";
import { encodePng } from "../../src/data/images/image.js";
import { format } from "../../src/format/format.js";
import { ganc } from "../support/ganc.js";
import { modelOf } from "../support/specs.js";

/** What each kind may be asked for: names that meet those of its networks, few and many pixels. */
const starts: Readonly<Record<string, readonly Start[]>> = {
  cyclegan: [
    { domains: ["X", "Y"], size: 128, channels: 3, classes: 0 },
    { domains: ["Photo", "Painting"], size: 64, channels: 1, classes: 0 },
    { domains: ["G", "F"], size: 24, channels: 3, classes: 0 },
  ],
  pix2pix: [
    { domains: ["X", "Y"], size: 256, channels: 3, classes: 0 },
    { domains: ["G", "D"], size: 64, channels: 1, classes: 0 },
  ],
  dcgan: [
    { domains: ["X"], size: 128, channels: 3, classes: 0 },
    { domains: ["Z"], size: 32, channels: 1, classes: 0 },
  ],
  cgan: [
    { domains: ["X"], size: 256, channels: 3, classes: 10 },
    { domains: ["Class"], size: 32, channels: 1, classes: 2 },
  ],
};

const cases = kinds.flatMap((kind) =>
  (starts[kind.name] ?? []).map((start) => ({ kind, start, of: kind.name })),
);

test("every kind is tried", () => {
  expect(Object.keys(starts).sort()).toEqual(kinds.map(({ name }) => name).sort());
});

test.each(cases)("a $of of $start.domains compiles and is formatted", ({ kind, start }) => {
  const text = startingSpec(kind, start);
  const { domains } = modelOf(text);
  const images = domains.filter((domain) => domain.kind === "image");
  expect(images.map(({ name, shape }) => [name, shape])).toEqual(
    start.domains.map((name) => [name, [start.size, start.size, start.channels]]),
  );
  expect(format({ name: "start.gan", text })).toMatchObject({ right: text });
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ganc-init-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Three images of that size; grey, or of one colour. */
const images = async (
  name: string,
  width: number,
  height: number,
  grey: boolean,
): Promise<void> => {
  mkdirSync(join(folder, name), { recursive: true });
  const data = new Uint8Array(width * height * 3).map((_, i) => (grey || i % 3 === 0 ? 90 : 200));
  const png = await encodePng({ width, height, channels: 3, data });
  for (const k of [1, 2, 3]) writeFileSync(join(folder, name, `${k}.png`), png);
};

const init = (...args: readonly string[]) => ganc(["init", ...args], { cwd: folder });

test("the spec has the size and the channels of the images, and the next command is said", async () => {
  await images("data/trainA", 70, 52, true);
  await images("data/trainB", 60, 80, true);
  const { status, stdout } = init("new", "--data", "data", "--domains", "Photo", "Painting");
  expect(status).toBe(0);
  expect(stdout).toContain("Photo: 3 images in data/trainA, 70 x 52, grey");
  expect(stdout).toContain("Next: ganc run new/cyclegan.gan --data data\n");
  const { domains } = modelOf(readFileSync(join(folder, "new/cyclegan.gan"), "utf8"));
  expect(domains.map(({ name, shape }) => [name, shape])).toEqual([
    ["Photo", [48, 48, 1]],
    ["Painting", [48, 48, 1]],
  ]);
  expect(ganc(["check", "new/cyclegan.gan"], { cwd: folder })).toMatchObject({
    status: 0,
    stderr: "",
  });
});

test("any two folders do, and --size is the user's word", async () => {
  await images("photos", 40, 40, false);
  await images("paintings", 40, 40, true);
  expect(init("--data", "X=photos", "Y=paintings", "--size", "24").status).toBe(0);
  const { domains } = modelOf(readFileSync(join(folder, "cyclegan.gan"), "utf8"));
  expect(domains.map(({ shape }) => shape)).toEqual([
    [24, 24, 3],
    [24, 24, 3],
  ]);
  const inside = init("other", "--data", ".");
  expect(inside.stdout).toContain("--data X=paintings Y=photos");
});

test("a file that is there is not overwritten", async () => {
  await images("trainA", 32, 32, false);
  await images("trainB", 32, 32, false);
  writeFileSync(join(folder, "cyclegan.gan"), "mine");
  const { status, stderr } = init("--data", ".");
  expect(status).toBe(1);
  expect(stderr).toBe("error: cyclegan.gan exists already; nothing is overwritten\n");
  expect(readFileSync(join(folder, "cyclegan.gan"), "utf8")).toBe("mine");
});

test("what is missing or wrong is said, without a terminal nothing is asked", async () => {
  expect(init()).toMatchObject({ status: 1, stderr: expect.stringContaining("--data FOLDER") });
  expect(init("--data", "nowhere").stderr).toContain("nowhere: there is no such folder");
  await images("trainA", 32, 32, false);
  await images("trainB", 32, 32, false);
  expect(init("--data", ".", "--domains", "photo", "Y").stderr).toContain("capital letter");
  expect(init("--data", ".", "--domains", "X").stderr).toContain("two domains");
  expect(init("--data", ".", "--size", "30").stderr).toContain("multiple of 4");
  expect(init("--data", ".", "--kind", "nothing").status).toBe(2);
});

/** The kind that was written, and what was said of it. */
const written = (...args: readonly string[]) => {
  const { status, stdout, stderr } = init(...args);
  expect([status, stderr]).toEqual([0, ""]);
  return { kind: /(\w+)\.gan: /.exec(stdout)?.[1], stdout };
};

test("without a kind, the folders tell what they are for", async () => {
  await images("faces", 40, 40, false);
  for (const name of ["cat", "dog", "horse"]) await images(`animals/${name}`, 40, 40, false);
  expect(written("a", "--data", "faces")).toMatchObject({
    kind: "dcgan",
    stdout: expect.stringContaining("Next: ganc run a/dcgan.gan --data X=faces\n"),
  });
  expect(written("b", "--data", "Animal=animals").kind).toBe("cgan");
  const { domains } = modelOf(readFileSync(join(folder, "b/cgan.gan"), "utf8"));
  expect(domains.find(({ name }) => name === "Class")?.shape).toEqual([1, 1, 3]);
  expect(written("c", "--data", "faces", "animals/dog").kind).toBe("cyclegan");
});

test("pairs are noticed, and trained on where that is asked for", async () => {
  await images("before", 70, 70, false);
  await images("after", 70, 70, false);
  const data = ["--data", "X=before", "Y=after"];
  expect(written("a", ...data).stdout).toContain("--kind pix2pix");
  const { kind, stdout } = written("b", ...data, "--kind", "pix2pix");
  expect([kind, stdout.includes("no partner")]).toEqual(["pix2pix", false]);
  rmSync(join(folder, "after/2.png"));
  expect(written("c", ...data).stdout).not.toContain("if they are pairs");
  expect(written("d", ...data, "--kind", "pix2pix").stdout).toContain("no partner");
});

test("a kind wants its number of folders, and its sizes", async () => {
  await images("faces", 40, 40, false);
  const wrong = (...args: readonly string[]) => init("--data", ...args).stderr;
  expect(wrong("faces", "--kind", "pix2pix", "--domains", "X")).toContain("it has two domains");
  expect(wrong("faces", "faces", "--kind", "dcgan")).toContain("--data takes one folder");
  expect(wrong("faces", "--kind", "cgan")).toContain("a folder for each class");
  expect(wrong("faces", "--size", "48")).toContain("--size takes 32, 64, 128 or 256");
});

test("what is written trains: a few steps of the images of classes", async () => {
  for (const name of ["cat", "dog", "horse"]) await images(`animals/${name}`, 40, 40, false);
  written("--data", "animals", "--kind", "cgan", "--size", "32");
  const sets = ["--set", "ngf=4", "--set", "ndf=4"];
  const run = ["run", "cgan.gan", "--data", "X=animals", "--steps", "2", ...sets];
  expect(ganc(run, { cwd: folder })).toMatchObject({ status: 0 });
});

test("a target behind the folders is the target, a spec behind them the spec", async () => {
  await images("animals/cat", 40, 40, false);
  await images("animals/dog", 40, 40, false);
  mkdirSync(join(folder, "empty"));
  expect(written("--data", "animals", "new").stdout).toContain("new/cyclegan.gan: ");
  expect(written("--data", "animals", "empty").stdout).toContain("empty/cyclegan.gan: ");
  expect(written("--data", "animals", "mine/my.gan").stdout).toContain("mine/my.gan: ");
  expect(written("--data", "animals", "--domains", "Cat", "Dog", "other").stdout).toContain(
    "other/cyclegan.gan: ",
  );
  expect(init("--data", "nowhere").stderr).toContain("nowhere: there is no such folder");
  const behind = ["--steps", "1", "--size", "3", "--data", "X=animals/cat", "Y=nowhere", "a.gan"];
  const { stderr } = ganc(["run", ...behind.filter((word) => !/size|^3/.test(word))], {
    cwd: folder,
  });
  expect(stderr).not.toContain("missing required argument");
});

test("what the folders were taken for is said, and how to choose otherwise", async () => {
  await images("animals/cat", 40, 40, false);
  await images("animals/dog", 40, 40, false);
  const { stdout } = written("a", "--data", "animals");
  expect(stdout).toContain(
    "Two sets of images were found, which need not be pairs: so it is cyclegan.",
  );
  expect(stdout).toContain("--kind cgan --domains X");
  const asked = written("b", "--data", "animals", "--kind", "cgan", "--domains", "X");
  expect([asked.kind, asked.stdout.includes("so it is")]).toEqual(["cgan", false]);
});

test("grey images kept as colour have one channel; of a mixture it is said", async () => {
  mkdirSync(join(folder, "scans"));
  const data = new Uint8Array(32 * 32 * 3).map((_, i) => 100 + (i % 3));
  const png = await encodePng({ width: 32, height: 32, channels: 3, data });
  for (const k of [1, 2]) writeFileSync(join(folder, "scans", `${k}.png`), png);
  written("a", "--data", "scans");
  expect(readFileSync(join(folder, "a/dcgan.gan"), "utf8")).toContain("image(32, 32, 1)");
  await images("photos", 32, 32, false);
  const { stdout } = written("b", "--data", "X=scans", "Y=photos");
  expect(stdout).toContain("Some images are grey and some are not: all have 3 channels");
});

test("folders of classes below one for each split are seen as such", async () => {
  for (const split of ["train", "test"])
    for (const name of ["cat", "dog"]) await images(join("filed", split, name), 16, 16, false);
  const { status, stdout } = ganc(["init", "made", "--data", "filed"], { cwd: folder });
  expect(status).toBe(0);
  expect(stdout).toContain("A folder for each class was found: so it is cgan.");
  expect(stdout).toContain("Images are filed by split: those of filed/train are trained on.");
  expect(stdout).toContain("Next: ganc run made/cgan.gan --data X=filed/train");
  const two = ganc(["init", "two", "--data", "filed", "--kind", "cyclegan"], { cwd: folder });
  expect(two.stdout).toContain("--data X=filed/train/cat Y=filed/train/dog");
});

test("a class may be called as a split is", async () => {
  for (const name of ["bus", "car", "train"]) await images(join("seen", name), 16, 16, false);
  const { stdout } = ganc(["init", "made", "--data", "seen", "--kind", "cgan"], { cwd: folder });
  expect(stdout).toContain("Next: ganc run made/cgan.gan --data X=seen");
  expect(stdout).not.toContain("split");
});
