/** Which providers this machine has, and what is said of those that it has not. */
import { describe, expect, test } from "@jest/globals";
import { tryProvider } from "../../../src/engines/onnx/providers.js";
import type { Provider } from "../../../src/engines/onnx/runtime.js";
import type { Ran, Tools } from "../../../src/engines/tensorflow/tools.js";

const ended =
  (ran: Partial<Ran>): Tools["run"] =>
  async () => ({ code: 1, signal: null, absent: false, stdout: "", stderr: "", ...ran });

describe("says in a sentence why a provider is not to be had:", () => {
  test.each<[string, Partial<Ran>, string]>([
    [
      "the library's own words, without its functions and files",
      {
        stderr:
          "Error: /src/webgpu_context.cc:136 Initialize() status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n",
      },
      "ONNX Runtime says: Failed to get a WebGPU adapter: No supported adapters.",
    ],
    [
      "a library that is not there",
      { stderr: "Error: OrtSessionOptionsAppend_Cuda: Failed to load shared library\n" },
      "ONNX Runtime says: Failed to load shared library.",
    ],
    [
      "a crash",
      { code: null, signal: "SIGSEGV" },
      "The process that tried it was ended by SIGSEGV.",
    ],
  ])("%s", async (_, ran, missing) => {
    expect(await tryProvider("webgpu", ended(ran))).toEqual({ provider: "webgpu", missing });
  });
});

test("the processor computes", async () => {
  expect(await tryProvider("cpu")).toEqual({ provider: "cpu" });
});

test("a provider that does not exist does not compute", async () => {
  const { missing } = await tryProvider("abacus" as Provider);
  expect(missing).toMatch(/^ONNX Runtime says: .*\.$/);
});
