/**
 * EfficientNet-Lite0 with its published weights: what our reader, fit and engine make of them is
 * what PyTorch makes of them.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { torchPython } from "../../bench/torch/python.js";
import { impossible } from "../../src/base/impossible.js";
import { stream } from "../../src/base/random.js";
import { compiler } from "../../src/cli/compiler/compiler.js";
import { openModel } from "../../src/engines/onnx/features.js";
import { thisMachine } from "../../src/engines/tensorflow/machine.js";
import { runProgram } from "../../src/engines/tensorflow/tools.js";
import { getWeights } from "../../src/engines/weights/get.js";
import { pathIn, publishedAs } from "../../src/engines/weights/published.js";
import { toUnit } from "../../src/report/measures/baselines.js";
import { lite0Kernel } from "../../src/report/measures/features.js";
import { measureAll, quick } from "../../src/report/measures/index.js";
import type { Features } from "../../src/report/measures/measure.js";
import { readTensors } from "../../src/training/files/read-tensors.js";
import { featureModelOf, openFrozen } from "../../src/training/measuring/frozen-features.js";
import { measuringSet } from "../../src/training/measuring/measuring-set.js";
import { rowsAt } from "../../src/training/measuring/subjects.js";
import { openDataset } from "../../src/training/opening/dataset.js";
import { loadWeights } from "../../src/training/opening/weights.js";
import { inputOf } from "../support/batches.js";
import { ganc } from "../support/ganc.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

const lite0 = publishedAs("efficientnet-lite0");
if (lite0 === undefined) throw new Error("it is not in the table");

interface Theirs {
  readonly features: readonly (readonly number[])[];
  readonly early: readonly number[];
  readonly parameters: number;
}

const size = 64;
const samples = 2;

/** Bands and blots of colour in [-1, 1]: [n, h, w, c]. */
const images = Float32Array.from({ length: samples * size * size * 3 }, (_, i) => {
  const [c, x] = [i % 3, Math.floor(i / 3) % size];
  const y = Math.floor(i / (3 * size)) % size;
  const n = Math.floor(i / (3 * size * size));
  return Math.sin((x * (c + 1)) / (7 + 5 * n)) * Math.cos((y * (3 - c)) / (5 + 9 * n));
});

afterAll(removeTemporary);

let theirs: Theirs;
beforeAll(async () => {
  const got = await getWeights(lite0, thisMachine(), {
    run: runProgram(),
    say: () => {},
    progress: () => ({ at: () => {}, end: () => {} }),
    confirm: async () => true,
    signal: new AbortController().signal,
  });
  expect(["already", "got"]).toContain(got.kind);
  const nested = [...Array(samples).keys()].map((n) =>
    [0, 1, 2].map((c) =>
      [...Array(size).keys()].map((y) =>
        [...Array(size).keys()].map((x) => images[((n * size + y) * size + x) * 3 + c]),
      ),
    ),
  );
  const asked = { weights: pathIn(thisMachine().cache, lite0), images: nested };
  const answer = execFileSync(torchPython(), [join(root, "test/torch/efficientnet.py")], {
    input: JSON.stringify(asked),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  theirs = JSON.parse(answer) as Theirs;
});

/** A spec of the net and of its beginning, and a network between that somebody trains. */
const spec = `import std.efficientnet (lite0, lite0_early)
domain X = image(${size})
domain Y = image(${size})
domain H = features(1, 1, 1280)
domain E = features(${size / 8}, ${size / 8}, 40)
frozen net Lite0 : X -> H = lite0 from "efficientnet-lite0"
frozen net Early : X -> E = lite0_early from "efficientnet-lite0"
net G : Y -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[y ~ Y, x ~ X] (l2(Lite0(G(y)), Lite0(x)) + l2(Early(G(y)), Early(x))) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`;

const worst = (ours: ArrayLike<number>, of: readonly number[]): number => {
  expect(ours.length).toBe(of.length);
  const greatest = Math.max(...of.map(Math.abs));
  return Math.max(...of.map((v, i) => Math.abs(v - (ours[i] as number)))) / greatest;
};

test("the reference has the parameters of the published network", () => {
  expect(theirs.parameters).toBe(4_652_008);
});

test.each(["onnx", "tensorflow", "torch"] as const)(
  "features on %s are PyTorch's",
  async (engine) => {
    const sources = [{ name: "spec.gan", text: spec }];
    const compiled = await compiler.fromSources(sources, "spec.gan", {});
    if (isLeft(compiled)) throw new Error(compiled.left);
    const session = await compiled.right.open(engine, 0, "translate");
    if (isLeft(session)) throw new Error(session.left);
    const loaded = await loadWeights(compiled.right.program, session.right);
    expect(isRight(loaded)).toBe(true);
    const x = { shape: [samples, size, size, 3], data: images };
    const features = await session.right.translate("Lite0", [x]);
    expect(features.shape).toEqual([samples, 1, 1, 1280]);
    expect(worst(features.data, theirs.features.flat())).toBeLessThan(1e-4);
    const early = await session.right.translate("Early", [x]);
    const [, h = 0, w = 0, c = 0] = early.shape;
    const channelsLast = theirs.early.map((_, i) => {
      const [k, at] = [i % c, Math.floor(i / c)];
      const [n, place] = [Math.floor(at / (h * w)), at % (h * w)];
      return theirs.early[(n * c + k) * h * w + place] as number;
    });
    expect(worst(early.data, channelsLast)).toBeLessThan(1e-4);
    session.right.dispose();
  },
);

test("features with the weights in the model, as measures have them, are PyTorch's", async () => {
  const sources = [{ name: "spec.gan", text: spec }];
  const compiled = await compiler.fromSources(sources, "spec.gan", {});
  if (isLeft(compiled)) throw new Error(compiled.left);
  const { program, model = impossible("it is compiled") } = compiled.right;
  const session = await compiled.right.open("onnx", 0, "translate");
  if (isLeft(session)) throw new Error(session.left);
  expect(isRight(await loadWeights(program, session.right))).toBe(true);
  const network = model.networks.find(({ name }) => name === "Lite0");
  if (network === undefined) throw new Error("the spec has it");
  const opened = await openModel(await featureModelOf(model, network, session.right));
  session.right.dispose();
  if (isLeft(opened)) throw new Error(opened.left);
  const x = { shape: [samples, size, size, 3], data: images };
  const features = await opened.right.features(x);
  opened.right.dispose();
  expect(features.shape).toEqual([samples, 1280]);
  expect(worst(features.data, theirs.features.flat())).toBeLessThan(1e-4);
});

test("a perceptual loss by the published weights falls, and moves nothing of them", async () => {
  const entry = "specs/gallery/perceptual.gan";
  const sets = { size: "32", ngf: "4", blocks: "1" };
  const compiled = await compiler.fromFile(join(root, entry), sets);
  if (isLeft(compiled)) throw new Error(compiled.left);
  const { program, model = impossible("it is compiled") } = compiled.right;
  const session = await compiled.right.open("onnx", 1);
  if (isLeft(session)) throw new Error(session.left);
  const loaded = await loadWeights(program, session.right);
  expect(isRight(loaded) && loaded.right[0]?.notice).toMatch(/from _blocks\.5\._expand_conv on/);
  const before = await session.right.getState();
  const input = inputOf(model, 0);
  const losses: number[] = [];
  for (let step = 0; step < 30; step++) {
    const metrics = await session.right.step({ ...input, step, rate: 1e-3 });
    losses.push(metrics["perceptual(G, Phi)"] ?? Number.NaN);
  }
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] as number));
  const after = await session.right.getState();
  const own = [...before.keys()].filter((name) => /^(param|buffer)\/Phi\./.test(name));
  expect(own.length).toBeGreaterThan(60);
  for (const name of own) expect(after.get(name)?.data).toEqual(before.get(name)?.data);
  session.right.dispose();
});

