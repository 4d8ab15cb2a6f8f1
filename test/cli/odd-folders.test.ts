/** Folders of images as strangers leave them, with the built program. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stream } from "../../src/base/random.js";
import { encodePng } from "../../src/data/images/image.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const at = (name: string): string => join(folder, name);

const picture = (name: string): Promise<Uint8Array> => {
  const uniform = stream(1, name);
  const data = Uint8Array.from({ length: 192 }, (_, i) => Math.floor(256 * uniform(i)));
  return encodePng({ width: 8, height: 8, channels: 3, data });
};

const images = async (where: string, names: readonly string[]): Promise<void> => {
  mkdirSync(at(where), { recursive: true });
  for (const name of names) writeFileSync(at(join(where, name)), await picture(name));
};

const ganc = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/ganc.js"), ...args],
    { cwd: folder, encoding: "utf8", timeout: 60_000 },
  );
  return { status, stdout, stderr };
};

const spec = `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(1e-2) schedule: constant(2) batch: 1 }`;

beforeAll(async () => {
  folder = temporary();
  writeFileSync(at("spec.gan"), spec);
  await images("X", ["a.png", "b.jfif"]);
  symlinkSync("nowhere.png", at("X/gone.png"));
  spawnSync("mkfifo", [at("X/pipe.png")]);
  writeFileSync(at("X/odd\u001b[31m\n.png"), "text");
  writeFileSync(at("X/notes.txt"), "");
});
afterAll(removeTemporary);

const lines = (text: string, word: string): readonly string[] =>
  text.split("\n").filter((line) => line.startsWith(word));

test("a run tells what it passes over and trains on the rest", () => {
  const { status, stderr } = ganc("run", "spec.gan", "--data", "X=X", "--out", "run");
  expect(status).toBe(0);
  const x = at("X");
  expect(lines(stderr, "train:")).toEqual([
    `train: X 3 images in ${x} (1 file with another ending passed over: .txt)`,
  ]);
  expect(lines(stderr, "skipped")).toEqual([
    `skipped     ${x}/gone.png: it is a link that leads nowhere`,
    `skipped     ${x}/pipe.png: it is a named pipe, not a file`,
    expect.stringMatching(/odd\\x1b\[31m\\x0a\.png: /),
  ]);
});

test("translate reads the same files, tells of the others, and prints names only", async () => {
  await images("more", ["c\u001b]0;x\u0007.png", "d.jfif", "e.psd"]);
  symlinkSync("loop.png", at("more/loop.png"));
  const { status, stdout, stderr } = ganc("translate", "run", "more", "X/pipe.png");
  expect(status).toBe(1);
  expect(stdout).toBe("run/translated/G/c\\x1b]0;x\\x07.png\nrun/translated/G/d.png\n");
  expect(stderr).toContain("note: more: 1 file with another ending passed over: .psd.");
  expect(stderr).toContain("more/loop.png: it is a link that leads back to itself");
  expect(stderr).toContain("X/pipe.png: it is a named pipe, not a file");
  expect(stderr).toContain("2 of 4 could not be translated.");
  expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
});

test("what the user types is printed as names are", () => {
  const wrong = [
    ["run", "spec.gan", "--data", "X=no\u001b[31mwhere"],
    ["run", "no\u001b[31mwhere", "--resume"],
    ["translate", "run", "no\u001b[31mwhere.png"],
    ["translate", "run", "X/a.png", "--checkpoint", "\u001b[31m"],
    ["translate", "no\u001b[31mwhere", "X/a.png"],
    ["init", "other", "--data", "no\u001b[31mwhere"],
  ];
  for (const args of wrong) {
    const { status, stderr } = ganc(...args);
    expect([args, status === 0, stderr.includes("\\x1b[31m")]).toEqual([args, false, true]);
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
  }
});

test("many broken images are told of by the first", async () => {
  await images("many", ["a.png"]);
  for (let i = 0; i < 20; i++) writeFileSync(at(`many/broken-${i}.png`), "text");
  const { status, stderr } = ganc("run", "spec.gan", "--data", "X=many", "--out", "many-run");
  expect(status).toBe(0);
  const told = lines(stderr, "skipped");
  expect(told).toHaveLength(9);
  expect(told.at(-1)).toBe("skipped     and 12 more");
});

test("init is pointed at what a run would read", async () => {
  await images("linked/A", ["a.jfif", "notes.txt"]);
  await images("linked/B", ["b.gif"]);
  symlinkSync("linked/loop", at("linked/loop"));
  const { status, stdout } = ganc("init", "new", "--data", "linked", "--kind", "cyclegan");
  expect(status).toBe(0);
  expect(stdout).toContain("(1 file with another ending passed over: .txt)");
});

test("an empty test folder is told of and stops neither a run nor what follows", async () => {
  await images("pairs/trainX", ["a.png"]);
  mkdirSync(at("pairs/testX"));
  const told = `note: ${at("pairs/testX")} holds no image: there are no test images of X.`;
  const began = ganc("run", "spec.gan", "--data", "pairs", "--out", "empty", "--steps", "1");
  expect([began.status, lines(began.stderr, told).length]).toEqual([0, 1]);
  const again = ganc("run", "empty", "--resume");
  expect([again.status, lines(again.stderr, told).length]).toEqual([0, 1]);
  expect(lines(ganc("evaluate", "empty").stderr, told)).toHaveLength(1);
  const { status, stderr } = ganc("translate", "empty", "pairs/testX");
  expect([status, stderr]).toEqual([1, expect.stringContaining("pairs/testX")]);
  expect(ganc("init", "begun", "--data", "pairs/trainX").stdout).not.toContain("testX");
});
