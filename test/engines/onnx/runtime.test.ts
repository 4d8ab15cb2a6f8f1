/** Programs on ONNX Runtime: what is fed, where results go, what is refused. */
import { expect, test } from "@jest/globals";
import * as E from "fp-ts/lib/Either.js";
import type { Program } from "../../../src/contracts/session.js";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { loadOnnxRuntime, openProgram } from "../../../src/engines/onnx/runtime.js";
import { add, mul } from "../../../src/graph/operators/arithmetic.js";
import { constant, input } from "../../../src/graph/operators/sources.js";
import { emitOnnx } from "../../../src/targets/onnx/emit.js";
import { encodeOnnx } from "../../../src/targets/onnx/encode.js";

/** sum = x + y, double = 2 x, of four numbers. */
const model = (): Uint8Array => {
  const [x, y] = [input("x", [2, 2]), input("y", [2, 2])];
  const outputs = new Map([
    ["sum", add(x, y)],
    ["double", mul(x, constant(2))],
  ]);
  const graph = { name: "test", inputs: [x, y], outputs };
  return encodeOnnx(emitOnnx(graph, { producer: "test", metadata: {} }));
};

const square = (...data: number[]): HostTensor => ({
  shape: [2, 2],
  data: Float32Array.from(data),
});
const feeds = new Map([
  ["x", square(1, 2, 3, 4)],
  ["y", square(10, 20, 30, 40)],
]);

const withProgram = async (use: (program: Program) => Promise<void>): Promise<void> => {
  const program = await openProgram(model(), { threads: 1 });
  try {
    await use(program);
  } finally {
    program.dispose();
  }
};

test("the library is there, and says its version", async () => {
  const loaded = await loadOnnxRuntime();
  expect(E.isRight(loaded) && loaded.right.version).toMatch(/^1\.\d+\.\d+/);
});

test("computes every output", () =>
  withProgram(async (program) => {
    const results = await program.run(feeds);
    expect([...results.keys()]).toEqual(["sum", "double"]);
    expect([...(results.get("sum")?.data ?? [])]).toEqual([11, 22, 33, 44]);
    expect(results.get("double")).toEqual(square(2, 4, 6, 8));
  }));

test("writes results into the arrays that it is given, run after run", () =>
  withProgram(async (program) => {
    const target = square(Number.NaN, Number.NaN, Number.NaN, Number.NaN);
    const results = await program.run(feeds, new Map([["sum", target]]));
    expect(results.get("sum")).toBe(target);
    expect([...target.data]).toEqual([11, 22, 33, 44]);
    await program.run(new Map([...feeds, ["y", square(0, 0, 0, 0)]]), new Map([["sum", target]]));
    expect([...target.data]).toEqual([1, 2, 3, 4]);
  }));

test("two sets of arrays take turns: one run's results are the next one's feeds", () =>
  withProgram(async (program) => {
    let [now, next] = [square(1, 1, 1, 1), square(0, 0, 0, 0)];
    for (let step = 0; step < 5; step++) {
      await program.run(new Map([...feeds, ["x", now]]), new Map([["double", next]]));
      [now, next] = [next, now];
    }
    expect([...now.data]).toEqual([32, 32, 32, 32]);
    expect([...next.data]).toEqual([16, 16, 16, 16]);
  }));

test("a target may be a part of a larger array", () =>
  withProgram(async (program) => {
    const all = new Float32Array(10).fill(-1);
    const target = { shape: [2, 2], data: all.subarray(3, 7) };
    await program.run(feeds, new Map([["double", target]]));
    expect([...all]).toEqual([-1, -1, -1, 2, 4, 6, 8, -1, -1, -1]);
  }));

test("passes over feeds that the model does not have", () =>
  withProgram(async (program) => {
    const results = await program.run(new Map([...feeds, ["z", square(0, 0, 0, 0)]]));
    expect(results.size).toBe(2);
  }));

test("refuses a missing feed, a feed of another shape and a target of another shape", () =>
  withProgram(async (program) => {
    const wide = { shape: [4], data: new Float32Array(4) };
    await expect(program.run(new Map([["x", square(1, 2, 3, 4)]]))).rejects.toThrow("'y'");
    await expect(program.run(new Map([...feeds, ["x", wide]]))).rejects.toThrow("x");
    await expect(program.run(feeds, new Map([["sum", wide]]))).rejects.toThrow("sum");
  }));

test("refuses what is no model", async () => {
  await expect(openProgram(Uint8Array.of(1, 2, 3))).rejects.toThrow();
});
