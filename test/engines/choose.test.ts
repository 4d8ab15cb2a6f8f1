/**
 * Which engine `--engine auto` takes: on machines with and without graphics cards that the engines
 * can use.
 */
import { expect, test } from "@jest/globals";
import * as E from "fp-ts/lib/Either.js";
import { chooseEngine } from "../../src/engines/choose.js";
import { ENGINES, type Engine } from "../../src/engines/list.js";
import { missing } from "../../src/engines/tensorflow/missing.js";

const never = async (): Promise<never> => {
  throw new Error("nothing is started");
};

/** The engines, each with what it would find here. */
const finding = (found: Readonly<Record<string, string>>, asked: string[]): readonly Engine[] =>
  ENGINES.map((engine) => ({
    ...engine,
    probe: async () => {
      asked.push(engine.id);
      const what = found[engine.id];
      return what === undefined ? E.left(missing("Not here.", "Get it.")) : E.right(what);
    },
  }));

const choose = async (found: Readonly<Record<string, string>>, device: boolean) => {
  const asked: string[] = [];
  const { engine, why } = await chooseEngine(never, finding(found, asked), device);
  return { engine, why, asked };
};

const cpu = "TensorFlow 2.21.0, CPU";

test("without a graphics card it is onnx, and nobody is asked: that takes seconds", async () => {
  const { engine, why, asked } = await choose({ tensorflow: cpu }, false);
  expect([engine, asked]).toEqual(["onnx", []]);
  expect(why).toContain("without a graphics card");
});

test("a graphics card that TensorFlow computes on comes first, then one through CUDA", async () => {
  const gpu = { tensorflow: "TensorFlow 2.21.0, GPU", cuda: "ONNX Runtime, CUDA" };
  expect(await choose(gpu, true)).toMatchObject({ engine: "tensorflow" });
  expect(await choose({ tensorflow: cpu, cuda: gpu.cuda }, true)).toMatchObject({ engine: "cuda" });
});

test("a graphics card that no engine can use leaves onnx, and the reason says so", async () => {
  const { engine, why } = await choose({ tensorflow: cpu }, true);
  expect(engine).toBe("onnx");
  expect(why).toContain("that it could use");
});
