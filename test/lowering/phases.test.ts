/**
 * Phases against hand-made steps, in float64: a game in phases comes to what the same game played
 * at once comes to, when a hand gives it, before each step, the weights that phases see and takes
 * back what another player's phase moves.
 */
import { expect, test } from "@jest/globals";
import { referenceSession } from "../../bench/reference.js";
import type { Metrics, Session } from "../../src/contracts/session.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { batchOf, inputOf } from "../support/batches.js";
import { modelOf } from "../support/specs.js";

const specOf = (solve: string): string => `domain X = image(6)
domain Y = image(6)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(3, 1)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { ${solve} }
train { optimizer: adam(1e-2, beta1: 0.5) schedule: constant(1) }
`;

const open = async (solve: string): Promise<Session> =>
  referenceSession(modelOf(specOf(solve)), { engine: "float64", seed: 3 });

const entriesOf = (state: State, network: string): readonly (readonly [string, HostTensor])[] =>
  [...state].filter(([key]) => new RegExp(`/${network}(\\.|$)`).test(key));

const atOnce = modelOf(specOf("min[G] max[D] gan(G, D)"));

/**
 * One step of the game at once, at weights put together from two states: its metrics, and the state
 * that it comes to.
 */
const stepAt = async (
  session: Session,
  g: State,
  d: State,
  batch: ReturnType<typeof batchOf>,
): Promise<{ readonly metrics: Metrics; readonly state: State }> => {
  await session.setState(new Map([...entriesOf(g, "G"), ...entriesOf(d, "D")]));
  const metrics = await session.step({ batch, rate: 1e-2, step: 0 });
  return { metrics, state: await session.getState() };
};

const expectSame = (found: State, g: State, d: State): void => {
  const expected = new Map([...entriesOf(g, "G"), ...entriesOf(d, "D")]);
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, { data }] of found)
    data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.get(key)?.data[i] ?? Number.NaN, 6);
    });
};

test("behind `then` the generator sees the discriminator's new weights, and the same draws", async () => {
  const phased = await open("max[D] gan(G, D) then min[G] gan(G, D)");
  const plain = await open("min[G] max[D] gan(G, D)");
  const begin = await phased.getState();
  const batch = batchOf(atOnce, 0);
  const metrics = await phased.step({ batch, rate: 1e-2, step: 0 });
  const first = await stepAt(plain, begin, begin, batch);
  const second = await stepAt(plain, begin, first.state, batch);
  expectSame(await phased.getState(), second.state, first.state);
  // Each phase reports at the weights that it began with.
  expect(metrics["gan(G, D)"]).toBeCloseTo(first.metrics["gan(G, D)"] as number, 6);
  expect(metrics["gan(G, D)_2"]).toBeCloseTo(second.metrics["gan(G, D)"] as number, 6);
  // At the old weights it would have come elsewhere.
  const key = "param/G.conv.weight";
  const [seen, unseen] = [second.state.get(key)?.data, first.state.get(key)?.data];
  expect(seen).not.toEqual(unseen);
});

test("a repeated phase draws anew each time, and reports its last run", async () => {
  const phased = await open("repeat 3 { max[D] gan(G, D) } then min[G] gan(G, D)");
  const plain = await open("min[G] max[D] gan(G, D)");
  const begin = await phased.getState();
  const batches = [0, 1, 2].map((step) => batchOf(atOnce, step));
  const [batch = {}, ...again] = batches;
  const metrics = await phased.step({ batch, again, rate: 1e-2, step: 0 });
  let d = begin;
  let judged: Metrics = {};
  for (const each of batches) ({ state: d, metrics: judged } = await stepAt(plain, begin, d, each));
  const last = await stepAt(plain, begin, d, batch);
  expectSame(await phased.getState(), last.state, d);
  expect(metrics["gan(G, D)"]).toBeCloseTo(judged["gan(G, D)"] as number, 6);
  const state = await phased.getState();
  expect([state.get("adam.t/D")?.data[0], state.get("adam.t/G")?.data[0]]).toEqual([3, 1]);
  await expect(phased.step({ batch, rate: 1e-2, step: 1 })).rejects.toThrow("draws 2 times");
});

test("histories advance with each run of their phase, and the average once a step", async () => {
  const text = specOf(
    "repeat 3 { min[D] E[x ~ X] l2(D(replay(G(x), 5)), 0) + E[y ~ Y] l2(D(y), 1) } then repeat 2 { min[G] E[x ~ X] l2(D(G(x)), 1) }",
  )
    .replace("train {", "train { average: 0.9 ")
    .replace(/loss gan[\s\S]*?(?=solve)/, "");
  const model = modelOf(text);
  const session = await referenceSession(model, { engine: "float64", seed: 3 });
  const key = "G.conv.weight";
  let expected: readonly number[] = [];
  for (let step = 0; step < 3; step++) {
    await session.step(inputOf(model, step));
    const state = await session.getState();
    const now = state.get(`param/${key}`)?.data ?? new Float32Array();
    const decay = Math.min(0.9, step / (9 + step));
    expected = Array.from(now, (w, i) => decay * (expected[i] ?? 0) + (1 - decay) * w);
    const average = state.get(`average/${key}`)?.data ?? new Float32Array();
    average.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 6);
    });
    const history = [...state].find(([name]) => name.startsWith("history/"))?.[1];
    expect(history?.shape[0]).toBe(Math.min(5, 3 * (step + 1)));
  }
});
