/** Which passes run: what the options leave out, and nothing else. */
import { expect, test } from "@jest/globals";
import { type PassOptions, passNames } from "../../../src/graph/passes/index.js";
import { heldStepProgram } from "../../../src/lowering/programs.js";
import { constructs } from "../../support/constructs.js";
import { modelOf } from "../../support/specs.js";

const given = modelOf(constructs.residuals as string);
const model = { ...given, recipe: { ...given.recipe, checkpointActivations: true } };

/** Names of the passes that a step goes through, without the stages that observers also hear of. */
const runs = (options: PassOptions): readonly string[] => {
  const names: string[] = [];
  heldStepProgram(model, { ...options, observe: (name) => names.push(name) });
  return names.filter((name) => !["objectives", "step"].includes(name));
};

const all = runs({});

test.each(passNames)(
  "without %s it is not run at any of its places, and all others are",
  (name) => {
    const left = all.filter((each) => each !== name && !each.startsWith(`${name}-`));
    expect(left.length).toBeLessThan(all.length);
    expect(runs({ without: [name] })).toEqual(left);
  },
);

test("exact leaves out what rounds otherwise, and adds to what else is left out", () => {
  expect(runs({ exact: true })).toEqual(all.filter((name) => name !== "winograd"));
  expect(runs({ exact: true, without: ["cse", "simplify", "transpose-sinking"] })).toEqual([
    "dead-bias",
    "batch",
    "checkpoint",
    "memory-scheduling",
    "dce",
  ]);
});

test("only takes single places", () => {
  expect(runs({ only: ["cse-2", "transpose-sinking-2"] })).toEqual([
    "cse-2",
    "transpose-sinking-2",
  ]);
});
