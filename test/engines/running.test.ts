/**
 * Running statistics: outside of a step a network goes by them, so that an image does not depend on
 * its batch; a frozen one goes by them always, and what is exported has them.
 */

import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import type { Session } from "../../src/contracts/session.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession, onnxTranslation } from "../../src/engines/onnx/session.js";
import { startsIn } from "../../src/engines/sessions/starts.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import { tfjsTranslation } from "../../src/engines/tfjs/translation.js";
import type { Model } from "../../src/program/model.js";
import { type Exported, namedWeights, onnxOf } from "../../src/training/export/networks.js";
import { batchOf, inputOf, samplesOf } from "../support/batches.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOf } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const folder = emptyFolder("running");
beforeAll(() => useBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seed = 9;

const specOf = (running: boolean): string => `domain X = image(8, 8, 3)
let bn = batch_norm(running: ${running})
net E : X -> X = conv(3, 4, pad: 1) >> bn >> relu >> conv(1, 3) >> tanh
frozen net P : X -> X = conv(3, 4, pad: 1) >> bn >> relu >> conv(1, 3) >> tanh
net G : X -> X = (x => E(x) + E(0.5 * x)) >> bn >> conv(3, 3, pad: 1) >> tanh
solve { min[G, E] E[x ~ X] l2(G(x), x) + E[x ~ X] l2(P(G(x)), x) }
train { optimizer: adam(1e-2) schedule: constant(1) batch: 4 init: normal(0, 0.5) }
`;

const engines: Readonly<Record<string, (model: Model, spec: string) => Promise<Session>>> = {
  "ONNX Runtime": (model) => onnxSession(model, { engine: "onnx", seed, open: openProgram }),
  tfjs: (model) => tfjsExplicitSession(model, { engine: "explicit", seed }),
  "generated code": async (model, spec) => {
    const text = await compileSpec("test.gan", { "test.gan": spec });
    const name = `running-${spec.length}`;
    const module = (await load(folder, name, text)) as unknown as GeneratedModule;
    return tfjsSession(module, { engine: "tfjs", seed, starts: startsIn(model) });
  },
};

const difference = (a: HostTensor, b: HostTensor): number => {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...a.data.map((x, i) => Math.abs(x - (b.data[i] ?? Number.NaN))));
};

const sampleOf = ({ shape: [count = 1, ...sides], data }: HostTensor, i: number): HostTensor => {
  const size = data.length / count;
  return { shape: [1, ...sides], data: data.slice(i * size, (i + 1) * size) };
};

const trained = async (session: Session, model: Model, steps = 4): Promise<State> => {
  for (let step = 0; step < steps; step++) await session.step(inputOf(model, step, 1e-2));
  return session.getState();
};

describe.each(Object.entries(engines))("on %s", (_, open) => {
  test("an image is translated alike alone and among others, unlike by the batch's", async () => {
    const apart: number[] = [];
    for (const running of [true, false]) {
      const spec = specOf(running);
      const model = modelOf(spec);
      const session = await open(model, spec);
      await trained(session, model);
      const images = samplesOf(model, "X", 3);
      const [together, alone] = [
        await session.translate("G", [images]),
        await session.translate("G", [sampleOf(images, 1)]),
      ];
      apart.push(difference(sampleOf(together, 1), alone));
      session.dispose();
    }
    expect(apart[0]).toBeLessThan(1e-6);
    expect(apart[1]).toBeGreaterThan(1e-3);
  });

  test("statistics begin at 0 and 1, a step moves those of trained networks, and a frozen one reads its own", async () => {
    const spec = specOf(true);
    const model = modelOf(spec);
    const session = await open(model, spec);
    const start = await session.getState();
    const kept = [...start.keys()].filter((name) => name.startsWith("buffer/"));
    expect(kept.sort()).toEqual(
      ["E", "G", "P"].flatMap((net) =>
        ["mean", "variance"].map((name) => `buffer/${net}.batch_norm.${name}`),
      ),
    );
    for (const name of kept)
      expect(new Set(start.get(name)?.data)).toEqual(new Set([name.endsWith("mean") ? 0 : 1]));
    const input = { batch: batchOf(model, 0), rate: 1e-2, step: 0 };
    const before = await session.step(input);
    const after = await session.getState();
    const moved = kept.filter((name) => `${after.get(name)?.data}` !== `${start.get(name)?.data}`);
    expect(moved).toEqual(kept.filter((name) => !name.includes("/P.")));
    const others = new Map(start);
    others.set("buffer/P.batch_norm.mean", { shape: [4], data: new Float32Array(4).fill(2) });
    await session.setState(others);
    expect(Object.values(await session.step(input))).not.toEqual(Object.values(before));
    session.dispose();
  });
});

test("sessions that only translate and ONNX files have the statistics", async () => {
  const spec = specOf(true);
  const model = modelOf(spec);
  const training = await onnxSession(model, { engine: "onnx", seed, open: openProgram });
  const state = await trained(training, model);
  const images = samplesOf(model, "X", 2);
  const own = await training.translate("G", [images]);
  const onnx = onnxTranslation(model, { engine: "onnx", seed, open: openProgram });
  const tfjs = tfjsTranslation(model, { engine: "tfjs", seed });
  for (const session of [onnx, tfjs]) {
    await session.setState(state);
    expect(difference(own, await session.translate("G", [images]))).toBeLessThan(1e-5);
  }
  const network = model.networks.find(({ name }) => name === "G") as Exported["network"];
  const domains = model.domains;
  const exported: Exported = {
    ...{ model, network, domains, to: domains[0] as Exported["to"], session: onnx },
    ...{ inputs: ["x"], output: "made", about: {} },
  };
  const file = await onnxOf(exported);
  expect(isLeft(file) ? file.left : file.right.words[0]).toBe(
    "images of any size that its layers take",
  );
  const weights = await namedWeights(exported);
  expect([...weights.keys()]).toContain("G.batch_norm.variance");
  for (const session of [training, onnx, tfjs]) session.dispose();
});