test("the kernel distance tells what was spoilt from the other half of a domain", async () => {
  const compileGallery = (name: string, sets: Readonly<Record<string, string>>) =>
    compiler.fromFile(join(root, `specs/${name}.gan`), sets);
  const [emoji, probe] = [
    await compileGallery("emoji", { size: "64" }),
    await compileGallery("gallery/efficientnet-lite0", {}),
  ];
  if (isLeft(emoji) || isLeft(probe)) throw new Error("they compile");
  const { program } = emoji.right;
  const dataset = await openDataset({ kind: "emoji" }, program);
  if (isLeft(dataset)) throw new Error("emoji are drawn by ganc");
  const { images } = await measuringSet(dataset.right, program, 64);
  const extractor = await openFrozen(probe.right);
  if (isLeft(extractor)) throw new Error("the weights are here");
  const [x] = Object.values(images).map((of) => toUnit(of.images, [-1, 1]));
  if (x === undefined) throw new Error("there are images");
  const rows = [...Array(64).keys()];
  const [even, odd] = [0, 1].map((rest) => rows.filter((row) => row % 2 === rest));
  const half = rowsAt(x, odd ?? []);
  const noise = stream(6, "test/noise");
  const spoilt = { ...half, data: half.data.map((v, i) => 0.7 * v + 0.3 * noise(i)) };
  const seen: Features[] = [];
  for (const some of [rowsAt(x, even ?? []), half, spoilt])
    seen.push(await extractor.right.features(some));
  const [a, b, c] = seen;
  if (a === undefined || b === undefined || c === undefined) throw new Error("all are seen");
  const distance = (made: Features, real: Features): number => {
    const [reading] = measureAll({ made: x, lite0: { made, real } }, quick, [lite0Kernel]).readings;
    return reading?.measured.mean ?? Number.NaN;
  };
  expect(distance(a, c)).toBeGreaterThan(5 * Math.abs(distance(a, b)));
  extractor.right.dispose();
});

test("a project for PyTorch begins with the published weights", async () => {
  const folder = temporary();
  const sets = ["size=32", "ngf=4", "blocks=1"].flatMap((set) => ["--set", set]);
  const entry = join(root, "specs/gallery/perceptual.gan");
  const { status, stderr } = ganc(
    ["compile", entry, ...sets, "--target", "torch", "--project", "project"],
    { cwd: folder },
  );
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  const start = await readTensors(join(folder, "project/start.safetensors"));
  if (isLeft(start)) throw new Error("it is written");
  const compiled = await compiler.fromFile(entry, { size: "32", ngf: "4", blocks: "1" });
  if (isLeft(compiled)) throw new Error(compiled.left);
  const session = await compiled.right.open("onnx", 1);
  if (isLeft(session)) throw new Error(session.left);
  expect(isRight(await loadWeights(compiled.right.program, session.right))).toBe(true);
  const state = await session.right.getState();
  expect(start.right.tensors.size).toBeGreaterThan(60);
  for (const [name, { data }] of start.right.tensors) expect(data).toEqual(state.get(name)?.data);
  session.right.dispose();
});
