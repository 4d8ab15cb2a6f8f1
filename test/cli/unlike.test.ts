/**
 * Pictures unlike those that a run learnt from, told of by the built program as it translates them.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { stream } from "../../src/base/random.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const spec = `domain X = image(16)
domain Y = image(16)
net G : X -> Y = conv(3, 4, pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))
  then min[G] E[x ~ X] softplus(-D(G(x)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`;

const ganc = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, "bin/ganc.js"), ...args], {
    cwd: folder,
    encoding: "utf8",
  });

/** A dusky slope: of a brightness of its own, red towards one side. */
const dusk = async (path: string, bright?: number): Promise<void> => {
  const own = stream(1, path);
  const level = bright ?? 60 + 60 * own(0);
  const tilt = 20 + 40 * own(1);
  const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) =>
    Math.min(255, level + ((i % 48) / 48) * tilt - 12 * (i % 3)),
  );
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  const image = sharp(data, { raw: { width: 16, height: 16, channels: 3 } });
  writeFileSync(join(folder, path), await image.png().toBuffer());
};

beforeAll(async () => {
  folder = temporary();
  writeFileSync(join(folder, "spec.gan"), spec);
  for (let k = 0; k < 20; k++) for (const set of ["X", "Y"]) await dusk(`${set}/${k}.png`);
  for (let k = 0; k < 7; k++) await dusk(`noon/${k}.png`, 240);
  await dusk("evening.png");
  const made = ganc("run", "spec.gan", "--data", "X=X", "Y=Y", "--out", "run");
  if (made.status !== 0) throw new Error(made.stderr);
});
afterAll(removeTemporary);

const notes = (text: string) => text.split("\n").filter((line) => line.startsWith("note:"));

test("a picture like them is passed in silence, another is named with its reason", () => {
  expect(notes(ganc("translate", "run", "evening.png").stderr)).toEqual([]);
  const { status, stdout, stderr } = ganc("translate", "run", "noon/0.png");
  expect([status, stdout]).toEqual([0, "run/translated/G/0.png\n"]);
  expect(notes(stderr)).toEqual([
    expect.stringMatching(
      /^note: noon\/0\.png: unlike the training images of X: brighter than any \(brightness 0\.9\d, theirs 0\.\d\d to 0\.\d\d\)/,
    ),
    expect.stringMatching(/^note: A network knows images like those it learnt from/),
  ]);
});

test("of many, the first few are named and the rest counted", () => {
  const said = notes(ganc("translate", "run", "noon").stderr);
  expect(said).toHaveLength(7);
  expect(said[5]).toBe("note: So are 2 more pictures.");
});

test("what the run noted down is held to its fingerprint; a run of before has nothing to hold to", () => {
  const path = join(folder, "run/traits.json");
  const text = readFileSync(path, "utf8");
  const told = () => notes(ganc("translate", "run", "noon/0.png").stderr);
  try {
    writeFileSync(path, text.replace(/0\.\d+/, "0.99"));
    expect(told()).toEqual([
      "note: run/traits.json was changed: its contents do not fit its fingerprint. Pictures are not compared with the training images.",
    ]);
    rmSync(path);
    expect(told()).toEqual([]);
  } finally {
    writeFileSync(path, text);
  }
});
