/**
 * What bench/step.ts measures stays worth measuring: both sides compute the same, and generated
 * code holds no more.
 */
import { dirname, posix } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { onnxSide } from "../../bench/onnx-side.js";
import { disagreement, imagesOf, SPEC, type Subject, subjectOf } from "../../bench/sides.js";
import { explicitSide, gancSide, plainSide } from "../../bench/tfjs-sides.js";
import type { GeneratedModule } from "../../src/engines/tfjs/generated-session.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOfSpec, readProject } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const set = { size: "32", ngf: "4", ndf: "4", blocks: "1" };
let subject: Subject;
let generated: GeneratedModule;

beforeAll(async () => {
  await useBackend("tensorflow");
  subject = subjectOf(modelOfSpec(SPEC, set));
  const text = await compileSpec(SPEC, {}, set);
  generated = (await load(
    emptyFolder("bench-step"),
    "cyclegan",
    text,
  )) as unknown as GeneratedModule;
});

test("the losses of the first step are those of the same step in plain tfjs, on every engine", async () => {
  const images = imagesOf(subject, 0);
  const plain = await plainSide(subject).step(images);
  const model = modelOfSpec(SPEC, set);
  const others = {
    tfjs: gancSide(generated, subject),
    explicit: await explicitSide(model),
    onnx: (await onnxSide(model)).side,
  };
  for (const [name, side] of Object.entries(others)) {
    const losses = await side.step(images);
    expect(Object.keys(losses).sort()).toEqual(Object.keys(plain).sort());
    const { relative } = disagreement(losses, plain);
    expect([name, relative]).toEqual([name, expect.closeTo(0, 4)]);
  }
});

/**
 * The modules that are loaded with a file: itself and all that it imports, but for types and at run
 * time.
 */
const loadedWith = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  const imports = /^(?:import|export) (?!type )(?:[^;]*? from )?"([^"]+)";/gm;
  for (const [, path = ""] of readProject(file).matchAll(imports)) {
    if (path.startsWith("."))
      loadedWith(posix.join(dirname(file), path).replace(/\.js$/, ".ts"), seen);
    else seen.add(path);
  }
  return seen;
};

test("the process of the one graph loads no tfjs: its memory is its own", () => {
  const isTfjs = (name: string): boolean => name.startsWith("@tensorflow/");
  const loaded = ["bench/step-child.ts", "bench/onnx-side.ts"].flatMap((file) => [
    ...loadedWith(file),
  ]);
  expect(loaded).toContain("src/engines/onnx/session.ts");
  expect(loaded.filter(isTfjs)).toEqual([]);
  expect([...loadedWith("bench/tfjs-sides.ts")].some(isTfjs)).toBe(true);
});

test("tensors and bytes do not grow, not even where the history fills and overflows", async () => {
  const side = gancSide(generated, subject);
  const held: { step: number; tensors: number; bytes: number }[] = [];
  for (let step = 1; step <= 60; step++) {
    await side.step(imagesOf(subject, step));
    const { numTensors: tensors, numBytes: bytes } = tf.memory();
    if (step >= 10) held.push({ step, tensors, bytes });
  }
  const [first] = held;
  for (const each of held) expect(each).toEqual({ ...first, step: each.step });
});

test("plain tfjs holds nothing but weights, moments and its two histories", async () => {
  const side = plainSide(subject);
  await side.step(imagesOf(subject, 0));
  const before = tf.memory().numTensors;
  for (let step = 1; step <= 5; step++) await side.step(imagesOf(subject, step));
  expect(tf.memory().numTensors - before).toBe(5 * 2);
});
