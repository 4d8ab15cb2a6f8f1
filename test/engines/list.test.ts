import { expect, test } from "@jest/globals";
import * as E from "fp-ts/lib/Either.js";
import { listEngines } from "../../src/engines/list.js";
import { missing } from "../../src/engines/tensorflow/missing.js";
import type { Ran, Tools } from "../../src/engines/tensorflow/tools.js";

const answering =
  (ran: Partial<Ran>): Tools["run"] =>
  async () => ({ code: 0, signal: null, absent: false, stdout: "", stderr: "", ...ran });

const tensorflowOn = async (ran: Partial<Ran>) => {
  const reports = await listEngines(answering(ran));
  return reports.find(({ id }) => id === "tensorflow");
};

test("every engine of the table says whether it is there, or why not and what to do", async () => {
  const reports = await listEngines();
  // Graphics cards and a Python with PyTorch are this machine's own affair.
  const own = ["webgpu", "cuda", "torch"];
  const always = reports.filter(({ id }) => !own.includes(id));
  expect(always.map(({ id, available }) => [id, available])).toEqual([
    ["onnx", true],
    ["tensorflow", true],
    ["cpu", true],
    ["wasm", false],
  ]);
  for (const { available, found, missing: why } of reports) {
    expect(found !== undefined).toBe(available);
    expect(why === undefined).toBe(available);
  }
  expect(reports.at(-1)?.missing?.reason).toContain("Conv2DBackpropFilter");
});

test("version and device are those that the engine tells of itself", async () => {
  const told = { version: "2.99.0", library: "/x/libtensorflow_cc.so.2", gpu: true, wrong: "" };
  expect(await tensorflowOn({ stdout: `noise\n${JSON.stringify(told)}\n` })).toMatchObject({
    available: true,
    found: "TensorFlow 2.99.0, GPU",
  });
});

const crashes: readonly (readonly [Partial<Ran>, string])[] = [
  [{ code: null, signal: "SIGILL" }, "AVX is needed"],
  [{ code: null, signal: "SIGSEGV" }, "ended by SIGSEGV"],
  [
    { code: 1, stderr: "at x\nError: libtensorflow_cc.so.2: gone\n" },
    "libtensorflow_cc.so.2: gone",
  ],
  [{ stdout: "not JSON" }, "gave no answer"],
  [{ stdout: '{"version":3}' }, "gave no answer"],
];

test.each(crashes)(
  "an engine that ends with %j is missing, not a crash of ganc",
  async (ran, says) => {
    const report = await tensorflowOn(ran);
    expect(report?.available).toBe(false);
    expect(report?.missing?.reason).toContain(says);
    expect(report?.missing?.remedy).toContain("ganc engine install tensorflow");
  },
);

test("an engine that computes wrongly is missing", async () => {
  const told = { version: "2", library: "", gpu: false, wrong: "conv2d gave 17, due is 18" };
  const report = await tensorflowOn({ stdout: JSON.stringify(told) });
  expect(report?.missing?.reason).toContain("conv2d gave 17, due is 18");
});

test("a later engine is one more row", async () => {
  const row = { id: "other", title: "another", capabilities: "translates" };
  const probe = async () => E.left(missing("Not here.", "Get it."));
  expect(await listEngines(answering({}), [{ ...row, probe }])).toEqual([
    { ...row, available: false, missing: { reason: "Not here.", remedy: "Get it." } },
  ]);
});
