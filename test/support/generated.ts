/** Compiled specs as modules: written below `test/.tmp/`, which git does not keep, and imported. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs";
import type { Chance } from "../../src/runtime/index.js";
import { root } from "./specs.js";

type Gradients = {
  readonly value: tf.Scalar;
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  readonly kept: Record<string, tf.Tensor4D>;
  readonly terms: Record<string, tf.Scalar>;
};

export type Networks = Readonly<Record<string, tf.LayersModel>>;
export type Draws = Readonly<Record<string, tf.Tensor4D>>;

/** What every generated module exports, whatever the spec. */
export interface Generated {
  readonly networks: () => Networks;
  // biome-ignore lint/suspicious/noExplicitAny: the histories' type is each module's own
  readonly memory: () => any;
  readonly domains: Readonly<Record<string, string>>;
  readonly step: (
    nets: Networks,
    memory: unknown,
    draws: Draws,
    rate: number,
    chance: Chance,
  ) => Record<string, tf.Scalar>;
  /** The gradient function of each player. */
  readonly [player: string]: unknown;
}

export type PlayerFunction = (nets: Networks, draws: Draws, ...rest: unknown[]) => Gradients;

/** Of steps that draw nothing beside the batch, and whose histories are not full yet. */
export const noChance: Chance = {
  recall: () => () => {
    throw new Error("no history is full yet");
  },
  masks: () => () => {
    throw new Error("nothing is dropped");
  },
  places: () => {
    throw new Error("no places are chosen");
  },
};

export const temporary = join(root, "test/.tmp");

/** A folder of a test of its own, empty. */
export const emptyFolder = (name: string): string => {
  const folder = join(temporary, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
};

/**
 * A `tsconfig.json` for generated modules in a folder of tests: the project's own, which is the
 * strictest.
 */
export const writeStrictConfig = (folder: string): void => {
  const config = {
    extends: "../../../tsconfig.json",
    compilerOptions: {
      rootDir: "../../..",
      paths: { "ganc/runtime": ["../../../src/runtime/index.ts"] },
    },
    include: ["*.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
};

export const load = async (folder: string, name: string, text: string): Promise<Generated> => {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, text);
  return (await import(path)) as Generated;
};
