/**
 * The training step as a graph: its gradients against finite differences of its own objectives,
 * over every construct.
 */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import { nodesOf } from "../../src/graph/graph.js";
import * as names from "../../src/lowering/names.js";
import { stepProgram } from "../../src/lowering/programs.js";
import type { Model } from "../../src/program/model.js";
import { constructs } from "../support/constructs.js";
import { modelOf } from "../support/specs.js";
import { feedsOf } from "./feeds.js";
import { differences, passedPrograms, slopesOf } from "./slopes.js";

/**
 * How far the objective may bend within a difference: relu and |.| have kinks, and many of them
 * meet few of these steps.
 */
const tolerance = 2e-4;

const checkGradients = (model: Model, phase: number): void => {
  for (const { gradient, difference } of slopesOf(model, phase)) {
    expect(Math.abs(difference)).toBeGreaterThan(1e-6);
    expect(Math.abs(gradient - difference) / Math.abs(difference)).toBeLessThan(tolerance);
  }
};

/**
 * Power iteration lets no gradient through its vectors: test/lowering/spectral.test.ts
 * differentiates where it has come to rest.
 */
const differentiable = Object.keys(constructs).filter(
  (name) => constructs[name]?.includes("spectral_norm") === false,
);

test.each(differentiable)("%s: gradients are those of finite differences", (name) => {
  const model = modelOf(constructs[name] as string);
  for (const phase of model.phases.keys()) checkGradients(model, phase);
});

const checkPasses = (model: Model, phase: number): void => {
  const [plain, ...passed] = passedPrograms(model, phase);
  for (const graph of passed) {
    expect(nodesOf(graph).length).toBeLessThan(nodesOf(plain).length);
    for (const [output, found] of differences(plain, graph, feedsOf(plain, 3)))
      expect([output, found]).toEqual([output, expect.closeTo(0, 9)]);
  }
};

test.each(Object.keys(constructs))("%s: passes change no number beyond rounding", (name) => {
  const model = modelOf(constructs[name] as string);
  for (const phase of model.phases.keys()) checkPasses(model, phase);
});

test("no gradient passes through a history: a replayed term moves nobody who made it", () => {
  const gradientsOf = (objective: string) => {
    const text = (constructs.histories as string).replace(/min\[G\][^\n]*/, `min[G] ${objective}`);
    const model = modelOf(text);
    const step = stepProgram(model);
    const after = evaluate(step, feedsOf(step, 4));
    return model.networks
      .filter(({ name }) => name === "G")
      .flatMap(({ parameters }) => parameters)
      .map(({ name }) => [...(after.get(names.nextName(names.firstMoment(name)))?.data ?? [])]);
  };
  const replayed = "E[x ~ X] l2(D(replay(G(x), 2)), 1)";
  const alone = gradientsOf("lsgan.fool(G, D)");
  expect(gradientsOf(`lsgan.fool(G, D) + ${replayed}`)).toEqual(alone);
  // Without the history the same term does move it.
  expect(gradientsOf(`lsgan.fool(G, D) + E[x ~ X] l2(D(G(x)), 1)`)).not.toEqual(alone);
});
