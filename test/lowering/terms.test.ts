/**
 * What a step reports: every loss, every objective that has a name, every expectation that is
 * written in place.
 */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import { nodesOf } from "../../src/graph/graph.js";
import { heldStepPrograms, stepPrograms } from "../../src/lowering/programs.js";
import type { Model, Player } from "../../src/program/model.js";
import { planStep } from "../../src/program/plan.js";
import { modelOf, modelOfSpec } from "../support/specs.js";
import { feedsOf } from "./feeds.js";

const game = (objectives: string, solve: string): Model =>
  modelOf(`domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(1, 4)
loss cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
loss gan(G : a -> b, D : b -> Scores) = E[x ~ a] softplus(D(G(x))) + E[y ~ b] softplus(-D(y))
${objectives}
solve { ${solve} }
train { optimizer: adam(2e-4) schedule: constant(1) }
`);

const labels = (model: Model): readonly string[] =>
  stepPrograms(model).flatMap(({ outputs }) =>
    [...outputs.keys()].flatMap((name) => /^metric\/(.*)$/s.exec(name)?.[1] ?? []),
  );

test.each<readonly [string, string, string, readonly string[]]>([
  [
    "losses alone",
    "",
    "min[G, F] max[D] gan(G, D) + cycle(G, F)",
    ["min[G, F]", "gan(G, D)", "cycle(G, F)"],
  ],
  [
    "an expectation in place, and what it stands beside",
    "",
    "min[G, F] E[x ~ X]   softplus( D(G(x)) ) + 10*cycle(G, F)   min[D] gan(G, D)",
    ["min[G, F]", "cycle(G, F)", "E[x ~ X] softplus(D(G(x)))", "gan(G, D)"],
  ],
  [
    "brackets, factors, signs, breaks and comments",
    "",
    `min[G, F] 2 * (E[x ~ X] (D(G(x)) - 1)^2) + cycle(G, F) -- why
       - E[y ~ Y] -- because
         l1(F(y),0)
     min[D] gan(G, D) + (E[y ~ Y, x ~ X] l2(D(y),D(stop(G(x))))) / 2`,
    [
      "min[G, F]",
      "cycle(G, F)",
      "E[x ~ X] (D(G(x)) - 1) ^ 2",
      "E[y ~ Y] l1(F(y), 0)",
      "min[D]",
      "gan(G, D)",
      "E[y ~ Y, x ~ X] l2(D(y), D(stop(G(x))))",
    ],
  ],
  [
    "objectives by name, one inside of another",
    "objective same = E[y ~ Y] l1(G(F(y)), y)\nobjective all = gan(G, D) + 10 * cycle(G, F) + 3 * same",
    "min[G, F] all + 0.5 * same   min[D] gan(G, D)",
    [...["min[G, F]", "gan(G, D)", "cycle(G, F)"], ...["all", "same"]],
  ],
  [
    "an objective of which the first player computes a part only",
    "objective all = gan(G, D) + cycle(G, F)",
    "max[D] all   min[G, F] all",
    ["gan(G, D)", "min[G, F]", "cycle(G, F)", "all"],
  ],
  [
    "one text in two phases",
    "",
    "min[G, F] gan(G, D) + E[x ~ X] l1(G(x), 0) + cycle(G, F)   then   min[D] -gan(G, D)   min[G] E[x ~ X] l1(G(x), 0)",
    [
      ...["min[G, F]", "gan(G, D)", "cycle(G, F)", "E[x ~ X] l1(G(x), 0)"],
      ...["min[D]", "gan(G, D)_2", "min[G]", "E[x ~ X] l1(G(x), 0)_2"],
    ],
  ],
])("%s", (_, objectives, solve, expected) => {
  expect(labels(game(objectives, solve))).toEqual(expected);
});

test("a term is what its formula says, whatever stands before it", () => {
  const model = game(
    "objective all = 2 * cycle(G, F) + E[y ~ Y] l1(F(y), 0)",
    "min[G, F] all + 3 * (E[x ~ X] l1(G(x), 0)) + gan(G, D)   min[D] -gan(G, D)",
  );
  const [step] = stepPrograms(model);
  const values = evaluate(
    step as NonNullable<typeof step>,
    feedsOf(step as NonNullable<typeof step>, 5),
  );
  const of = (label: string): number => values.get(`metric/${label}`)?.data[0] ?? Number.NaN;
  const all = 2 * of("cycle(G, F)") + of("E[y ~ Y] l1(F(y), 0)");
  expect(of("all")).toBeCloseTo(all, 10);
  expect(of("min[G, F]")).toBeCloseTo(all + 3 * of("E[x ~ X] l1(G(x), 0)") + of("gan(G, D)"), 10);
});

const unnamed = (model: Model): Model => {
  const without = (player: Player): Player => ({ ...player, named: [] });
  return {
    ...model,
    players: model.players.map(without),
    phases: model.phases.map((phase) => ({ ...phase, players: phase.players.map(without) })),
  };
};

/** Numbers that a program computes besides single ones, value for value. */
const sizes = (model: Model): readonly number[] =>
  heldStepPrograms(model)
    .graphs.flatMap(nodesOf)
    .map(({ shape }) => shape.reduce((a, b) => a * b, 1))
    .filter((size) => size > 1)
    .sort((a, b) => a - b);

const naming = [
  "cyclegan",
  ...["bigan", "cgan", "cut", "stargan"].map((name) => `gallery/${name}`),
];

test.each(naming)("%s: what is reported besides costs single numbers only", (name) => {
  const model = modelOfSpec(`specs/${name}.gan`);
  expect(planStep(model).players.some(({ terms }) => terms.length > 0)).toBe(true);
  expect(sizes(model)).toEqual(sizes(unnamed(model)));
});
