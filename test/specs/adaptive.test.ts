/** Adaptive augmentation of `std.augment`: who is augmented, and where its chance goes. */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import { stepProgram } from "../../src/lowering/programs.js";
import { feedsOf } from "../lowering/feeds.js";
import { modelOf } from "../support/specs.js";

const rate = 0.01;

// D gives the mean of each image, times a weight; G is there to be a player of its own.
const model = modelOf(`import std.augment (adapted, augmented, overfit)
domain X = image(8)
domain Z = noise(1)
domain Y = features(8, 8, 3)
net G : X -> Y = conv(1, 3, groups: 3, bias: false)
net D : X -> Scores = global_avg_pool >> dense(1)
net P : Z -> Scores = learnt(1, 1, 1, zero: true)
objective changed =
  E[x ~ X, z ~ Z, t ~ uniform(8)] l2(adapted(G(x), t, P(z)), augmented(G(x), t))
objective kept = E[x ~ X, z ~ Z, t ~ uniform(8)] l2(adapted(G(x), t, P(z)), G(x))
solve { min[G] changed + kept min[D] E[x ~ X] l2(D(x), 1) min[P] overfit(P, D) }
train { optimizer: sgd(${rate}) schedule: constant(1) batch: 4 }`);

const stepAt = (
  p: number,
  { weight, chance }: { readonly weight: number; readonly chance: number },
) => {
  const step = stepProgram(model);
  const feeds = feedsOf(step, 5);
  const fill = (part: string, at: (value: number, i: number) => number): void => {
    for (const [name, { shape, data }] of feeds)
      if (name.startsWith(part)) feeds.set(name, { shape, data: data.map(at) });
  };
  fill("param/P", () => p);
  fill("param/D.dense.bias", () => weight);
  fill("param/D.dense.weight", () => 0);
  fill("sgd.rate", () => rate);
  fill("batch/uniform", (value, i) => (i % 8 === 7 ? chance : (value + 1) / 2));
  const values = evaluate(step, feeds);
  const of = (name: string): number => values.get(name)?.data[0] ?? Number.NaN;
  const [name = ""] = [...values.keys()].filter((key) => key.startsWith("next/param/P"));
  return { changed: of("metric/changed"), kept: of("metric/kept"), next: of(name) };
};

test("augments where the chance is above the draw, and only there", () => {
  const below = stepAt(0.3, { weight: 0, chance: 0.5 });
  expect(below.kept).toBe(0);
  expect(below.changed).toBeGreaterThan(0.01);
  const above = stepAt(0.7, { weight: 0, chance: 0.5 });
  expect(above.changed).toBe(0);
  expect(above.kept).toBeGreaterThan(0.01);
});

test("the chance rises by 0.4 of the rate where all real images are told, and falls by 1.6 where none", () => {
  const draw = 0.5;
  expect(stepAt(0.3, { weight: 1, chance: draw }).next).toBeCloseTo(0.3 + 0.4 * rate, 9);
  expect(stepAt(0.3, { weight: -1, chance: draw }).next).toBeCloseTo(0.3 - 1.6 * rate, 9);
  expect(stepAt(0.3, { weight: 0, chance: draw }).next).toBeCloseTo(0.3 - 0.6 * rate, 9);
});

test("below 0 it comes back", () => {
  expect(stepAt(-0.001, { weight: -1, chance: 0.5 }).next).toBeCloseTo(-0.001 + 0.4 * rate, 9);
});
