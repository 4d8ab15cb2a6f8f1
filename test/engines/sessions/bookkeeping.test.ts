/** What the host feeds to a step, against the formulas of Adam and of the moving average. */
import { expect, test } from "@jest/globals";
import { Bookkeeping, type Run, runsOf } from "../../../src/engines/sessions/bookkeeping.js";
import { chosenPlaces, decayAt } from "../../../src/engines/sessions/draws.js";
import * as names from "../../../src/lowering/names.js";
import { stepPrograms } from "../../../src/lowering/programs.js";
import { averaging, batchOf } from "../../support/batches.js";
import { constructs } from "../../support/constructs.js";
import { modelOf } from "../../support/specs.js";

const text = averaging(constructs.numbers as string);
const model = modelOf(
  text.replace(/adam\([^)]*\)/, "adam(0.1, beta1: 0.9, beta2: 0.99, epsilon: 0.1)"),
);
const fresh = (): Bookkeeping => new Bookkeeping(model, 1, stepPrograms(model));
const only = runsOf(model, 0)[0] as Run;
const given = (books: Bookkeeping, step: number): ReadonlyMap<string, number> =>
  new Map(
    books
      .feeds({ batch: batchOf(model, step), rate: 0.25, step }, only)
      .map(([name, { data }]) => [name, data[0] ?? Number.NaN]),
  );

test("rate and epsilon hold the corrections of Adam's moments, as PyTorch has them, update by update", async () => {
  const books = fresh();
  const network = model.networks[0]?.name ?? "";
  const [m, v] = [0.3, 0.2];
  for (let t = 1; t <= 4; t++) {
    const feeds = given(books, t);
    const [rate, epsilon] = ["adam.rate", "adam.epsilon"]
      .map((scalar) => names.scalarName(scalar, network))
      .map((name) => Number(feeds.get(name))) as [number, number];
    const [mean, square] = [m / (1 - 0.9 ** t), v / (1 - 0.99 ** t)];
    expect((rate * m) / (Math.sqrt(v) + epsilon)).toBeCloseTo(
      (0.25 * mean) / (Math.sqrt(square) + 0.1),
      6,
    );
    await books.stepped(only, async () => new Float32Array());
  }
});

test("the average begins at the first step's weights, and its window grows to what the recipe says", () => {
  expect([0, 1, 9, 91].map((step) => decayAt(0.998, step))).toEqual([0, 0.1, 0.5, 0.91]);
  expect(decayAt(0.998, 1e6)).toBe(0.998);
  expect(given(fresh(), 1).get(names.decayName)).toBeCloseTo(0.1);
});

test("places are drawn without replacement, anew in each step, and alike for all values of one size", () => {
  const drawn = (name: string, count: number, step: number): number[] => [
    ...chosenPlaces(1, name, { count, places: names.placesFor(name) ?? 0 }, step),
  ];
  const [few, many] = [names.placesName(4, 5, 6), names.placesName(4, 5, 20)];
  const all = drawn(many, 20, 3);
  expect([...all].sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
  expect(drawn(few, 6, 3)).toEqual(all.slice(0, 6));
  expect(drawn(many, 20, 4)).not.toEqual(all);
  expect(names.placesFor(names.batchName("X"))).toBeUndefined();
});

test("a program with places is fed them", () => {
  const model = modelOf(constructs.places as string);
  const books = new Bookkeeping(model, 1, stepPrograms(model));
  const feeds = books.feeds({ batch: batchOf(model, 0), rate: 0.25, step: 0 }, only);
  const places = feeds.filter(([name]) => names.placesFor(name) !== undefined);
  expect(places).toHaveLength(2);
  for (const [name, { shape, data }] of places) {
    expect(name.endsWith(`/${shape[0]}`)).toBe(true);
    expect(new Set(data).size).toBe(shape[0]);
  }
});
