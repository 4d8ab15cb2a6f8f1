/** Files of official networks, made without PyTorch, with random numbers. */
import { writeFileSync } from "node:fs";
import { normals } from "../../src/base/random.js";
import {
  type Architecture,
  blurFilter,
  modulesOf,
  type Patch,
  type Resnet,
  type Unet,
} from "../../src/weights/official/architecture.js";
import { type Written, writePth } from "../../src/weights/write-pth.js";

const instance = { kind: "instance", affine: false, running: false } as const;

export const resnet: Resnet = {
  kind: "resnet",
  inputs: 3,
  outputs: 3,
  filters: 4,
  blocks: 2,
  norm: instance,
  biased: true,
  dropout: false,
  blurs: { down: false, up: false },
};

export const patch: Patch = {
  kind: "patch",
  inputs: 3,
  filters: 4,
  layers: 3,
  norm: instance,
  biased: true,
  blurs: false,
};

export const unet: Unet = {
  kind: "unet",
  inputs: 3,
  outputs: 3,
  filters: 2,
  levels: 5,
  norm: instance,
  biased: true,
};

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A state of the network, drawn by a seed. */
export const stateOf = (net: Architecture, seed = 1): Map<string, Written> =>
  new Map(
    modulesOf(net).flatMap(({ tensors }) =>
      tensors.map(({ name, role, shape }): readonly [string, Written] => {
        if (role === "batches") return [name, { shape: [], whole: 100 + seed }];
        if (role === "filter")
          return [name, { shape, data: blurFilter(shape[3] ?? 0, shape[0] ?? 0) }];
        const drawn = normals(seed, name, product(shape), 0, 0.1);
        return [name, { shape, data: role === "variance" ? drawn.map((v) => 1 + v * v) : drawn }];
      }),
    ),
  );

export const bytesOfState = (state: ReadonlyMap<string, Written>): Uint8Array =>
  new Uint8Array(Buffer.concat(writePth(state)));

/** Writes a network's file, and returns its path. */
export const writeOfficial = (path: string, net: Architecture, seed = 1): string => {
  writeFileSync(path, bytesOfState(stateOf(net, seed)));
  return path;
};
