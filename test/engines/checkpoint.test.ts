/**
 * `checkpoint_activations: true` trains the same weights on ONNX Runtime, in less memory by the
 * plan.
 */
import { expect, test } from "@jest/globals";
import type { State } from "../../src/contracts/tensor.js";
import { planMemory } from "../../src/engines/memory-plan.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import type { Model } from "../../src/program/model.js";
import { inputOf } from "../support/batches.js";
import { modelOf, modelOfSpec } from "../support/specs.js";

const checkpointing = (model: Model, isOn: boolean): Model => ({
  ...model,
  recipe: { ...model.recipe, checkpointActivations: isOn },
});

const trained = async (model: Model): Promise<State> => {
  const session = await onnxSession(model, { engine: "onnx", seed: 3, open: openProgram });
  for (let step = 0; step < 3; step++) await session.step(inputOf(model, step));
  const state = await session.getState();
  session.dispose();
  return state;
};

test.each([
  ["specs/cyclegan-lsgan.gan", { size: "32", ngf: "8", ndf: "8", blocks: "2" }],
  ["specs/emoji.gan", { size: "32", ngf: "8", ndf: "8" }],
])("%s comes to the same weights", async (name, set) => {
  const model = modelOfSpec(name, set);
  const [plain, again] = [
    await trained(checkpointing(model, false)),
    await trained(checkpointing(model, true)),
  ];
  expect([...again.keys()].sort()).toEqual([...plain.keys()].sort());
  let different = 0;
  for (const [key, { data }] of plain) {
    const other = again.get(key)?.data ?? new Float32Array();
    if (data.some((value, i) => value !== other[i])) different++;
  }
  expect(different).toBe(0);
});

test("the field is read, and the plan takes less", () => {
  const set = { size: "128", ngf: "16", ndf: "16", blocks: "6" };
  const model = modelOfSpec("specs/cyclegan-lsgan.gan", set);
  const [plain, again] = [false, true].map((isOn) => planMemory(checkpointing(model, isOn)));
  expect(again?.parts.activations).toBeLessThan(0.4 * (plain?.parts.activations ?? 0));
  expect(again?.peak).toBeLessThan(plain?.peak ?? 0);
  const text = (field: string) => `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l2(G(x), x) }
train { optimizer: adam(1e-3) schedule: constant(1) ${field} }
`;
  const of = (field: string): boolean => modelOf(text(field)).recipe.checkpointActivations;
  expect([of(""), of("checkpoint_activations: true"), of("checkpoint_activations: false")]).toEqual(
    [false, true, false],
  );
});
