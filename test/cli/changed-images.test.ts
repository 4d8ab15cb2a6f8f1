/** Runs that go on after their images have changed, with the built program. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stream } from "../../src/base/random.js";
import { encodePng } from "../../src/data/images/image.js";
import { decode } from "../../src/training/files/safetensors.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const at = (name: string): string => join(folder, name);

const image = async (path: string, seed = path): Promise<void> => {
  const uniform = stream(1, seed);
  const data = Uint8Array.from({ length: 192 }, (_, i) => Math.floor(256 * uniform(i)));
  writeFileSync(at(path), await encodePng({ width: 8, height: 8, channels: 3, data }));
};

const images = async (where: string, names: readonly string[]): Promise<void> => {
  mkdirSync(at(where), { recursive: true });
  for (const name of names) await image(`${where}/${name}.png`);
};

const ganc = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/ganc.js"), ...args],
    { cwd: folder, encoding: "utf8" },
  );
  return { status, stdout, stderr };
};

const tensorsOf = (run: string, step: number): unknown => {
  const name = `step-${String(step).padStart(8, "0")}.safetensors`;
  const file = decode(readFileSync(join(at(run), "checkpoints", name)));
  if (file._tag === "Left") throw new Error(file.left.reason);
  return [...file.right.tensors].map(([key, { data }]) => [key, [...data]]);
};

const notes = (stderr: string): readonly string[] =>
  stderr
    .split("\n")
    .filter((line) => line.startsWith("note:"))
    .map((line) => line.slice("note: ".length));

const one = `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(1e-2) schedule: constant(2) batch: 1 }`;

const classes = `domain X = image(8)
domain L = labels(3)
net C : X -> Scores = conv(4, 4, stride: 4) >> relu >> dense(3)
solve { min[C] E[(x, c) ~ pairs(X, L)] cross_entropy(C(x), c) }
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`;

beforeAll(async () => {
  folder = temporary();
  writeFileSync(at("one.gan"), one);
  writeFileSync(at("classes.gan"), classes);
  await images("X", ["a", "b", "c", "d", "e"]);
  for (const name of ["1", "2", "10"]) await images(`numbers/${name}`, ["a", "b"]);
  ganc("run", "one.gan", "--data", "X=X", "--out", "straight");
  ganc("run", "one.gan", "--data", "X=X", "--out", "begun", "--steps", "4");
  ganc("run", "classes.gan", "--data", "X=numbers", "--out", "filed", "--steps", "1");
});
afterAll(removeTemporary);

/**
 * Goes on with a copy of the run that was begun, after its images have been changed; they are put
 * back.
 */
const resumed = async (run: string, change: () => Promise<void>, ...args: readonly string[]) => {
  cpSync(at("begun"), at(run), { recursive: true });
  cpSync(at("X"), at("before"), { recursive: true });
  await change();
  const said = ganc("run", run, "--resume", ...args);
  rmSync(at("X"), { recursive: true });
  renameSync(at("before"), at("X"));
  return { ...said, notes: notes(said.stderr) };
};

test("images that have come are left out, and the run comes out as the straight one", async () => {
  const said = await resumed("come", () => image("X/new.png"));
  expect(said.status).toBe(0);
  expect(said.notes).toEqual([
    "X: 1 image has been added since the run began, and will be left out: new.png.",
    "To include the new images, name the images again with --data.",
  ]);
  expect(tensorsOf("come", 10)).toEqual(tensorsOf("straight", 10));
});

test("images that are moved are the same images", async () => {
  cpSync(at("X"), at("moved"), { recursive: true });
  const said = await resumed("elsewhere", async () => rmSync(at("X/a.png")), "--data", "X=moved");
  expect([said.status, said.notes]).toEqual([0, []]);
  expect(tensorsOf("elsewhere", 10)).toEqual(tensorsOf("straight", 10));
});

