/**
 * The explicit form of the tfjs engine: what it holds in memory, and what it fuses. That it trains
 * as the others do is agreement.test.ts's.
 */
import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import type { Session } from "../../../src/contracts/session.js";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { executable } from "../../../src/engines/tfjs/execute.js";
import { tfjsExplicitSession } from "../../../src/engines/tfjs/explicit.js";
import { fuse } from "../../../src/engines/tfjs/fuse.js";
import { nodesOf } from "../../../src/graph/graph.js";
import { add } from "../../../src/graph/operators/arithmetic.js";
import { neg } from "../../../src/graph/operators/functions.js";
import { transpose } from "../../../src/graph/operators/shaping.js";
import { constant, input } from "../../../src/graph/operators/sources.js";
import { stepProgram } from "../../../src/lowering/programs.js";
import type { Model } from "../../../src/program/model.js";
import { averaging, batchOf, inputOf } from "../../support/batches.js";
import { constructs } from "../../support/constructs.js";
import { modelOf, modelOfSpec } from "../../support/specs.js";
import { backends, useBackend } from "../../support/tensorflow.js";

const seed = 3;
const train = async (session: Session, model: Model, from: number, to: number): Promise<void> => {
  for (let step = from; step < to; step++) await session.step(inputOf(model, step));
};

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(["histories", "unet", "repeated-phases", "optimizers"])(
    "%s: a step leaves as many tensors as it found",
    async (name) => {
      const model = modelOf(averaging(constructs[name] as string));
      const before = tf.memory();
      const session = await tfjsExplicitSession(model, { engine: "explicit", seed });
      const { numTensors, numBytes } = tf.memory();
      expect(numTensors).toBeGreaterThan(before.numTensors);
      for (let step = 0; step < 4; step++) {
        await train(session, model, step, step + 1);
        expect(tf.memory()).toMatchObject({ numTensors, numBytes });
      }
      await session.setState(await session.getState());
      expect(tf.memory()).toMatchObject({ numTensors, numBytes });
      const [network] = model.networks;
      const images = batchOf(model, 9)[network?.from[0] ?? ""] as HostTensor;
      await session.translate(network?.name ?? "", [images]);
      const translating = tf.memory().numTensors;
      await session.translate(network?.name ?? "", [images]);
      expect(tf.memory().numTensors).toBe(translating);
      session.dispose();
      expect(tf.memory()).toMatchObject({
        numTensors: before.numTensors,
        numBytes: before.numBytes,
      });
    },
  );

  test("a run that stops and goes on from its state is the straight run, bit for bit", async () => {
    const model = modelOf(averaging(constructs.histories as string));
    const open = () => tfjsExplicitSession(model, { engine: "explicit", seed });
    const [straight, first, second] = [await open(), await open(), await open()];
    await train(straight, model, 0, 6);
    await train(first, model, 0, 3);
    await second.setState(await first.getState());
    await train(second, model, 3, 6);
    const [a, b] = [await straight.getState(), await second.getState()];
    expect([...b.keys()]).toEqual([...a.keys()]);
    for (const [name, { data }] of a) expect([name, b.get(name)?.data]).toEqual([name, data]);
    for (const session of [straight, first, second]) session.dispose();
  });

  test("feeds that are not consumed stay; outputs that are one tensor can each be disposed", () => {
    const [x, y] = [input("x", [2, 3]), input("y", [2, 3])];
    const sum = add(x, neg(y));
    const outputs = new Map([
      ["x", x],
      ["sum", sum],
      ["again", sum],
      ["turned", transpose(y, [1, 0])],
      ["known", constant(4)],
    ]);
    const before = tf.memory().numTensors;
    const program = executable({ name: "feeds", inputs: [x, y], outputs }, (name) => name === "y");
    const feed = (): tf.Tensor => tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const [kept, given] = [feed(), feed()];
    const made = program.run(
      new Map([
        ["x", kept],
        ["y", given],
      ]),
    );
    expect(Object.fromEntries([...made].map(([name, t]) => [name, t.arraySync()]))).toEqual({
      x: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      sum: [
        [0, 0, 0],
        [0, 0, 0],
      ],
      again: [
        [0, 0, 0],
        [0, 0, 0],
      ],
      turned: [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
      known: 4,
    });
    for (const tensor of made.values()) tensor.dispose();
    expect(given.isDisposed).toBe(true);
    expect(kept.isDisposed).toBe(false);
    kept.dispose();
    program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a feed that is missing or misshapen is refused before any is consumed", () => {
    const x = input("x", [2]);
    const y = input("y", [2]);
    const graph = { name: "fed", inputs: [x, y], outputs: new Map([["z", add(x, y)]]) };
    const program = executable(graph, () => true);
    const [good, bad] = [tf.tensor1d([1, 2]), tf.tensor1d([1])];
    expect(() => program.run(new Map([["x", good]]))).toThrow("y is missing");
    expect(() =>
      program.run(
        new Map([
          ["x", good],
          ["y", bad],
        ]),
      ),
    ).toThrow("[1], not [2]");
    expect(good.isDisposed).toBe(false);
    tf.dispose([good, bad]);
  });
});

test("all that CycleGAN standardizes and activates goes back through fused kernels", () => {
  const set = { size: "64", ngf: "8", ndf: "8", blocks: "3" };
  const model = modelOfSpec("specs/cyclegan-lsgan.gan", set);
  const count = (operators: Iterable<string>) => {
    const counts = new Map<string, number>();
    for (const name of operators) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  };
  const graph = stepProgram(model, { exact: true, without: ["memory-scheduling"] });
  const before = count(nodesOf(graph).map(({ operator }) => operator));
  const after = count(nodesOf(fuse(graph)).map(({ operator }) => operator));
  expect(before.get("inverse_deviation")).toBeGreaterThan(20);
  expect(after.get("fused.standardize_gradient")).toBe(before.get("inverse_deviation"));
  expect(before.get("leaky_step")).toBeGreaterThan(20);
  expect(after.get("leaky_step")).toBeUndefined();
  expect(after.get("fused.relu_gradient")).toBe(before.get("leaky_step"));
  expect(after.get("fused.bias_add")).toBeGreaterThan(5);
});
