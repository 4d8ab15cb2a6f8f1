/** PyTorch moves weights by the words of a recipe as ONNX Runtime does, update by update. */
import { afterAll, test } from "@jest/globals";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { torchSession } from "../../src/engines/torch/session.js";
import { startTeam } from "../../src/engines/torch/team.js";
import { expectSame } from "../support/agreement.js";
import { inputOf } from "../support/batches.js";
import { recipes } from "../support/recipes.js";
import { programOf } from "../support/specs.js";

const seed = 5;
const python = process.env.GANC_TORCH_PYTHON ?? "python3";
const team = startTeam(python);
afterAll(() => team.dispose());

test.each(Object.keys(recipes))("%s", async (name) => {
  const program = programOf(recipes[name] as string);
  const { model } = program;
  const first = await onnxSession(model, { engine: "onnx", seed, open: openProgram });
  const options = { engine: "torch", seed, python, device: "cpu", threads: 1 } as const;
  const second = await torchSession(program, options, team);
  try {
    for (let step = 0; step < 5; step++) {
      const input = inputOf(model, step);
      await first.step(input);
      await second.step(input);
    }
    expectSame(await first.getState(), await second.getState(), 1e-4, 1e-3);
  } finally {
    first.dispose();
    second.dispose();
  }
});
