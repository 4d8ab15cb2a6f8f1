/**
 * `ganc evaluate` as a user calls it: tables and JSON, and what is said of images that tell less
 * than they seem to.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { stream } from "../../src/base/random.js";
import { encodePng } from "../../src/data/images/image.js";
import type { Graph } from "../../src/graph/graph.js";
import { mul } from "../../src/graph/operators/arithmetic.js";
import { input } from "../../src/graph/operators/sources.js";
import { emitOnnx } from "../../src/targets/onnx/emit.js";
import { encodeOnnx } from "../../src/targets/onnx/encode.js";
import { type EvaluationFile, readEvaluation } from "../../src/training/logs/evaluation.js";
import { ganc as gancIn } from "../support/ganc.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const ganc = (...args: readonly string[]) => gancIn(args, { cwd: folder });

const images = async (where: string, names: readonly string[], side = 16): Promise<void> => {
  mkdirSync(join(folder, where), { recursive: true });
  for (const name of names) {
    const uniform = stream(1, `${where}/${name}`);
    const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => 200 * uniform(i));
    const png = await encodePng({ width: side, height: side, channels: 3, data });
    writeFileSync(join(folder, where, `${name}.png`), png);
  }
};

const numbered = (n: number): readonly string[] => Array.from({ length: n }, (_, i) => `${i}`);

const net = "conv(3, 4, pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh";
const game = `domain X = image(16)
domain Y = image(16)
net G : X -> Y = ${net}
net F : Y -> X = ${net}
solve { min[G, F] E[x ~ X] l1(F(G(x)), x) + E[y ~ Y] l1(G(F(y)), y) }
train { optimizer: adam(1e-2) schedule: constant(4) }
`;

beforeAll(async () => {
  folder = temporary();
  writeFileSync(join(folder, "game.gan"), game);
  await images("data/trainX", numbered(5));
  await images("data/trainY", numbered(4));
  await images("data/testX", ["a", "b", "c", "d"]);
  await images("data/testY", ["a", "b", "c", "e"]);
  await images("bare/X", numbered(4));
  await images("bare/Y", numbered(4));
  for (const data of ["data", "bare"])
    expect(
      ganc("run", "game.gan", "--data", data, "--out", `${data}-run`, "--steps", "3"),
    ).toMatchObject({
      status: 0,
    });
});

afterAll(removeTemporary);

const fileOf = async (run: string): Promise<EvaluationFile> => {
  const file = await readEvaluation(join(folder, run, "evaluation/evaluation.json"));
  if (isLeft(file)) throw new Error(file.left);
  return file.right;
};

test("a table has every measure that applies, and the file has the same", async () => {
  const { status, stdout, stderr } = ganc("evaluate", "data-run");
  expect(status).toBe(0);
  expect(stdout).toContain(
    "Of 4 test images of X and 4 of Y, 3 of each partners, each value with its 95 %",
  );
  expect(stdout).toMatch(/^X -> Y by G\n {22}better {5}n {4}last, step 3$/m);
  for (const row of [
    "L1 ",
    "SSIM",
    "PSNR",
    "partner retrieval",
    "sliced Wasserstein",
    "colour, means",
    "diversity",
  ])
    expect(stdout).toMatch(new RegExp(`^  ${row} .*\\d\\.\\d+ +-?\\d+\\.\\d+ \\d+\\.\\d+$`, "m"));
  expect(stdout).toContain("  cycle error F(G(x)) to x\n");
  // The baselines stay
  expect(stdout).toContain("X -> Y by G, 3 pairs");
  expect(stderr).toMatch(/note: G, F, sliced Wasserstein: 4 images are few: .*from about 100 on/);
  const file = await fileOf("data-run");
  expect(file).toMatchObject({ format: 1, split: "test", images: { X: 4, Y: 4 }, pairs: 3 });
  const [last, ...others] = file.checkpoints;
  expect(others).toEqual([]);
  expect(last).toMatchObject({ checkpoint: "last", step: 3 });
  expect(last?.measures.filter(({ network }) => network === "G").map(({ name }) => name)).toEqual([
    "l1",
    "ssim",
    "psnr",
    "retrieval",
    "swd",
    "colour_mean",
    "colour_spread",
    "colour_histogram",
    "diversity",
    "cycle",
    "identity",
  ]);
  for (const { value, low, high } of last?.measures ?? []) {
    expect(low).toBeLessThanOrEqual(value);
    expect(value).toBeLessThanOrEqual(high);
  }
});

test("--json prints the file and nothing else, the same every time", async () => {
  const first = ganc("evaluate", "data-run", "--json");
  expect(first.status).toBe(0);
  expect(JSON.parse(first.stdout)).toEqual(await fileOf("data-run"));
  expect(ganc("evaluate", "data-run", "--json").stdout).toBe(first.stdout);
  const few = JSON.parse(ganc("evaluate", "data-run", "--json", "--images", "2").stdout);
  expect(few).toMatchObject({ images: { X: 2, Y: 2 }, pairs: 2 });
});

test("training images are called so", () => {
  const { status, stdout, stderr } = ganc("evaluate", "bare-run");
  expect(status).toBe(0);
  expect(stdout).toContain("Of 4 training images of X and 4 of Y, each");
  expect(stdout).not.toMatch(/test image/);
  expect(stderr).toContain(
    "note: there are neither test nor held-out images, so these are the training images",
  );
  // Equal names of unpaired training images say nothing
  expect(stdout).not.toContain("L1");
});

/** y = x * x, which is a row of features for each image. */
const squares = (shape: readonly number[]): Uint8Array => {
  const x = input("x", shape);
  const graph: Graph = { name: "features", inputs: [x], outputs: new Map([["y", mul(x, x)]]) };
  return encodeOnnx(emitOnnx(graph, { producer: "ganc", metadata: {} }));
};

