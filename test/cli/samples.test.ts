/**
 * Networks of classes and of codes from end to end: the gallery's StarGAN, and small games whose
 * images come of labels or features.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { stream } from "../../src/base/random.js";
import { readImage } from "../../src/data/images/decode.js";
import { encodePng } from "../../src/data/images/image.js";
import { decode } from "../../src/training/files/safetensors.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const images = async (where: string, count: number, side: number): Promise<void> => {
  mkdirSync(join(folder, where), { recursive: true });
  for (let k = 0; k < count; k++) {
    const uniform = stream(1, `${where}/${k}`);
    const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => 200 * uniform(i));
    const png = await encodePng({ width: side, height: side, channels: 3, data });
    writeFileSync(join(folder, where, `${k}.png`), png);
  }
};

const bin = join(root, "bin/ganc.js");

const ganc = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};

beforeAll(async () => {
  folder = temporary();
  for (const animal of ["cat", "dog"]) {
    await images(`animals/trainX/${animal}`, 3, 64);
    await images(`small/trainX/${animal}`, 2, 8);
  }
  await images("X", 3, 8);
});
afterAll(removeTemporary);

/** Columns of the newest sample grid, by the colours of their cells. */
const columns = async (run: string): Promise<number> => {
  const [name = ""] = readdirSync(join(folder, run, "samples")).slice(-1);
  const read = await readImage(join(folder, run, "samples", name));
  if (!isRight(read)) throw new Error(`${name} cannot be read`);
  const { width, channels, data } = read.right;
  const row = 34 + 64;
  const isWhite = (x: number): boolean =>
    [0, 1, 2].every((c) => data[(row * width + x) * channels + c] === 255);
  return Array.from({ length: width }, (_, x) => x).filter(
    (x) => !isWhite(x) && (x === 0 || isWhite(x - 1)),
  ).length;
};

const losses = (run: string): readonly unknown[] => {
  const path = join(folder, run, "metrics.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.flatMap((line) => (line === "" ? [] : [JSON.parse(line).metrics as unknown]));
};

const tensors = (run: string, step: number): unknown => {
  const name = `step-${String(step).padStart(8, "0")}.safetensors`;
  const file = decode(readFileSync(join(folder, run, "checkpoints", name)));
  if (isLeft(file)) throw new Error(file.left.reason);
  return [...file.right.tensors].map(([key, { data }]) => [
    key,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
  ]);
};

const star = (out: string): readonly string[] => {
  const set = ["size=64", "ngf=2", "ndf=1", "classes=2"].flatMap((value) => ["--set", value]);
  const every = ["--checkpoint-every", "1 step", "--sample-every", "never"];
  const spec = join(root, "specs/gallery/stargan.gan");
  return ["run", spec, ...set, "--data", "animals", "--out", out, "--steps", "4", ...every];
};

const killed = (child: ChildProcess): Promise<string | null> =>
  new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));

test("StarGAN trains on folders of classes, outlives a kill, translates to a class and is judged", async () => {
  expect(ganc(...star("straight"))).toMatchObject({ status: 0 });
  const child = spawn(process.execPath, [bin, ...star("torn")], { cwd: folder });
  const end = killed(child);
  while (losses("torn").length < 2) await wait(20);
  child.kill("SIGKILL");
  expect(await end).toBe("SIGKILL");
  // The run began without samples, and goes on so unless it is told otherwise.
  const resumed = ganc("run", "torn", "--resume", "--steps", "4", "--sample-every", "1 epoch");
  expect(resumed).toMatchObject({ status: 0 });
  expect(losses("torn")).toEqual(losses("straight"));
  expect(tensors("torn", 4)).toEqual(tensors("straight", 4));
  // x, G(x, cat), G(x, dog)
  expect(await columns("torn")).toBe(3);
  const dog = ganc("translate", "torn", "animals/trainX/cat/0.png", "--class", "dog");
  expect(dog).toMatchObject({ status: 0, stdout: "torn/translated/G/0.png\n" });
  const judged = ganc("evaluate", "torn");
  expect(judged.status).toBe(0);
  expect(judged.stdout).toMatch(
    /^ {2}identity error G\(x, own class\) to x\n +lower +6 +0\.\d{4} /m,
  );
});

const critic = "conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)";
const body = "reshape(2, 2, 4) >> upsample(4) >> conv(3, 3, pad: 1) >> tanh";

const games: Readonly<Record<string, string>> = {
  /** Noise and a class. */
  classed: `domain X = image(8)
domain Z = noise(4)
domain L = labels(2)
net G : (Z, L) -> X = (z, c) => (dense(16) >> ${body})(concat(z, c))
net D : (X, L) -> Scores = (x, c) => (${critic})(concat(x, c))
solve {
  min[D] E[(x, c) ~ pairs(X, L)] softplus(-D(x, c)) + E[z ~ Z, c ~ L] softplus(D(stop(G(z, c)), c))
  then min[G] E[z ~ Z, c ~ L] softplus(-D(G(z, c), c))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`,
  /** What encodes, and what decodes. */
  coded: `domain X = image(8)
domain H = features(1, 1, 16)
net Enc : X -> H = dense(16) >> relu
net Dec : H -> X = ${body}
solve { min[Enc, Dec] E[x ~ X] l1(Dec(Enc(x)), x) }
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`,
  /**
   * A code that has two ways in: of noise, and of an image; and what draws by features made of
   * noise.
   */
  mapped: `domain X = image(8)
domain Z = noise(16)
domain W = features(1, 1, 16)
net Map  : Z -> W = dense(16) >> relu
net Draw : W -> X = ${body}
net Code : X -> Z = dense(16)
net D    : X -> Scores = ${critic}
solve {
  min[D] E[x ~ X] softplus(-D(x)) + E[z ~ Z] softplus(D(stop(Draw(Map(z)))))
  then min[Map, Draw] E[z ~ Z] softplus(-D(Draw(Map(z))))
  then min[Code] E[z ~ Z] l2(Code(stop(Draw(Map(z)))), z)
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`,
};

test.each([
  ["classed", "small", 2],
  ["coded", "X=X", 2],
  ["mapped", "X=X", 1],
])("the samples of %s", async (name, data, count) => {
  writeFileSync(join(folder, `${name}.gan`), games[name] ?? "");
  const ran = ganc("run", `${name}.gan`, "--data", data, "--out", `${name}-run`);
  expect([ran.status, ran.stderr]).toEqual([0, expect.not.stringContaining("no sample shows")]);
  expect(await columns(`${name}-run`)).toBe(count);
});
