/**
 * Random networks: what the checker accepts has the shape of an independent reckoning, lowers,
 * differentiates and trains alike in float64 and on ONNX Runtime; what it refuses for a shape does
 * not fit. `GANC_RANDOM=2000` tries more, `GANC_SEED=7` others.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { analyse } from "../../src/compiler/frontend.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { checkpoint } from "../../src/graph/passes/checkpoint.js";
import * as names from "../../src/lowering/names.js";
import { isWeight } from "../../src/lowering/names.js";
import { stepProgram } from "../../src/lowering/programs.js";
import type { Model } from "../../src/program/model.js";
import { feedsOf } from "../lowering/feeds.js";
import { sources } from "../support/specs.js";
import { architecture, type Random, type Shape } from "./random-networks.js";

const count = Number(process.env.GANC_RANDOM ?? 400);
const seed = Number(process.env.GANC_SEED ?? 20170330);

const specOf = ([h, w, c]: Shape, { text }: Random): string => `domain X = image(${h}, ${w}, ${c})
net N : X -> Scores = conv(1, ${c}) >> ${text} >> dense(1)
solve { min[N] E[x ~ X] l2(N(x), 0.3) }
train { optimizer: adam(1e-3, beta1: 0) schedule: constant(1) batch: 2 }`;

const shapeCodes = new Set(["GAN302", "GAN303", "GAN306"]);

/** What values a network may have is not asked here: test/operators/range.test.ts. */
const rangeCodes = new Set(["GAN312", "GAN313", "GAN314"]);

interface Case {
  readonly input: Shape;
  readonly random: Random;
}

const cases = fc
  .tuple(
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 1, max: 7 }),
    fc.constantFrom(1, 3),
    fc.gen(),
  )
  .map(([h, w, c, generator]): Case => {
    const below = (n: number): number => generator(fc.nat, { max: n - 1 });
    return { input: [h, w, c], random: architecture(below, 6) };
  });

/** Cases that are sound and small enough for plain loops, found by the first property. */
const sound: { readonly text: string; readonly model: Model }[] = [];

test(`${count} networks of seed ${seed} are accepted where their shapes fit, and nowhere else`, () => {
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(cases, ({ input, random }) => {
      const text = specOf(input, random);
      const { diagnostics, result } = analyse("t.gan", sources({ "t.gan": text }));
      const errors = diagnostics
        .map(({ code }) => code)
        .filter((code) => code < "GAN600" && !rangeCodes.has(code));
      const expected = random.shape(input);
      if (expected === undefined) {
        refused++;
        expect([text, errors.some((code) => shapeCodes.has(code))]).toEqual([text, true]);
        return;
      }
      accepted++;
      expect([text, errors]).toEqual([text, []]);
      if (result === undefined) return;
      const network = result.model.networks[0];
      // What stands before the last layer, which makes one number of it.
      const before = network?.layers.at(-2)?.shape ?? input;
      expect([text, before.join()]).toEqual([text, expected.join()]);
      const size = network?.layers.reduce((sum, { shape: [h, w, c] }) => sum + h * w * c, 0) ?? 0;
      if (size < 5000) sound.push({ text, model: result.model });
    }),
    { numRuns: count, seed },
  );
  // A generator that makes one kind only would test nothing.
  expect(accepted).toBeGreaterThan(count / 5);
  expect(refused).toBeGreaterThan(count / 10);
});

const norm = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0));

test("what is accepted trains: finite, and on ONNX Runtime as in float64", async () => {
  expect(sound.length).toBeGreaterThan(20);
  let kinks = 0;
  const tried = sound.slice(0, Math.max(60, count / 8));
  for (const [i, { text, model }] of tried.entries()) {
    const step = stepProgram(model);
    const feeds = feedsOf(step, i);
    for (const [name, tensor] of feeds)
      if (name.startsWith("adam."))
        feeds.set(name, { ...tensor, data: tensor.data.map(() => 1e-3) });
    const exact = evaluate(step, feeds);
    // What is computed again is the same, to the bit.
    const plain = stepProgram(model, { without: ["order"] });
    const again = evaluate(checkpoint(plain, isWeight, 0), feeds);
    for (const [name, { data }] of evaluate(plain, feeds))
      expect([text, name, again.get(name)?.data]).toEqual([text, name, data]);
    const session = await onnxSession(model, { engine: "onnx", seed, open: openProgram });
    const state = new Map(await session.getState());
    for (const [name, { shape }] of state) {
      const fed = feeds.get(name);
      if (fed !== undefined) state.set(name, { shape, data: Float32Array.from(fed.data) });
    }
    await session.setState(state);
    const images = feeds.get(names.batchName("X"));
    const batch = images && { shape: images.shape, data: Float32Array.from(images.data) };
    const random = step.inputs.some((node) => String(node.attributes.name).startsWith("mask/"));
    const metrics = await session.step({ batch: batch ? { X: batch } : {}, rate: 1e-3, step: 0 });
    const after = await session.getState();
    session.dispose();
    const label = Object.keys(metrics)[0] ?? "";
    const loss = exact.get(names.metricName(label))?.data[0] ?? Number.NaN;
    expect([text, Number.isFinite(loss), Number.isFinite(metrics[label])]).toEqual([
      text,
      true,
      true,
    ]);
    // Masks are the host's, which the evaluator was not given here.
    if (random) continue;
    expect(Math.abs((metrics[label] ?? 0) - loss)).toBeLessThan(1e-3 * Math.max(1, Math.abs(loss)));
    const moments = [...after].filter(([name]) => name.startsWith("adam.m/"));
    const [difference, size] = [
      norm(
        moments.flatMap(([name, { data }]) => {
          const mine = exact.get(names.nextName(name))?.data ?? [];
          return Array.from(data, (v, k) => v - (mine[k] ?? Number.NaN));
        }),
      ),
      norm(moments.flatMap(([name]) => [...(exact.get(names.nextName(name))?.data ?? [])])),
    ];
    // At a kink of relu or of a maximum, rounding picks the other side.
    if (difference > 1e-3 * Math.max(size, 1e-3)) kinks++;
  }
  expect(kinks).toBeLessThan(tried.length / 10);
});
