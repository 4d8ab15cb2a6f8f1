/**
 * Logarithms of probabilities: one step, whether a loss or the last layer of a network makes the
 * probability.
 */
import { expect, test } from "@jest/globals";
import { gradients } from "../../src/graph/differentiate.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { inputName } from "../../src/graph/graph.js";
import { lowerObjectives } from "../../src/lowering/objectives.js";
import { planStep } from "../../src/program/plan.js";
import { modelOf } from "../support/specs.js";
import { feedsOf } from "./feeds.js";

const spec = (end: string, loss: string): string => `domain X = image(2, 2, 3)
net D : X -> Scores = conv(1, 2)${end}
solve { min[D] E[x ~ X] mean(${loss}) }
train { optimizer: adam(2e-4) schedule: constant(1) batch: 2 }`;

/** The loss, and its gradient by the bias, where all weights are 0 and the biases are these. */
const at = (text: string, bias: readonly [number, number]): readonly number[] => {
  const model = modelOf(text);
  const graph = lowerObjectives(model, planStep(model));
  const feeds = feedsOf(graph, 1);
  for (const [name, { shape, data }] of feeds)
    if (name.startsWith("param/"))
      feeds.set(name, {
        shape,
        data: data.map((_, i) => (name.endsWith("bias") ? (bias[i] ?? 0) : 0)),
      });
  const parameters = graph.inputs.filter((node) => inputName(node) === "param/D.conv.bias");
  const [objective] = graph.outputs.values();
  if (objective === undefined) throw new Error("no objective");
  const [slope] = gradients(objective, parameters).values();
  if (slope === undefined) throw new Error("no gradient");
  const outputs = new Map([
    ["loss", objective],
    ["slope", slope],
  ]);
  return [...evaluate({ ...graph, outputs }, feeds).values()].flatMap(({ data }) => [...data]);
};

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Of each way of writing it: by the loss, and by the network; value and slope for two scores. */
const forms: Readonly<
  Record<
    string,
    readonly [
      byLoss: string,
      end: string,
      byNetwork: string,
      (a: number, b: number) => readonly number[],
    ]
  >
> = {
  "log of a sigmoid": [
    "log(sigmoid(D(x)))",
    " >> sigmoid",
    "log(D(x))",
    (a, b) => [-(softplus(-a) + softplus(-b)) / 2, sigmoid(-a) / 2, sigmoid(-b) / 2],
  ],
  "log of what a sigmoid leaves of 1": [
    "log(1 - sigmoid(D(x)))",
    " >> sigmoid",
    "log(1 - D(x))",
    (a, b) => [-(softplus(a) + softplus(b)) / 2, -sigmoid(a) / 2, -sigmoid(b) / 2],
  ],
  "log of a softmax": [
    "log(softmax(D(x)))",
    " >> softmax",
    "log(D(x))",
    (a, b) => {
      const [first, second] = [sigmoid(a - b), sigmoid(b - a)];
      return [-(softplus(b - a) + softplus(a - b)) / 2, 0.5 - first, 0.5 - second];
    },
  ],
};

test.each(Object.entries(forms))("%s is exact, however sure the network is", (_, form) => {
  const [byLoss, end, byNetwork, exact] = form;
  for (const scores of [
    [0.3, -0.2],
    [40, -40],
    [1000, -900],
    [-2000, 800],
  ] as const)
    for (const text of [spec("", byLoss), spec(end, byNetwork)])
      at(text, scores).forEach((value, i) => {
        expect([scores, i, value]).toEqual([
          scores,
          i,
          expect.closeTo(exact(scores[0], scores[1])[i] ?? 0, 9),
        ]);
      });
});
