/** Requests and reads the reference trajectory, which bench/torch/reference.py defines. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stream } from "../../src/base/random.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { number } from "../../src/operators/signature.js";
import type { Model } from "../../src/program/model.js";
import { planStep } from "../../src/program/plan.js";
import { decode, encode } from "../../src/training/files/safetensors.js";
import { type Subject, subjectOf } from "../sides.js";
import { torchPython } from "./python.js";
import { namesOf, weightsOf, zeros } from "./state.js";

/**
 * The compared tensors of one step: `loss/<name>`, `gradient/<parameter>`, `update/<parameter>`,
 * `history/<key>`.
 */
export type Compared = ReadonlyMap<string, HostTensor>;

export interface ReferenceStep {
  /** Number of the step, which decides what the histories recall. */
  readonly number: number;
  /** State before the step. */
  readonly before: State;
  /** `[batch, size, size, 3]` by domain. */
  readonly batch: Readonly<Record<string, HostTensor>>;
  readonly reference: Compared;
  /** The same by PyTorch in float32. */
  readonly float32: Compared;
  /** Number of draws until no kink was near. */
  readonly draws: number;
}

export interface Trajectory {
  readonly subject: Subject;
  /** Samples of a step. */
  readonly batch: number;
  readonly beta1: number;
  readonly rate: number;
  readonly seed: number;
  readonly steps: readonly ReferenceStep[];
}

export interface Question {
  /** Path of the folder bench/. */
  readonly folder: string;
  /** Model of specs/cyclegan-lsgan.gan, whose batch is the steps'. */
  readonly model: Model;
  /** Seed of the compared sessions, which decides what the histories recall. */
  readonly seed: number;
  readonly steps: number;
}

/** Bound on what rounding to float32 changes in the inputs of a kink. */
const MARGIN = 1e-5;
/** Bound that limits the amplification of rounding to 20. */
const SHARE = 0.05;
/** Steps before the compared ones. */
const UNSEEN = 3;

interface Held {
  readonly key: string;
  readonly size: number;
  readonly judge: string;
}

const historiesOf = (model: Model): readonly Held[] =>
  planStep(model).histories.map(({ key, size, player }) => {
    const [judge = ""] = player.player.networks;
    return { key, size, judge };
  });

/**
 * Returns the place from which a sample's full history recalls at that step, or -1, as every
 * session decides by its seed.
 */
const placeOf = (seed: number, { key, size }: Held, step: number, slot: number): number => {
  const draw = stream(seed, `history/${key}/${slot}`);
  return draw(2 * step) < 0.5 ? Math.floor(size * draw(2 * step + 1)) : -1;
};

/** Makes weights as a session draws them, moments before the first update, and full histories. */
const initialState = (
  subject: Subject,
  histories: readonly Held[],
  { seed, slots }: { readonly seed: number; readonly slots: readonly number[] },
): State => {
  const state = new Map(weightsOf(subject, seed));
  for (const [net, infos] of Object.entries(subject.parameters)) {
    state.set(`adam.t/${net}`, zeros([]));
    for (const { name, shape } of infos) {
      state.set(`adam.m/${name}`, zeros(shape));
      state.set(`adam.v/${name}`, zeros(shape));
    }
  }
  for (const { key, size } of histories) {
    const shape = [size, subject.sizes.size, subject.sizes.size, 3];
    for (const slot of slots) {
      const draw = stream(seed, slot === 0 ? `parity/${key}` : `parity/${key}/${slot}`);
      const data = zeros(shape).data.map((_, i) => 2 * draw(i) - 1);
      state.set(`history/${key}/${slot}`, { shape, data });
    }
  }
  return state;
};

/**
 * Reads a file of tensors.
 * @throws Error if the file is damaged
 */
const readTensors = (path: string) => {
  const contents = decode(readFileSync(path));
  if (contents._tag === "Left") throw new Error(`${path} ${contents.left.reason}`);
  return contents.right;
};

const below = (tensors: State, prefix: string): State =>
  new Map(
    [...tensors].flatMap(([key, tensor]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), tensor] as const] : [],
    ),
  );

const readStep = (exchange: string, number: number): ReferenceStep => {
  const { tensors, metadata } = readTensors(join(exchange, `${number}.safetensors`));
  return {
    number,
    before: below(tensors, "before/"),
    batch: Object.fromEntries(below(tensors, "batch/")),
    reference: below(tensors, "reference/"),
    float32: below(tensors, "float32/"),
    draws: Number(metadata.draws),
  };
};

/**
 * Computes the trajectory in Python.
 * @throws Error if Python fails; its output has gone to stderr
 */
export const trajectoryOf = ({ folder, model, seed, steps: count }: Question): Trajectory => {
  const subject = subjectOf(model);
  const histories = historiesOf(model);
  const { rate, options } = model.recipe.optimizer;
  const beta1 = number(options, "beta1");
  const { batch } = model.recipe;
  const slots = Array.from({ length: batch }, (_, slot) => slot);
  const numbers = Array.from({ length: UNSEEN + count }, (_, step) => step);
  const request = {
    sizes: subject.sizes,
    batch,
    rate,
    seed,
    margin: MARGIN,
    share: SHARE,
    unseen: UNSEEN,
    parameters: namesOf(subject),
    histories: Object.fromEntries(histories.map(({ judge, key }) => [judge, key])),
    places: numbers.map((step) =>
      Object.fromEntries(
        histories.map((held) => [held.judge, slots.map((slot) => placeOf(seed, held, step, slot))]),
      ),
    ),
  };
  const exchange = mkdtempSync(join(tmpdir(), "ganc-parity-"));
  try {
    writeFileSync(join(exchange, "request.json"), JSON.stringify(request));
    const initial = encode(initialState(subject, histories, { seed, slots }));
    writeFileSync(join(exchange, "initial.safetensors"), Buffer.concat(initial));
    const script = join(folder, "torch/reference.py");
    const { status } = spawnSync(torchPython(), [script, exchange], { stdio: ["ignore", 2, 2] });
    if (status !== 0) throw new Error(`reference.py ended with ${status}`);
    const steps = numbers.slice(UNSEEN).map((number) => readStep(exchange, number));
    return { subject, batch, beta1, rate, seed, steps };
  } finally {
    rmSync(exchange, { recursive: true, force: true });
  }
};
