/**
 * `ganc run` on pairs, on classes and on noise alone, with the built program and its default
 * engine.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stream } from "../../src/base/random.js";
import { encodePng } from "../../src/data/images/image.js";
import { decode } from "../../src/training/files/safetensors.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

/** Noise of 8 x 8 pixels, another for every name. */
const image = async (name: string): Promise<void> => {
  const uniform = stream(1, name);
  const data = Uint8Array.from({ length: 192 }, (_, i) => Math.floor(256 * uniform(i)));
  writeFileSync(join(folder, name), await encodePng({ width: 8, height: 8, channels: 3, data }));
};

const images = async (where: string, names: readonly string[]): Promise<void> => {
  mkdirSync(join(folder, where), { recursive: true });
  for (const name of names) await image(join(where, `${name}.png`));
};

const specs: Readonly<Record<string, string>> = {
  pairs: `domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : (X, Y) -> Scores = (x, y) => conv(3, 1)(concat(x, y))
solve {
  min[G] E[x ~ X] softplus(-D(x, G(x))) + E[(x, y) ~ pairs(X, Y)] l1(G(x), y)
  min[D] E[(x, y) ~ pairs(X, Y)] (softplus(-D(x, y)) + softplus(D(x, stop(G(x)))))
}
train { optimizer: adam(1e-2) schedule: constant(3) batch: 2 augment: resize(10) >> random_crop(8) >> random_flip }`,
  classes: `domain Z = noise(4)
domain X = image(8)
domain L = labels(2)
net G : (Z, L) -> X = (z, c) =>
  (dense(48) >> reshape(4, 4, 3) >> upsample(2) >> conv(3, 3, pad: 1) >> dropout(0.2) >> tanh)(concat(z, c))
net D : (X, L) -> Scores = (x, c) => conv(3, 1)(concat(x, c))
loss flat(min D : (x, l) -> Scores) = E[(x, c) ~ pairs(x, l)] norm(grad(v => D(v, c))(x)) ^ 2
solve {
  repeat 2 {
    min[D] E[(x, c) ~ pairs(X, L)] softplus(-D(x, c)) + E[z ~ Z, c ~ L] softplus(D(stop(G(z, c)), c))
           + 0.1 * flat(D)
  }
  then min[G] E[z ~ Z, c ~ L] softplus(-D(G(z, c), c))
}
train { optimizer: adam(1e-2) schedule: constant(4) batch: 2 }`,
  noise: `domain Z = noise(4)
net N : Z -> Scores = dense(4) >> tanh
solve { min[N] E[z ~ Z] l2(N(z), 0.5) }
train { optimizer: adam(1e-2) schedule: constant(1) batch: 50 }`,
};

beforeAll(async () => {
  folder = temporary();
  for (const [name, text] of Object.entries(specs))
    writeFileSync(join(folder, `${name}.gan`), text);
  await images("pairs/trainA", ["a", "b", "c", "d"]);
  await images("pairs/trainB", ["a", "b", "c", "d"]);
  await images("classes/cat", ["a", "b", "c"]);
  await images("classes/dog", ["d", "e", "f"]);
});
afterAll(removeTemporary);

const ganc = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/ganc.js"), ...args],
    { cwd: folder, encoding: "utf8" },
  );
  return { status, stdout, stderr };
};

const tensorsOf = (run: string, step: number): ReadonlyMap<string, readonly number[]> => {
  const name = `step-${String(step).padStart(8, "0")}.safetensors`;
  const file = decode(readFileSync(join(folder, run, "checkpoints", name)));
  if (file._tag === "Left") throw new Error(file.left.reason);
  return new Map([...file.right.tensors].map(([key, { data }]) => [key, [...data]]));
};

test.each<readonly [string, readonly string[], number]>([
  ["pairs", ["--data", "pairs"], 6],
  ["classes", ["--data", "X=classes"], 4],
  ["noise", [], 20],
])("%s: trains, and stopped goes on to what a straight run reaches", (name, data, steps) => {
  const straight = ganc("run", `${name}.gan`, ...data, "--out", `${name}-straight`);
  expect(straight).toMatchObject({ status: 0 });
  expect(straight.stdout).toContain(`${steps} steps`);
  expect(straight.stdout.includes(" translate ")).toBe(name === "pairs");
  const first = ganc("run", `${name}.gan`, ...data, "--out", `${name}-parts`, "--steps", "3");
  expect(first).toMatchObject({ status: 0 });
  expect(ganc("run", `${name}-parts`, "--resume")).toMatchObject({ status: 0 });
  const [a, b] = [tensorsOf(`${name}-straight`, steps), tensorsOf(`${name}-parts`, steps)];
  expect([...b.keys()]).toEqual([...a.keys()]);
  for (const [key, numbers] of a) expect([key, b.get(key)]).toEqual([key, numbers]);
});

