/**
 * What dropout draws: one mask for each application and layer, equal for equal applications, none
 * in translation.
 */
import { expect, test } from "@jest/globals";
import { maskOf } from "../../src/engines/sessions/draws.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { inputName } from "../../src/graph/graph.js";
import * as names from "../../src/lowering/names.js";
import { lowerObjectives } from "../../src/lowering/objectives.js";
import { translateProgram } from "../../src/lowering/programs.js";
import { planStep } from "../../src/program/plan.js";
import { modelOf } from "../support/specs.js";
import { feedsOf } from "./feeds.js";

const model = modelOf(`domain X = image(4)
net G : X -> X = dropout(0.25) >> conv(1, 3) >> dropout >> tanh
loss twice(G : a -> a) = E[x ~ a] l1(G(x), 0) + E[x ~ a] l2(G(x), 1) + E[x ~ a] l1(G(G(x)), x)
solve { min[G] twice(G) }
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`);

test("equal applications share a mask, others have their own, and each layer of one has its own", () => {
  const { inputs } = lowerObjectives(model, planStep(model));
  const masks = inputs.map(inputName).filter((name) => name.startsWith(names.maskName("")));
  expect(masks).toEqual([
    "mask/G(X)/dropout",
    "mask/G(X)/dropout_2",
    "mask/G(G(X))/dropout",
    "mask/G(G(X))/dropout_2",
  ]);
});

test("a network under gradients at two values has a mask for each, and one for both times at one value", () => {
  const spec = modelOf(`domain X = image(4)
domain Y = image(4)
net D : X -> Scores = conv(1, 3) >> dropout >> tanh
loss flat(D : a -> Scores) = E[x ~ a, y ~ a] (norm(grad(D)(x)) ^ 2 + norm(grad(D)(y)) ^ 2 + norm(grad(D)(x)))
solve { min[D] flat(D) }
train { optimizer: adam(1e-3) schedule: constant(1) batch: 2 }
`);
  const { inputs } = lowerObjectives(spec, planStep(spec));
  const masks = inputs.map(inputName).filter((name) => name.startsWith(names.maskName("")));
  expect(masks).toEqual([
    "mask/D[variable 0 at X[]]/dropout",
    "mask/D[variable 0 at X#1[]]/dropout",
  ]);
});

test("translation drops nothing: it is the network without the layer", () => {
  const network = model.networks[0];
  if (network === undefined) throw new Error("there is no network");
  const graph = translateProgram(network, 2);
  expect(graph.inputs.map(inputName)).toEqual([
    "param/G.conv.weight",
    "param/G.conv.bias",
    "images",
  ]);
  const feeds = feedsOf(graph, 1);
  const images = feeds.get("images")?.data ?? [];
  const made = evaluate(graph, feeds).get("translated")?.data ?? new Float64Array();
  const weight = feeds.get("param/G.conv.weight")?.data ?? [];
  const bias = feeds.get("param/G.conv.bias")?.data ?? [];
  made.forEach((value, i) => {
    const [pixel, channel] = [Math.floor(i / 3) * 3, i % 3];
    const sum = [0, 1, 2].reduce(
      (s, c) => s + (images[pixel + c] ?? 0) * (weight[c * 3 + channel] ?? 0),
      bias[channel] ?? 0,
    );
    expect(value).toBeCloseTo(Math.tanh(sum), 9);
  });
});

test("a mask is that of its seed, name, step and repetition, and uniform", () => {
  const draw = (seed: number, name: string, step: number, repetition = 0) =>
    maskOf(seed, name, 4000, step, repetition);
  const first = draw(1, "mask/G(X)/dropout", 3);
  expect(draw(1, "mask/G(X)/dropout", 3)).toEqual(first);
  for (const other of [
    draw(2, "mask/G(X)/dropout", 3),
    draw(1, "mask/G(X)/dropout_2", 3),
    draw(1, "mask/G(X)/dropout", 4),
    draw(1, "mask/G(X)/dropout", 3, 1),
  ])
    expect(other).not.toEqual(first);
  const share = (most: number) => first.filter((u) => u < most).length / first.length;
  for (const most of [0.1, 0.5, 0.9]) expect(share(most)).toBeCloseTo(most, 1);
});
