/**
 * Shared by the programs that bench/step.ts compares: one interface, the same subject, the same
 * images. Loads no engine, so that each side's memory is its own.
 */

import { stream } from "../src/base/random.js";
import type { Session } from "../src/contracts/session.js";
import type { HostTensor } from "../src/contracts/tensor.js";
import { type Start, startsIn } from "../src/engines/sessions/starts.js";
import type { Model } from "../src/program/model.js";
import type { Program } from "../src/program/program.js";
import type { PlainSizes } from "./plain.js";

export const SPEC = "specs/cyclegan-lsgan.gan";
export const SEED = 1;
export const RATE = 2e-4;

/** By the names in generated code. */
export type Losses = Readonly<Record<string, number>>;

export interface Side {
  /** Makes one training step on the images of that number and returns the losses. */
  step(images: Images): Promise<Losses>;
}

export interface Images {
  readonly number: number;
  readonly x: HostTensor;
  readonly y: HostTensor;
}

/** Name, shape and distribution of a parameter, in layer order within its network. */
export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The facts of the compiled spec that the sides need. Can be sent to another process. */
export interface Subject {
  readonly sizes: PlainSizes;
  readonly starts: readonly Start[];
  /** By network. */
  readonly parameters: Readonly<Record<string, readonly ParameterInfo[]>>;
}

export const subjectOf = (model: Model): Subject => {
  const param = (name: string): number => {
    const value = model.params.find((p) => p.name === name)?.value;
    if (typeof value !== "number") throw new Error(`the spec has no number ${name}`);
    return value;
  };
  return {
    sizes: {
      size: param("size"),
      ngf: param("ngf"),
      ndf: param("ndf"),
      blocks: param("blocks"),
      lambda: param("lambda"),
    },
    starts: startsIn(model),
    parameters: Object.fromEntries(
      model.networks.map((network) => [
        network.name,
        network.parameters.map(({ name, shape }) => ({ name, shape })),
      ]),
    ),
  };
};

/** The program with another batch than its recipe has. */
export const withBatch = ({ model, definitions }: Program, batch: number): Program => ({
  model: { ...model, recipe: { ...model.recipe, batch } },
  definitions,
});

/** Makes images of uniform noise, equal for all sides; a step takes as long on any images. */
export const imagesOf = ({ sizes }: Subject, number: number): Images => {
  const image = (domain: string): HostTensor => {
    const draw = stream(SEED, `bench/${domain}/${number}`);
    const shape = [1, sizes.size, sizes.size, 3];
    return {
      shape,
      data: Float32Array.from({ length: 3 * sizes.size ** 2 }, (_, i) => 2 * draw(i) - 1),
    };
  };
  return { number, x: image("X"), y: image("Y") };
};

/** Wraps a session of ganc's, as `ganc run` trains it. */
export const sessionSide = (session: Session): Side => ({
  step: ({ number, x, y }) => session.step({ batch: { X: x, Y: y }, rate: RATE, step: number }),
});

/** Returns the largest relative difference between the losses of two sides, with its name. */
export const disagreement = (
  a: Losses,
  b: Losses,
): { readonly name: string; readonly relative: number } =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .map((name) => {
      const [p, q] = [a[name] ?? Number.NaN, b[name] ?? Number.NaN];
      const relative = Math.abs(p - q) / Math.max(Math.abs(p), Math.abs(q));
      return { name, relative: Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative };
    })
    .reduce((worst, each) => (each.relative > worst.relative ? each : worst));