interface Stored {
  readonly data: { readonly classes?: unknown };
}

test("the manifest names the classes in the order of the labels, and one of before does without", () => {
  expect(
    ganc("run", "classes.gan", "--data", "X=classes", "--out", "named", "--steps", "1"),
  ).toMatchObject({ status: 0 });
  const path = join(folder, "named/manifest.json");
  const stored = JSON.parse(readFileSync(path, "utf8")) as Stored;
  expect(stored.data.classes).toEqual({ X: ["cat", "dog"] });
  const { classes: _, ...data } = stored.data;
  // Nor did it stand under a fingerprint.
  const before = { ...stored, data, format: 1, fingerprint: undefined };
  writeFileSync(path, JSON.stringify(before));
  expect(ganc("run", "named", "--resume", "--steps", "2")).toMatchObject({ status: 0 });
});

const made = (out: string): readonly string[] =>
  readdirSync(join(folder, out))
    .sort()
    .map((name) => readFileSync(join(folder, out, name)).toString("base64"));

test("a network from noise and classes makes images: the same for the same seed, of the class that is named", () => {
  const trained = ["run", "classes.gan", "--data", "X=classes", "--out", "maker", "--steps", "2"];
  expect(ganc(...trained)).toMatchObject({ status: 0 });
  const make = (out: string, ...args: readonly string[]) => {
    const said = ganc("translate", "maker", ...args, "--out", out);
    expect(said).toMatchObject({ status: 0 });
    return made(out);
  };
  const turns = make("turns", "--count", "5");
  expect(readdirSync(join(folder, "turns"))).toHaveLength(5);
  expect(new Set(turns).size).toBe(5);
  expect(make("fewer", "--count", "3")).toEqual(turns.slice(0, 3));
  expect(make("other", "--count", "5", "--seed", "1")).not.toEqual(turns);
  // In turn: cat, dog, cat, dog, cat
  const dogs = make("dogs", "--count", "5", "--class", "dog", "--net", "G");
  expect(dogs.map((dog, i) => dog === turns[i])).toEqual([false, true, false, true, false]);
  expect(make("numbered", "--count", "5", "--class", "1")).toEqual(dogs);
});

test.each<readonly [readonly string[], RegExp]>([
  [["--count", "2", "--class", "emu"], /no class emu. Name one of cat, dog, or 0 to 1/],
  [["--count", "2", "--net", "D"], /These do:\n {2}G : Z, L -> X/],
  [["--count", "2", "a.png"], /leave out the images/],
  [["--count", "0"], /makes nothing/],
  [["--seed", "1", "a.png"], /leave out the images/],
  [[], /Name the images/],
  [["a.png"], /--count 16/],
])("what cannot be made is said: %p", (args, message) => {
  const said = ganc("translate", "maker", ...args);
  expect(said).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
});

test("what is missing is named, before anything is made", async () => {
  const nowhere = ganc("run", "pairs.gan");
  expect(nowhere).toMatchObject({ status: 2, stderr: expect.stringContaining("--data FOLDER") });
  await images("odd/trainA", ["a", "b"]);
  await images("odd/trainB", ["a", "c"]);
  const partner = ganc("run", "pairs.gan", "--data", "odd");
  expect(partner.status).toBe(1);
  expect(partner.stderr).toMatch(
    /paired folders must hold images of the same names: b\.png only in/,
  );
  await images("classes/emu", ["g"]);
  const classes = ganc("run", "classes.gan", "--data", "X=classes");
  rmSync(join(folder, "classes/emu"), { recursive: true });
  expect(classes.status).toBe(1);
  expect(classes.stderr).toMatch(/3 sub-folders \(cat, dog, emu\).*labels are of 2 classes/);
  for (const [name, reason] of [
    ["one", /1 sub-folder \(cat\).*labels are of 2 classes/],
    ["none", /no sub-folder.*labels are of 2 classes/],
    ["hollow", /dog/],
  ] as const) {
    await images(name, []);
    if (name !== "none") await images(`${name}/cat`, ["a"]);
    if (name === "hollow") await images("hollow/dog", []);
    const said = ganc("run", "classes.gan", "--data", `X=${name}`, "--out", `${name}-out`);
    expect(said).toMatchObject({ status: 1, stderr: expect.stringMatching(reason) });
    expect(said.stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(join(folder, `${name}-out`))).toBe(false);
  }
});