test("an image that has changed in its place or has gone is named, and the run goes on", async () => {
  const said = await resumed("changed", async () => {
    await image("X/a.png", "another");
    rmSync(at("X/b.png"));
  });
  expect(said.status).toBe(0);
  expect(said.notes).toEqual([
    "X: 1 image has changed since the run began; the new content will be used: a.png.",
    "X: 1 image has gone since the run began; others are drawn instead: b.png.",
    "So the result of the run differs from that with unchanged images.",
  ]);
  expect(said.stderr).toMatch(/^skipped {5}.*b\.png: it is missing$/m);
  expect(said.stdout).toContain("10 steps");
  expect(tensorsOf("changed", 10)).not.toEqual(tensorsOf("straight", 10));
});

test("other images are taken in where they are named, and an epoch that has become too short is left", async () => {
  const gone = async () => {
    for (const name of ["c", "d", "e"]) rmSync(at(`X/${name}.png`));
    await image("X/f.png");
  };
  const said = await resumed("fewer", gone, "--data", "X=X");
  expect(said.status).toBe(0);
  expect(said.notes).toEqual([
    "X: 3 images have gone since the run began: c.png, d.png, e.png.",
    "X: 1 image has been added since the run began: f.png.",
    "So the result of the run differs from that with unchanged images.",
    "An epoch of these images has 3 steps, and 4 are made of this one: it goes on with the next epoch.",
  ]);
  expect(said.stdout).toContain("7 steps, 2 whole epochs");
});

test("a run without its images is refused, and how to go on is said", async () => {
  const said = await resumed("none", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) rmSync(at(`X/${name}.png`));
  });
  expect(said.status).toBe(1);
  expect(said.stderr).toMatch(/none of its 5 image files can be read \(a\.png: it is missing\)/);
  expect(said.stderr).toContain("If the images were moved");
});

test("a run that has lost its account of the images goes on, with a word", async () => {
  const said = await resumed("account", async () => rmSync(at("account/images.json")));
  expect(said.status).toBe(0);
  expect(said.notes).toEqual(["images.json is missing: changes to the images cannot be detected."]);
  expect(tensorsOf("account", 10)).toEqual(tensorsOf("straight", 10));
});

interface Stored {
  readonly data: { readonly classes?: unknown; readonly description: string };
}

/** As a version of ganc wrote it that noted down neither classes nor images. */
const asBefore = (run: string): void => {
  rmSync(at(`${run}/images.json`));
  const stored = JSON.parse(readFileSync(at(`${run}/manifest.json`), "utf8")) as Stored;
  const { classes: _, images: __, ...data } = stored.data as Record<string, unknown>;
  const before = { ...stored, data, format: 1, fingerprint: undefined };
  writeFileSync(at(`${run}/manifest.json`), JSON.stringify(before));
};

test("a run of before goes on with the endings that it knew, and with fewer images", async () => {
  const same = await resumed("old", async () => {
    asBefore("old");
    await image("X/new.gif");
  });
  expect([same.status, same.notes]).toEqual([0, []]);
  expect(tensorsOf("old", 10)).toEqual(tensorsOf("straight", 10));
  const fewer = await resumed("older", async () => {
    asBefore("older");
    for (const name of ["c", "d"]) rmSync(at(`X/${name}.png`));
  });
  expect(fewer.status).toBe(0);
  expect(fewer.notes).toEqual([
    "The images are not those that the run began with; it goes on with these.",
    "An epoch of these images has 3 steps, and 4 are made of this one: it goes on with the next epoch.",
  ]);
});

test("classes are counted as people count; runs of before keep their order", () => {
  const of = (text: string): string | undefined => /classes: [^)]*/.exec(text)?.[0];
  expect(of(ganc("run", "filed", "--resume", "--steps", "2").stderr)).toBe("classes: 1, 2, 10");
  asBefore("filed");
  expect(of(ganc("run", "filed", "--resume").stderr)).toBe("classes: 1, 10, 2");
});

test("a batch that is larger than the set of images is told of", () => {
  writeFileSync(at("large.gan"), one.replace("batch: 1", "batch: 8"));
  const { status, stderr } = ganc("run", "large.gan", "--data", "X=X", "--out", "large");
  expect(status).toBe(0);
  expect(notes(stderr)).toEqual([
    "A batch takes 8 images of X, but there are 5: some occur in it more than once.",
  ]);
});
