import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { type Draw, ImageHistory } from "../../src/runtime/index.js";
import { useBackend } from "../support/tensorflow.js";
import { values } from "./agreement.js";

beforeAll(() => useBackend("cpu"));

/** A batch of images of 1 x 1 x 1, told apart by their value. */
const batch = (...marks: number[]): tf.Tensor4D => tf.tensor4d(marks, [marks.length, 1, 1, 1]);
const never: Draw = () => {
  throw new Error("drew");
};
/** What a history makes of the batches, with the draws it asks for in order. */
function recall(history: ImageHistory, batches: number[][], draws: [number, number][]): number[][] {
  const rest = [...draws];
  const draw: Draw = () => rest.shift() ?? never(0);
  const recalled = batches.map((b) => Array.from(history.recall(batch(...b), draw).dataSync()));
  expect(rest).toEqual([]);
  return recalled;
}

test("stores and returns the new image, without a draw, until it is full", () => {
  expect(recall(new ImageHistory(3), [[1], [2], [3]], [])).toEqual([[1], [2], [3]]);
});

test("then swaps for the image drawn, or returns the new one and forgets it", () => {
  const history = new ImageHistory(2);
  const draws: [number, number][] = [
    [0.49, 0.99],
    [0.5, 0],
    [0, 0.5],
    [0, 0],
    [0, 0],
  ];
  const recalled = recall(history, [[1], [2], [3], [4], [5], [6], [7]], draws);
  expect(recalled).toEqual([[1], [2], [2], [4], [3], [1], [6]]);
});

test("each batch slot has its own images and draws", () => {
  const history = new ImageHistory(1);
  const slots: number[] = [];
  const draw: Draw = (slot) => {
    slots.push(slot);
    return slot === 0 ? [0.9, 0] : [0.1, 0];
  };
  history.recall(batch(1, 2), draw);
  expect(Array.from(history.recall(batch(3, 4), draw).dataSync())).toEqual([3, 2]);
  expect(slots).toEqual([0, 1]);
});

test("a capacity of 0 returns its input, and other capacities are refused", () => {
  expect(recall(new ImageHistory(0), [[1], [2]], [])).toEqual([[1], [2]]);
  expect(() => new ImageHistory(-1)).toThrow(RangeError);
  expect(() => new ImageHistory(1.5)).toThrow(RangeError);
});

test("no gradient passes", () => {
  for (const capacity of [0, 2]) {
    const history = new ImageHistory(capacity);
    const f = (x: tf.Tensor) =>
      tf.sum(tf.add(x, tf.mul(3, history.recall(x as tf.Tensor4D, never))));
    expect(Array.from(tf.grad(f)(batch(1)).dataSync())).toEqual([1]);
  }
});

test("half of the images come from the past, every place as often, and memory stays the same", () => {
  const history = new ImageHistory(4);
  const next = values(77);
  const uniform = () => (next() + 1) / 2;
  const step = (mark: number): number =>
    tf.tidy(
      () => history.recall(batch(mark), () => [uniform(), uniform()]).dataSync()[0] as number,
    );
  step(0);
  const { numTensors, numBytes } = tf.memory();
  let old = 0;
  let age = 0;
  const steps = 4000;
  for (let i = 1; i <= steps; i++) {
    const got = step(i);
    if (got !== i) {
      old++;
      age += i - got;
    }
  }
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  expect(Math.abs(old / steps - 1 / 2)).toBeLessThan(0.03);
  // An image waits for its place to be drawn, which happens once in 2 * 4 steps.
  expect(Math.abs(age / old - 8)).toBeLessThan(0.8);
});

describe("state", () => {
  test("goes on as if it had not stopped, from a part-filled history too", async () => {
    const draws: [number, number][] = [
      [0.1, 0.1],
      [0.1, 0.9],
      [0.7, 0.2],
    ];
    const straight = recall(new ImageHistory(3), [[1], [2], [3], [4], [5], [6]], draws);
    const first = new ImageHistory(3);
    recall(first, [[1], [2]], []);
    const state = await first.getState();
    expect(state.map(({ shape }) => shape)).toEqual([[2, 1, 1, 1]]);
    const second = new ImageHistory(3);
    second.setState(state);
    expect([[1], [2], ...recall(second, [[3], [4], [5], [6]], draws)]).toEqual(straight);
  });

  test("larger than the capacity is refused", async () => {
    const history = new ImageHistory(2);
    recall(history, [[1], [2]], []);
    const state = await history.getState();
    expect(() => new ImageHistory(1).setState(state)).toThrow(RangeError);
  });

  test("leaves nothing behind", async () => {
    const { numTensors } = tf.memory();
    const history = new ImageHistory(2);
    tf.tidy(() => history.recall(batch(1, 2), never).dataSync());
    history.setState(await history.getState());
    history.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
