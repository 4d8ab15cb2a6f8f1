/** What bench/step.ts measures stays worth measuring: both sides compute the same, and generated code holds no more. */
import { beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import {
  disagreement,
  gancSide,
  imagesOf,
  plainSide,
  SPEC,
  type Subject,
  subjectOf,
} from "../../bench/sides.js";
import type { GeneratedModule } from "../../src/engines/tfjs/session.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOfSpec } from "../support/specs.js";
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

test("the losses of the first step are those of the same step in plain tfjs", async () => {
  const images = imagesOf(subject, 0);
  const ganc = await gancSide(generated, subject).step(images);
  const plain = await plainSide(subject).step(images);
  expect(Object.keys(plain).sort()).toEqual(Object.keys(ganc).sort());
  expect(disagreement(ganc, plain).relative).toBeLessThan(1e-4);
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
