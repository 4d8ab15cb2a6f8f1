/** The training step as a graph: its gradients against finite differences of its own objectives, over every construct. */
import { expect, test } from "@jest/globals";
import { stream } from "../../src/base/random.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { inputName, nodesOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import * as names from "../../src/lowering/names.js";
import { lowerObjectives } from "../../src/lowering/objectives.js";
import { phaseProgram, stepProgram } from "../../src/lowering/programs.js";
import type { Model } from "../../src/model/model.js";
import { planStep } from "../../src/model/plan.js";
import { constructs } from "../support/constructs.js";
import { modelOf } from "../support/specs.js";
import { feedsOf, relative } from "./feeds.js";

/** The tensors of `at` moved by `size` along `direction`. */
const moved = (
  at: ReadonlyMap<string, Tensor>,
  direction: ReadonlyMap<string, Float64Array>,
  size: number,
): Map<string, Tensor> =>
  new Map(
    [...at].map(([name, { shape, data }]) => {
      const along = direction.get(name);
      return [
        name,
        {
          shape,
          data: along === undefined ? data : data.map((x, i) => x + size * (along[i] ?? 0)),
        },
      ];
    }),
  );

/** How far the objective may bend within a difference: relu and |.| have kinks, and many of them meet few of these steps. */
const tolerance = 2e-4;
const epsilon = 1e-6;

/** Adam's first moments tell gradients, whatever the recipe moves networks by. */
const byAdam = (model: Model): Model => ({
  ...model,
  recipe: {
    ...model.recipe,
    optimizer: { kind: "adam", rate: 1e-3, options: { beta1: 0.5, beta2: 0.9 } },
    optimizers: {},
    clip: {},
  },
});

const checkGradients = (model: Model, phase: number): void => {
  const objectives = lowerObjectives(model, planStep(model), phase);
  const step = phaseProgram(model, phase);
  // An input that no objective of the phase reads is none of its program.
  const feeds = new Map([...feedsOf(objectives, 1), ...feedsOf(step, 1)]);
  const after = evaluate(step, feeds);
  const forward = new Set(objectives.inputs.map(inputName));
  const at = new Map([...feeds].filter(([key]) => forward.has(key)));
  for (const player of model.phases[phase]?.players ?? []) {
    const parameters = model.networks
      .filter((network) => player.networks.includes(network.name))
      .flatMap((network) => network.parameters);
    const uniform = stream(2, `${model.name}/${player.name}`);
    let counter = 0;
    const direction = new Map(
      parameters.map(({ name: parameter }) => {
        const key = names.parameterName(parameter);
        const size = at.get(key)?.data.length ?? 0;
        return [key, Float64Array.from({ length: size }, () => 2 * uniform(counter++) - 1)];
      }),
    );
    const value = (size: number): number =>
      evaluate(objectives, moved(at, direction, size)).get(names.objectiveName(player.name))
        ?.data[0] ?? Number.NaN;
    const difference = (value(epsilon) - value(-epsilon)) / (2 * epsilon);
    // With a first moment of zero, the new one is (1 - beta1) times the gradient of what is minimised.
    const sign = player.sense === "max" ? -1 : 1;
    const slope = parameters.reduce((sum, { name: parameter }) => {
      const moment = after.get(names.nextName(names.firstMoment(parameter)))?.data ?? [];
      const along = direction.get(names.parameterName(parameter)) as Float64Array;
      return along.reduce((s, d, i) => s + d * (moment[i] ?? 0), sum);
    }, 0);
    const gradient = (sign * slope) / 0.5;
    expect(Math.abs(difference)).toBeGreaterThan(1e-6);
    expect(Math.abs(gradient - difference) / Math.abs(difference)).toBeLessThan(tolerance);
  }
};

/** Power iteration lets no gradient through its vectors: test/lowering/spectral.test.ts differentiates where it has come to rest. */
const differentiable = Object.keys(constructs).filter(
  (name) => constructs[name]?.includes("spectral_norm") === false,
);

test.each(differentiable)("%s: gradients are those of finite differences", (name) => {
  const model = byAdam(modelOf(constructs[name] as string));
  for (const phase of model.phases.keys()) checkGradients(model, phase);
});

const checkPasses = (model: Model, phase: number): void => {
  const plain = phaseProgram(model, phase, { only: [] });
  const exact = phaseProgram(model, phase, { exact: true });
  const whole = phaseProgram(model, phase);
  expect(nodesOf(exact).length).toBeLessThan(nodesOf(plain).length);
  const feeds = feedsOf(plain, 3);
  const expected = evaluate(plain, feeds);
  for (const graph of [exact, whole]) {
    const given = new Map(
      graph.inputs.map((n) => [inputName(n), feeds.get(inputName(n)) as Tensor]),
    );
    const found = evaluate(graph, given);
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [output, { data }] of expected)
      expect([output, relative(found.get(output)?.data ?? new Float64Array(), data)]).toEqual([
        output,
        expect.closeTo(0, 9),
      ]);
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
