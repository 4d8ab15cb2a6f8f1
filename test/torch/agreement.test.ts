/**
 * The Python that ganc writes trains the same program as ONNX Runtime does: from one state, on one
 * batch, over every construct of the language it reports the same values and comes to the same
 * state, histories and averages among it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { Session } from "../../src/contracts/session.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { startTorch } from "../../src/engines/torch/process.js";
import { torchSession } from "../../src/engines/torch/session.js";
import { planStep } from "../../src/program/plan.js";
import type { Program } from "../../src/program/program.js";
import { emitTorch } from "../../src/targets/torch/emit.js";
import { averaging, inputOf, samplesOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { programOf } from "../support/specs.js";

const seed = 5;
const python = process.env.GANC_TORCH_PYTHON ?? "python3";

// One for all: importing PyTorch takes seconds.
const process_ = startTorch(python);
afterAll(() => process_.dispose());

const torch = (program: Program): Promise<Session> => {
  const options = { engine: "torch", seed, python, device: "cpu", threads: 1 } as const;
  return torchSession(program, options, process_);
};

const onnx = ({ model }: Program): Promise<Session> =>
  onnxSession(model, { engine: "onnx", seed, open: openProgram });

/** The largest difference, as a part of the largest value of either. */
const difference = (a: Float32Array, b: Float32Array, least = 1e-6): number => {
  const largest = Math.max(least, ...a.map(Math.abs), ...b.map(Math.abs));
  return Math.max(0, ...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) / largest;
};

const largestOf = (state: State): number =>
  Math.max(...[...state.values()].flatMap(({ data }) => [...data].map(Math.abs)));

const expectSame = (a: State, b: State, tolerance: number, least?: number): void => {
  expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
  for (const [name, { shape, data }] of a) {
    const other = b.get(name) as HostTensor;
    expect([name, other.shape]).toEqual([name, shape]);
    const found = difference(data, other.data, least);
    expect([name, found < tolerance ? "same" : found]).toEqual([name, "same"]);
  }
};

const gradients = (state: State): State =>
  new Map([...state].filter(([name]) => /^(?:adam\.m|sgd\.b)\//.test(name)));

test.each(Object.keys(constructs))("%s: PyTorch and ONNX Runtime agree", async (name) => {
  const program = programOf(averaging(constructs[name] as string));
  const { model } = program;
  const [first, second] = [await onnx(program), await torch(program)];
  try {
    const named = new Set(
      planStep(model).players.flatMap(({ terms }) => terms.map(({ label }) => label)),
    );
    expectSame(await first.getState(), await second.getState(), 1e-12);
    for (let step = 0; step < 4; step++) {
      const from = await first.getState();
      const input = inputOf(model, step);
      const a = await first.step(input);
      await second.setState(from);
      const b = await second.step(input);
      for (const [label, value] of Object.entries(a))
        if (!named.has(label)) expect([label, b[label]]).toEqual([label, expect.closeTo(value, 4)]);
      const [left, right] = [await first.getState(), await second.getState()];
      const least = 1e-2 * largestOf(gradients(left));
      expectSame(gradients(left), gradients(right), 2e-3, least);
      expectSame(left, right, 2.1e-3 / 0.02, 0.02);
    }
    const network = model.networks.find(({ from }) => from.length > 1) ?? model.networks[0];
    const images = (network?.from ?? []).map((domain) => samplesOf(model, domain));
    await second.setState(await first.getState());
    const made = await first.translate(network?.name ?? "", images);
    const same = await second.translate(network?.name ?? "", images);
    expect(same.shape).toEqual(made.shape);
    expect(difference(made.data, same.data)).toBeLessThan(1e-4);
  } finally {
    first.dispose();
    second.dispose();
  }
});

const folder = mkdtempSync(join(tmpdir(), "ganc-python-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("Python compiles the code of every construct", () => {
  const files = Object.entries(constructs).map(([name, text]) => {
    const file = join(folder, `${name}.py`);
    writeFileSync(file, emitTorch(programOf(text)));
    return file;
  });
  execFileSync(python, ["-m", "py_compile", ...files], {
    env: { ...process.env, PYTHONPYCACHEPREFIX: folder },
  });
});
