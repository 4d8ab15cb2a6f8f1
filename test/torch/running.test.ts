/**
 * Running statistics against torch.nn.BatchNorm2d: outputs in training, gradients, statistics after
 * several steps and outputs by them, on every engine.
 */

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import type { Session } from "../../src/contracts/session.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { startsIn } from "../../src/engines/sessions/starts.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import type { Model } from "../../src/program/model.js";
import { inputOf, samplesOf } from "../support/batches.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOf, root } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const folder = emptyFolder("torch-running");
beforeAll(() => useBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [seed, rate, steps, batch] = [7, 0.1, 7, 3];

/** The critic of running.py, applied to what is drawn. */
const specOf = (expectation: string): string => `domain X = image(6, 5, 3)
net D : X -> Scores = conv(3, 4) >> batch_norm(running: true) >> leaky_relu(0.2) >> conv(2, 1)
  >> batch_norm(epsilon: 0.001, affine: false, running: true) >> tanh
solve { min[D] ${expectation} }
train { optimizer: sgd(${rate}) schedule: constant(1) batch: ${batch} init: normal(0, 0.5) }
`;

const specs = {
  "one application": "E[x ~ X] l2(D(x), 1)",
  "two applications, of which one is written twice":
    "E[x ~ X, w ~ X] (l2(D(x), 1) / 2 + l2(D(w), 1) + l2(D(x), 1) / 2)",
};

let loaded = 0;
const engines: Readonly<Record<string, (model: Model, spec: string) => Promise<Session>>> = {
  "ONNX Runtime": (model) => onnxSession(model, { engine: "onnx", seed, open: openProgram }),
  tfjs: (model) => tfjsExplicitSession(model, { engine: "explicit", seed }),
  "generated code": async (model, spec) => {
    const text = await compileSpec("test.gan", { "test.gan": spec });
    const module = (await load(folder, `running-${loaded++}`, text)) as unknown as GeneratedModule;
    return tfjsSession(module, { engine: "tfjs", seed, starts: startsIn(model) });
  },
};

interface Written {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Answer {
  readonly losses: readonly number[];
  readonly state: Readonly<Record<string, Written>>;
  readonly translated: Written;
}

const written = ({ shape, data }: HostTensor): Written => ({ shape, data: [...data] });
const near = (values: ArrayLike<number>) => Array.from(values, (value) => expect.closeTo(value, 5));

const ask = (question: object): Answer =>
  JSON.parse(
    execFileSync(torchPython(), [join(root, "test/torch/running.py")], {
      input: JSON.stringify(question),
      encoding: "utf8",
    }),
  ) as Answer;

describe.each(Object.entries(specs))("%s", (_, expectation) => {
  const spec = specOf(expectation);
  const model = modelOf(spec);
  const images = samplesOf(model, "X", 4);
  const inputs = Array.from({ length: steps }, (_unused, step) => inputOf(model, step, rate));

  test.each(Object.entries(engines))("on %s", async (_engine, open) => {
    const session = await open(model, spec);
    const start = [...(await session.getState())];
    const weights = start.filter(([name]) => name.startsWith("param/"));
    const theirs = ask({
      weights: Object.fromEntries(weights.map(([name, t]) => [name.slice(6), written(t)])),
      steps: inputs.map((input) => Object.values(input.batch).map(written)),
      rate,
      images: written(images),
    });
    const losses: number[] = [];
    for (const input of inputs) losses.push(Object.values(await session.step(input))[0] ?? 0);
    expect(losses).toEqual(near(theirs.losses));
    const state = await session.getState();
    for (const [name, { shape, data }] of Object.entries(theirs.state)) {
      const found = state.get(`param/${name}`) ?? state.get(`buffer/${name}`);
      expect([name, found?.shape, [...(found?.data ?? [])]]).toEqual([name, shape, near(data)]);
    }
    const translated = await session.translate("D", [images]);
    expect(translated.shape).toEqual(theirs.translated.shape);
    expect([...translated.data]).toEqual(near(theirs.translated.data));
    session.dispose();
  });
});

test("the comparison can fail: statistics at rest translate to something else", async () => {
  const spec = specOf(specs["one application"]);
  const model = modelOf(spec);
  const session = await onnxSession(model, { engine: "onnx", seed, open: openProgram });
  for (let step = 0; step < steps; step++) await session.step(inputOf(model, step, rate));
  const images = [samplesOf(model, "X", 4)];
  const moved = await session.translate("D", images);
  const state = new Map(await session.getState());
  state.set("buffer/D.batch_norm.variance", { shape: [4], data: new Float32Array(4).fill(1) });
  await session.setState(state);
  const rested = await session.translate("D", images);
  expect(
    Math.max(...moved.data.map((v, i) => Math.abs(v - (rested.data[i] ?? 0)))),
  ).toBeGreaterThan(1e-2);
  session.dispose();
});
