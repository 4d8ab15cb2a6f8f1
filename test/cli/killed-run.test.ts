/**
 * A run on a real engine, with every source of chance, that is killed again and again ends as the
 * one that never was.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { stream } from "../../src/base/random.js";
import { encodePng } from "../../src/data/images/image.js";
import { decode } from "../../src/training/files/safetensors.js";
import { root } from "../support/specs.js";
import { draw } from "../training/fake.js";
import { removeTemporary, temporary } from "../training/support.js";

/** `GANC_KILLS=50` takes minutes. */
const kills = Number(process.env.GANC_KILLS ?? 12);

/** Of three steps each, a few for each kill: between two kills a run makes one step or more. */
const epochs = 2 * Math.ceil(0.6 * kills);
const steps = 3 * epochs;

/**
 * Gradients of several batches, histories, noise, dropout, spectral normalisation, averages, crops
 * and flips.
 */
const spec = `domain X = image(8)
domain Y = image(8)
domain Z = noise(1, 8, 8)
net G : (X, Z) -> Y = (x, z) => (conv(3, 4, pad: 1) >> relu >> dropout(0.5) >> conv(3, 3, pad: 1) >> tanh)(concat(x, z))
net D : Y -> Scores = spectral_norm(conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1))
solve {
  repeat 2 { min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X, z ~ Z] softplus(D(replay(G(x, z), 3))) }
  then min[G] E[x ~ X, z ~ Z] softplus(-D(G(x, z)))
}
train {
  optimizer: adam(1e-2) optimizer[D]: rmsprop(1e-3)
  schedule: constant(${epochs / 2}) >> linear_to_zero(${epochs / 2})
  batch: 2 accumulate: 2 average: 0.9
  augment: resize(10) >> random_crop(8) >> random_flip
}
`;

let folder = "";

beforeAll(async () => {
  folder = temporary();
  writeFileSync(join(folder, "game.gan"), spec);
  for (const domain of ["trainX", "trainY"]) {
    mkdirSync(join(folder, "data", domain), { recursive: true });
    for (let k = 0; k < 29; k++) {
      const uniform = stream(1, `${domain}/${k}`);
      const data = Uint8Array.from({ length: 300 }, (_, i) => 255 * uniform(i));
      const png = await encodePng({ width: 10, height: 10, channels: 3, data });
      writeFileSync(join(folder, "data", domain, `${k}.png`), png);
    }
  }
});

afterAll(removeTemporary);

const bin = join(root, "bin/ganc.js");
const often = ["--checkpoint-every", "1 step", "--sample-every", "4 steps"];
const every = [...often, "--measure-every", "3 steps", "--steps", `${steps}`];
const held = ["--hold-out", "3"];
const beginning = (out: string) => [
  "run",
  "game.gan",
  "--data",
  "data",
  "--out",
  out,
  ...held,
  ...every,
];
const resumption = (out: string) => ["run", out, "--resume", ...every];

const losses = (out: string): readonly unknown[] => {
  const path = join(folder, out, "metrics.jsonl");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => {
    const { elapsed: _, ...logged } = JSON.parse(line) as Record<string, unknown>;
    return logged;
  });
};

const state = (out: string): unknown => {
  const name = `step-${String(steps).padStart(8, "0")}.safetensors`;
  const file = decode(readFileSync(join(folder, out, "checkpoints", name)));
  if (isLeft(file)) throw new Error(file.left.reason);
  return [...file.right.tensors].map(([key, { shape, data }]) => [key, shape, [...data]]);
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;

/**
 * Lets a command log `more` steps, and do for so many milliseconds what comes behind, and kills it.
 */
const killed = async (
  out: string,
  args: readonly string[],
  { more, late }: { readonly more: number; readonly late: number },
): Promise<string> => {
  const goal = losses(out).length + more;
  const log = join(folder, out, "metrics.jsonl");
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder });
  const signal = new Promise<string>((resolve) => child.on("close", (_, by) => resolve(`${by}`)));
  const isOver = () => child.exitCode !== null;
  // Of a long log only the size is looked at until it grows
  for (let seen = -1; !isOver(); await wait(1)) {
    const size = sizeOf(log);
    if (size !== seen && losses(out).length >= goal) break;
    seen = size;
  }
  if (late > 0) await wait(late);
  child.kill("SIGKILL");
  return signal;
};

test("weights, moments, averages, histories and losses are those of the run that was not killed", async () => {
  const ran = (args: readonly string[]) =>
    spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: "utf8" });
  expect(ran(beginning("straight"))).toMatchObject({ status: 0 });
  for (let k = 0; k < kills; k++) {
    const args = k === 0 ? beginning("torn") : resumption("torn");
    // Within the time of a step and its checkpoint: writes are hit as well as what lies between
    // them
    const fate = { more: 1, late: Math.floor(8 * draw(6, k)) };
    expect([k, await killed("torn", args, fate)]).toEqual([k, "SIGKILL"]);
  }
  expect(losses("torn").length).toBeLessThan(steps);
  const last = ran(resumption("torn"));
  expect([last.status, last.stderr]).toEqual([0, expect.not.stringContaining("Passed over")]);
  expect(losses("torn")).toEqual(losses("straight"));
  expect(state("torn")).toEqual(state("straight"));
  const measures = (out: string) => readFileSync(join(folder, out, "measures.jsonl"), "utf8");
  expect(measures("straight").split("\n")).toHaveLength(steps / 3 + 1);
  expect(measures("torn")).toBe(measures("straight"));
  const names = (out: string) =>
    readdirSync(join(folder, out, "checkpoints")).filter((name) => name.endsWith(".safetensors"));
  // The newest three, and the best
  expect(names("straight").length).toBeGreaterThanOrEqual(3);
  expect(names("torn")).toEqual(names("straight"));
}, 900_000);
