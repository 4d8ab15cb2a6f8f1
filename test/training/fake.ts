/**
 * A training program in plain JavaScript with everything that a resume must restore: weights,
 * moments, a history.
 */

import { span } from "../../src/base/source.js";
import type { Metrics, Session } from "../../src/contracts/session.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import type { TrainingData } from "../../src/training/program/data.js";
import type { SpecProgram } from "../../src/training/program/program.js";

/** A number in [0, 1) from integers, by multiplication and xor (murmur3's finaliser). */
export const draw = (...parts: readonly number[]): number => {
  let h = 0x9747b28c;
  for (const part of parts) {
    h = Math.imul(h ^ part, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return (h >>> 0) / 2 ** 32;
};

export const tensor = (shape: readonly number[], f: (i: number) => number): HostTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => f(i)),
});

const shape = [2, 2, 3] as const;
const size = 12;
const historyLimit = 3;

/** Two networks `G : X -> Y` and `F : Y -> X` that multiply by a weight for each element. */
export const fakeProgram: SpecProgram = {
  name: "fake",
  entry: "fake.gan",
  sources: [{ name: "fake.gan", text: "-- nothing that a compiler would take\n" }],
  params: { size: 2, lambda: 10 },
  domains: [
    { name: "X", kind: "image", shape, range: [-1, 1], span: span("fake.gan", 0, 0) },
    { name: "Y", kind: "image", shape, range: [-1, 1], span: span("fake.gan", 0, 0) },
  ],
  networks: [
    { name: "G", from: "X", to: "Y", parameters: [] },
    { name: "F", from: "Y", to: "X", parameters: [] },
    { name: "D", from: "Y", to: "Scores", parameters: [] },
  ],
  recipe: {
    optimizer: { kind: "adam", rate: 0.01, options: { rate: 0.01, beta1: 0.5 } },
    optimizers: {},
    clip: {},
    clipGradient: {},
    schedule: [
      { kind: "constant", epochs: 2, options: { epochs: 2 } },
      { kind: "linear_to_zero", epochs: 2, options: { epochs: 2, reached: false } },
    ],
    batch: 1,
    init: { kind: "normal", options: { mean: 0, std: 0.02 } },
    inits: {},
    augment: {},
    average: 0,
    accumulate: 1,
    checkpointActivations: false,
  },
  repetitions: 1,
};

const networkNames = ["G", "F"] as const;

export interface FakeOptions {
  readonly seed?: number;
  /** Changes what a step reports: a test's way to a loss that is no number. */
  readonly report?: (step: number, metrics: Metrics) => Metrics;
  /** More weights, so that a checkpoint takes a while to write. */
  readonly ballast?: number;
}

export const fakeSession = ({
  seed = 1,
  report = (_, m) => m,
  ballast = 0,
}: FakeOptions = {}): Session => {
  const weights = new Map(
    networkNames.map((name, n) => [name, tensor([size], (i) => draw(seed, n, i)).data]),
  );
  const moments = new Map(networkNames.map((name) => [name, new Float32Array(size)]));
  const extra = new Float32Array(ballast);
  let updates = 0;
  let history: number[][] = [];

  const update = (name: (typeof networkNames)[number], image: readonly number[], rate: number) => {
    const w = weights.get(name) as Float32Array;
    const m = moments.get(name) as Float32Array;
    let loss = 0;
    for (let i = 0; i < size; i++) {
      const error = (w[i] ?? 0) * (image[i] ?? 0) - 0.5;
      m[i] = 0.5 * (m[i] ?? 0) + 0.5 * error * (image[i] ?? 0);
      w[i] = (w[i] ?? 0) - rate * (m[i] ?? 0);
      loss += error * error;
    }
    return loss / size;
  };

  /**
   * As the 50 images of CycleGAN: until full, store and return the new one; then maybe swap with an
   * old one.
   */
  const pool = (image: number[], step: number): number[] => {
    if (history.length < historyLimit) {
      history.push(image);
      return image;
    }
    if (draw(seed, step, 77) < 0.5) return image;
    const at = Math.floor(draw(seed, step, 78) * historyLimit);
    const old = history[at] as number[];
    history[at] = image;
    return old;
  };

  return {
    engine: "fake",
    step: async ({ batch, rate, step }) => {
      const x = [...(batch.X as HostTensor).data];
      const y = [...(batch.Y as HostTensor).data];
      const metrics = { gan: update("G", x, rate), cycle: update("F", pool(y, step), rate) };
      updates++;
      return report(step, metrics);
    },
    translate: async (network, inputs) => {
      const images = inputs[0] ?? { shape: [], data: new Float32Array() };
      const w = weights.get(network as "G") as Float32Array;
      return tensor(images.shape, (i) => (images.data[i] ?? 0) * (w[i % size] ?? 0));
    },
    getState: async () => {
      const state = new Map<string, HostTensor>();
      for (const name of networkNames) {
        const w = weights.get(name) as Float32Array;
        const m = moments.get(name) as Float32Array;
        state.set(`param/${name}.w`, { shape: [size], data: w.slice() });
        state.set(`adam.m/${name}.w`, { shape: [size], data: m.slice() });
        state.set(`adam.t/${name}`, { shape: [], data: Float32Array.of(updates) });
      }
      state.set("history/D/0/0", {
        shape: [history.length, ...shape],
        data: Float32Array.from(history.flat()),
      });
      if (ballast > 0) state.set("param/extra", { shape: [ballast], data: extra });
      return state;
    },
    setState: async (state: State) => {
      for (const name of networkNames) {
        weights.set(name, (state.get(`param/${name}.w`) as HostTensor).data.slice());
        moments.set(name, (state.get(`adam.m/${name}.w`) as HostTensor).data.slice());
      }
      updates = (state.get("adam.t/G") as HostTensor).data[0] ?? 0;
      const flat = [...(state.get("history/D/0/0") as HostTensor).data];
      history = Array.from({ length: flat.length / size }, (_, k) =>
        flat.slice(k * size, (k + 1) * size),
      );
    },
    dispose: () => undefined,
  };
};

export const fakeData = (stepsPerEpoch = 4, seed = 1): TrainingData => {
  const image = (domain: number, epoch: number, step: number): HostTensor =>
    tensor([1, ...shape], (i) => 2 * draw(seed, domain, epoch, step, i) - 1);
  return {
    description: "made up",
    hash: "0".repeat(64),
    stepsPerEpoch,
    preview: { X: image(0, 1000, 0), Y: image(1, 1000, 0) },
    epoch: async function* (epoch, from) {
      for (let step = from; step < stepsPerEpoch; step++)
        yield { batch: { X: image(0, epoch, step), Y: image(1, epoch, step) }, skipped: [] };
    },
  };
};
