/**
 * Compiled by torch.compile, a step gives what it gives as written: the whole step where a module
 * allows it, else its networks.
 */
import { afterAll, expect, test } from "@jest/globals";
import type { Session } from "../../src/contracts/session.js";
import { torchSession } from "../../src/engines/torch/session.js";
import { startTeam } from "../../src/engines/torch/team.js";
import type { Program } from "../../src/program/program.js";
import { compiledParts } from "../../src/targets/torch/compiled.js";
import { expectSame } from "../support/agreement.js";
import { averaging, inputOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { programOf } from "../support/specs.js";

const seed = 5;
const python = process.env.GANC_TORCH_PYTHON ?? "python3";

const team = startTeam(python);
const other = startTeam(python);
afterAll(() => {
  team.dispose();
  other.dispose();
});

const open = (program: Program, compiled: boolean): Promise<Session> => {
  const precision = { bf16: false, compiled, channelsLast: false };
  const options = { engine: "torch", seed, python, device: "cpu", threads: 1, precision } as const;
  return torchSession(program, options, compiled ? team : other);
};

/** Compiling takes seconds for each: those that differ in what is compiled, and how. */
const chosen = {
  step: ["histories", "labels", "cogan", "optimizers", "frozen", "networks-in-networks-handed-on"],
  networks: ["loss-arithmetic", "networks-inside-networks", "spectral-norm", "accumulated"],
  none: ["dropout"],
};

test.each(Object.values(chosen).flat())("%s: compiled as written", async (name) => {
  const program = programOf(averaging(constructs[name] as string));
  const { step: isWhole, networks } = compiledParts(program);
  const kind = isWhole ? "step" : networks.length > 0 ? "networks" : "none";
  expect(chosen[kind]).toContain(name);
  const [first, second] = [await open(program, false), await open(program, true)];
  try {
    for (let step = 0; step < 4; step++) {
      const from = await first.getState();
      const input = inputOf(program.model, step);
      const a = await first.step(input);
      await second.setState(from);
      const b = await second.step(input);
      expect(Object.keys(b)).toEqual(Object.keys(a));
      for (const [label, value] of Object.entries(a))
        expect([label, b[label]]).toEqual([label, expect.closeTo(value, 4)]);
      expectSame(await first.getState(), await second.getState(), 2.1e-3 / 0.02, 0.02);
    }
  } finally {
    first.dispose();
    second.dispose();
  }
});
