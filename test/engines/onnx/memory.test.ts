/** The plan of a program's memory, beside what ONNX Runtime itself says that it held. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import * as ort from "onnxruntime-node";
import { onnxMemory } from "../../../src/engines/onnx/memory.js";
import { sizeOf } from "../../../src/graph/graph.js";
import { heldStepPrograms } from "../../../src/lowering/programs.js";
import { emitOnnx } from "../../../src/targets/onnx/emit.js";
import { encodeOnnx } from "../../../src/targets/onnx/encode.js";
import { modelOfSpec } from "../../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Event {
  readonly args?: { readonly mem_in_use_peak?: string };
}

/** The most that blocks of its arena took at once, in bytes, by the profile of a run. */
const held = async (name: string, set: Readonly<Record<string, string>>) => {
  const [graph] = heldStepPrograms(modelOfSpec(name, set)).graphs;
  if (graph === undefined) throw new Error("a game without a phase");
  const model = emitOnnx(graph, { producer: "test", metadata: {} }, { openShapes: true });
  const session = await ort.InferenceSession.create(encodeOnnx(model), {
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
    logSeverityLevel: 4,
  });
  const tensor = (shape: readonly number[]) =>
    new ort.Tensor("float32", new Float32Array(sizeOf(shape)).fill(0.1), shape);
  const feeds = model.inputs.map((input) => [input.name, tensor(input.shape)] as const);
  const into = model.outputs.map((output) => [output.name, tensor(output.shape)] as const);
  await session.run(Object.fromEntries(feeds), Object.fromEntries(into));
  session.endProfiling();
  const [file = ""] = readdirSync(folder);
  const events = JSON.parse(readFileSync(join(folder, file), "utf8")) as readonly Event[];
  rmSync(join(folder, file));
  const asked = events.map(({ args }) => Number(args?.mem_in_use_peak ?? 0));
  return { planned: onnxMemory(model), measured: Math.max(...asked) };
};

test.each([
  ["cyclegan-lsgan.gan", { size: "64", ngf: "16", ndf: "16", blocks: "2" }],
  ["gallery/pix2pix.gan", { size: "256", ngf: "8", ndf: "8" }],
  ["gallery/wgan-gp.gan", {}],
])("of %s it is told within a tenth what is held at once", async (name, set) => {
  const { planned, measured } = await held(`specs/${name}`, set);
  const live = [...planned.held.values()].reduce((a, b) => a + b, 0) + planned.workspace;
  expect(planned.blocks / measured).toBeGreaterThan(0.9);
  expect(planned.blocks / measured).toBeLessThan(1.1);
  expect(planned.blocks).toBeGreaterThanOrEqual(live);
  expect(planned.taken).toBeGreaterThan(0.9 * planned.blocks);
});
