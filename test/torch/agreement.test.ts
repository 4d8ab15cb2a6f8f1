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
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { torchSession } from "../../src/engines/torch/session.js";
import { startTeam } from "../../src/engines/torch/team.js";
import type { Program } from "../../src/program/program.js";
import { emitTorch } from "../../src/targets/torch/emit.js";
import { difference, expectSame, gradients, largestOf } from "../support/agreement.js";
import { averaging, inputOf, samplesOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { programOf } from "../support/specs.js";

const seed = 5;
const python = process.env.GANC_TORCH_PYTHON ?? "python3";

// One for all: importing PyTorch takes seconds.
const team = startTeam(python);
afterAll(() => team.dispose());

const torch = (program: Program): Promise<Session> => {
  const options = { engine: "torch", seed, python, device: "cpu", threads: 1 } as const;
  return torchSession(program, options, team);
};

const onnx = ({ model }: Program): Promise<Session> =>
  onnxSession(model, { engine: "onnx", seed, open: openProgram });

const specs: Readonly<Record<string, string>> = {
  ...constructs,
  // PyTorch differentiates it wrongly by itself: channels-last.test.ts.
  "instance-norm-of-one-sample-before-dense": `domain X = image(6, 5, 3)
net D : X -> Scores = conv(1, 4) >> instance_norm >> dense(1)
solve { min[D] E[x ~ X] (norm(grad(D)(x)) - 1) ^ 2 + E[x ~ X] l2(D(x), 1) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`,
};

test.each(Object.keys(specs))("%s: PyTorch and ONNX Runtime agree", async (name) => {
  const program = programOf(averaging(specs[name] as string));
  const { model } = program;
  const [first, second] = [await onnx(program), await torch(program)];
  try {
    expectSame(await first.getState(), await second.getState(), 1e-12);
    for (let step = 0; step < 4; step++) {
      const from = await first.getState();
      const input = inputOf(model, step);
      const a = await first.step(input);
      await second.setState(from);
      const b = await second.step(input);
      expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort());
      for (const [label, value] of Object.entries(a))
        expect([label, b[label]]).toEqual([label, expect.closeTo(value, 4)]);
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