test("FID and KID are of the features of an ONNX file", () => {
  writeFileSync(join(folder, "first.onnx"), squares([2, 3, 4, 4]));
  writeFileSync(join(folder, "last.onnx"), squares([3, 4, 4, 3]));
  const asked = (...args: readonly string[]) => {
    const { status, stdout } = ganc("evaluate", "data-run", "--json", ...args);
    expect(status).toBe(0);
    const { checkpoints } = JSON.parse(stdout) as EvaluationFile;
    const { measures = [] } = checkpoints[0] ?? {};
    return measures.filter(({ name }) => name === "fid" || name === "kid");
  };
  const levels = asked("--inception", "first.onnx");
  expect(levels.map(({ network, name, count }) => [network, name, count])).toEqual([
    ["G", "fid", 4],
    ["G", "kid", 4],
    ["F", "fid", 4],
    ["F", "kid", 4],
  ]);
  // Channels first or last, two at once or three: the features are the same, in another order
  const turned = asked("--inception", "last.onnx");
  for (const [i, { value }] of levels.entries())
    expect((turned[i]?.value ?? 0) / value).toBeCloseTo(1, 4);
  // Intensities of a 255th have squares of a 65025th, and those have distances of the square of
  // that
  const unit = asked("--inception", "first.onnx", "--inception-range", "0..1");
  expect(((unit[0]?.value ?? 0) * 255 ** 4) / (levels[0]?.value ?? 1)).toBeCloseTo(1, 3);
  expect(asked()).toEqual([]);
});

test("a file that is no network of features is refused by name", () => {
  writeFileSync(join(folder, "text.onnx"), "text");
  writeFileSync(join(folder, "grey.onnx"), squares([1, 1, 4, 4]));
  for (const [file, reason] of [
    ["text.onnx", "is not an ONNX model that can be read"],
    ["nowhere.onnx", "is not there"],
    ["grey.onnx", 'its input "x" is [1, 1, 4, 4], but images of three channels are'],
  ] as const) {
    const { status, stderr } = ganc("evaluate", "data-run", "--inception", file);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${file}: it `)]);
    expect(stderr).toContain(reason);
  }
});

test("what cannot be kept is shown all the same, and then told of", () => {
  rmSync(join(folder, "data-run/evaluation"), { recursive: true, force: true });
  writeFileSync(join(folder, "data-run/evaluation"), "no folder");
  const { status, stdout, stderr } = ganc("evaluate", "data-run");
  expect([status, stdout]).toEqual([1, expect.stringMatching(/^ {2}cycle error/m)]);
  expect(stdout).toMatch(/^X -> Y by G$/m);
  expect(stderr).toContain("data-run/evaluation");
  expect(stderr).not.toContain("    at ");
});
