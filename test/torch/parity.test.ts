/**
 * Every engine's training step, from the reference's state each time, against PyTorch in float64.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { referenceSession } from "../../bench/reference.js";
import { SPEC, withBatch } from "../../bench/sides.js";
import { type Differences, differences, follow } from "../../bench/teacher-forcing.js";
import { type Trajectory, trajectoryOf } from "../../bench/torch/reference.js";
import type { Session } from "../../src/contracts/session.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import { torchSession } from "../../src/engines/torch/session.js";
import { PATIENCE } from "../../src/engines/torch/world.js";
import type { Model } from "../../src/program/model.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOfSpec, programOfSpec, root } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const set = { size: "32", ngf: "8", ndf: "8", blocks: "2" };
const seed = 1;
const AGREEMENT = 1e-4;
const folder = emptyFolder("parity");
let trajectory: Trajectory;

const trajectoryAt = (model: Model): Trajectory =>
  trajectoryOf({ folder: join(root, "bench"), model, seed, steps: 20 });

beforeAll(() => {
  trajectory = trajectoryAt(modelOfSpec(SPEC, set));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tfjs = async (): Promise<Session> => {
  await useBackend("tensorflow");
  const module = await load(folder, "cyclegan", await compileSpec(SPEC, {}, set));
  const { starts } = trajectory.subject;
  return tfjsSession(module as unknown as GeneratedModule, { engine: "tfjs", seed, starts });
};

const onnx = (): Promise<Session> =>
  onnxSession(modelOfSpec(SPEC, set), { engine: "onnx", seed, open: openProgram });

const evaluator = (): Promise<Session> =>
  referenceSession(modelOfSpec(SPEC, set), { engine: "evaluator", seed });

const explicit = async (): Promise<Session> => {
  await useBackend("tensorflow");
  return tfjsExplicitSession(modelOfSpec(SPEC, set), { engine: "explicit", seed });
};

const torchOptions = {
  engine: "torch",
  seed,
  python: process.env.GANC_TORCH_PYTHON ?? "python3",
  device: "cpu",
} as const;

/** The Python that ganc writes, in a process. */
const torch = (): Promise<Session> => torchSession(programOfSpec(SPEC, set), torchOptions);

/** Sessions of the spec at the sizes of `set`, with the seed above. */
const engines: Readonly<Record<string, () => Promise<Session>>> = {
  evaluator,
  onnx,
  tfjs,
  explicit,
  torch,
};

const disagreeing = ({ tensors, zeros }: Differences) => ({
  tensors: tensors.filter(({ relative }) => !(relative <= AGREEMENT)),
  zeros: zeros.filter(({ relative }) => !(relative <= AGREEMENT)),
});

test("the reference recalls old images and judges new ones", () => {
  const changed = trajectory.steps.flatMap(({ before, reference }) =>
    [...reference.keys()]
      .filter((key) => key.startsWith("history/"))
      .map((key) => before.get(key)?.data.some((v, i) => v !== reference.get(key)?.data[i])),
  );
  expect(changed).toHaveLength(40);
  expect(new Set(changed)).toEqual(new Set([true, false]));
});

test("PyTorch agrees with itself in float32", () => {
  const single = trajectory.steps.map(({ float32 }) => float32);
  const found = differences(trajectory, single);
  expect(found.tensors.length).toBeGreaterThan(80);
  expect(disagreeing(found)).toEqual({ tensors: [], zeros: [] });
});

describe.each(Object.entries(engines))("%s", (_, open) => {
  test("losses, gradients, updates and histories are PyTorch's, step by step", async () => {
    const session = await open();
    const found = differences(trajectory, await follow(session, trajectory));
    session.dispose();
    expect(disagreeing(found)).toEqual({ tensors: [], zeros: [] });
  });
});

test("two processes that share a batch of two make PyTorch's steps of it", async () => {
  // Smaller networks have fewer kinks, so that images of two samples are found soon.
  const small = { ...set, ngf: "4", ndf: "4", blocks: "1" };
  const program = withBatch(programOfSpec(SPEC, small), 2);
  const pair = trajectoryAt(program.model);
  expect([...(pair.steps[0]?.reference.keys() ?? [])]).toContain("history/minD_Y/Gx/1");
  const world = { size: 2, own: 2, first: 0, patience: PATIENCE };
  const session = await torchSession(program, { ...torchOptions, threads: 1, world });
  const found = differences(pair, await follow(session, pair));
  session.dispose();
  expect(disagreeing(found)).toEqual({ tensors: [], zeros: [] });
});
