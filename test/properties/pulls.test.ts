/**
 * Where a player draws a score, against the slopes of its objective: random formulas of one score,
 * computed at scores on both sides. A pull may be unknown; it may not be wrong.
 */
import { expect, test } from "@jest/globals";
import { impossible } from "../../src/base/impossible.js";
import { gradients } from "../../src/graph/differentiate.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { inputName } from "../../src/graph/graph.js";
import { lowerObjectives } from "../../src/lowering/objectives.js";
import { reals } from "../../src/operators/range.js";
import type { Model } from "../../src/program/model.js";
import { planStep } from "../../src/program/plan.js";
import type { Checked } from "../../src/types/checked.js";
import { nodeRanges } from "../../src/types/ranges/network-ranges.js";
import { type Pull, visitPulls } from "../../src/types/ranges/pulls.js";
import { TermRanges } from "../../src/types/ranges/term-ranges.js";
import { type Dice, dice as diceOf } from "../fuzz/dice.js";
import { feedsOf } from "../lowering/feeds.js";
import { analyseText, checkedOf } from "../support/specs.js";
import { holds, limit, seed, trials } from "./trial.js";

/** A formula around another, which it holds once. */
const around = (inner: string, { of }: Dice): string => {
  const c = of(["0", "1", "2", "-1", "-3", "0.5"]);
  const k = of(["2", "0.3", "-1", "-0.7", "w", "(1 + square(w))", "(w - 3)"]);
  return of([
    inner,
    `-${inner}`,
    `(${inner} + ${c})`,
    `(${c} - ${inner})`,
    `(${inner} - ${c})`,
    `(${inner} * ${k})`,
    `(${k} * ${inner})`,
    `(${inner} / ${k})`,
    `softplus(${inner})`,
    `sigmoid(${inner})`,
    `log(sigmoid(${inner}))`,
    `log(1 - sigmoid(${inner}))`,
    `tanh(${inner})`,
    `exp(0.1 * ${inner})`,
    `(1 / (1 + softplus(${inner})))`,
    `(${k} / (1 + sigmoid(${inner})))`,
    `relu(${inner})`,
    `relu(1 + ${inner})`,
    `abs(${inner})`,
    `square(${inner})`,
    `(${inner}) ^ 2`,
    `(${inner}) ^ 3`,
    `sigmoid(${inner}) ^ 1.5`,
    `(1 + softplus(${inner})) ^ -2`,
    `l2(${inner}, ${c})`,
    `l1(${c}, ${inner})`,
    `mean(${inner})`,
    `total(${inner})`,
    `norm(${inner})`,
    `flip(${inner})`,
    `clamp(${inner}, -1, 2)`,
    `mix(${inner}, ${c} * d, 0.5 * w)`,
  ]);
};

const specOf = (index: number): string => {
  const dice = diceOf(seed, index);
  let formula = "D(x)";
  for (let depth = 1 + dice.below(5); depth > 0; depth--) formula = around(formula, dice);
  return `domain X = image(1, 2, 1)
domain W = uniform(1, low: 0.5, high: 2)
net D : X -> Scores = conv(1, 1)
solve { ${dice.of(["min", "max"])}[D] E[x ~ X, w ~ W, d ~ X] total(${formula} * (1 + 0 * total(w) + 0 * total(d))) }
train { optimizer: sgd(1) schedule: constant(1) }`;
};

const pullsOf = ({ phases, networks }: Checked): readonly (Pull | undefined)[] => {
  const ranges = networks.map(
    (one) => [one.net.name, nodeRanges(one).get(one.last) ?? reals] as const,
  );
  const values = new TermRanges(networks, new Map(ranges));
  const pulls: (Pull | undefined)[] = [];
  for (const player of phases.flatMap(({ players }) => players))
    visitPulls(player, values, (term, pull) => {
      if (term.kind === "apply") pulls.push(pull);
    });
  return pulls;
};

/** Of what is minimised, by the score, where all scores are `score`. */
const slopeAt = (model: Model, score: number): number => {
  const graph = lowerObjectives(model, planStep(model));
  const feeds = feedsOf(graph, 1);
  const [objective = impossible("no objective")] = graph.outputs.values();
  const bias = graph.inputs.find((node) => inputName(node) === "param/D.conv.bias");
  if (bias === undefined) throw new Error("no bias");
  const fill = (name: string, to: (value: number) => number): void => {
    const fed = feeds.get(name);
    if (fed !== undefined) feeds.set(name, { ...fed, data: fed.data.map(to) });
  };
  fill("param/D.conv.weight", () => 0);
  fill("param/D.conv.bias", () => score);
  for (const name of feeds.keys())
    if (name.startsWith("batch/W")) fill(name, (v) => 1.25 + 0.75 * v);
  const [slope = impossible("no slope")] = gradients(objective, [bias]).values();
  const outputs = new Map([["slope", slope]]);
  const [value = Number.NaN] = evaluate({ ...graph, outputs }, feeds).get("slope")?.data ?? [];
  return model.phases[0]?.players[0]?.sense === "max" ? -value : value;
};

const scores = [-7, -3.1, -1.2, -0.6, -0.1, 0.2, 0.7, 1.3, 2.6, 6.5];

const draw = (): void => {
  let [asked, known] = [0, 0];
  for (const index of trials(300)) {
    const text = specOf(index);
    const { result } = analyseText(text);
    if (result === undefined) continue;
    asked += 1;
    const [pull, ...others] = pullsOf(checkedOf(text) ?? impossible(text));
    expect([text, others]).toEqual([text, []]);
    if (pull === undefined) continue;
    known += 1;
    const wrong = scores.flatMap((score) => {
      const slope = slopeAt(result.model, score);
      const isRight = pull > score ? slope <= 1e-9 : slope >= -1e-9;
      return isRight ? [] : [`drawn towards ${pull}, and at ${score} the slope is ${slope}`];
    });
    holds(index, text, wrong);
  }
  expect(asked).toBeGreaterThan(100);
  expect(known / asked).toBeGreaterThan(0.4);
};

test("a score is drawn where its objective falls", draw, limit);
