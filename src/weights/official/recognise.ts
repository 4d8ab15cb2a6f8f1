/** Finds which of the official networks a state is of, by the names and shapes of its tensors. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { few } from "../../base/few.js";
import { statisticNames } from "../statistics.js";
import {
  type Architecture,
  describe,
  type ModuleTensor,
  modulesOf,
  type Norm,
} from "./architecture.js";

/** Shapes by the names of tensors. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** What is seen of a normalisation and of the convolution before it. */
const normAt = (
  shapes: Shapes,
  norm: string,
  conv: string,
): Pick<Architecture, "norm" | "biased"> => {
  const biased = shapes.has(`${conv}.bias`);
  const affine = shapes.has(`${norm}.weight`);
  const running = shapes.has(`${norm}.${statisticNames.mean}`);
  // Batch norms keep statistics. A bias in front of one would do nothing, so there is none.
  const isBatch = affine && (running || !biased);
  const kind: Norm["kind"] = isBatch ? "batch" : affine || biased ? "instance" : "none";
  return { biased, norm: { kind, affine, running } };
};

const sideOf = (shapes: Shapes, name: string, axis: number): number =>
  shapes.get(name)?.[axis] ?? 0;

const first = (shapes: Shapes, key: string) => ({
  filters: sideOf(shapes, `${key}.weight`, 0),
  inputs: sideOf(shapes, `${key}.weight`, 1),
});

const resnetOf = (shapes: Shapes): Architecture => {
  const down = shapes.has("model.7.filt");
  const begin = down ? 12 : 10;
  let blocks = 0;
  while (shapes.has(`model.${begin + blocks}.conv_block.1.weight`)) blocks++;
  const end = begin + blocks;
  const up = shapes.has(`model.${end}.filt`);
  const dropout =
    shapes.has(`model.${begin}.conv_block.6.weight`) &&
    (shapes.get(`model.${begin}.conv_block.6.weight`)?.length ?? 0) === 4;
  return {
    kind: "resnet",
    ...first(shapes, "model.1"),
    outputs: sideOf(shapes, `model.${end + (up ? 9 : 7)}.weight`, 0),
    blocks,
    dropout,
    blurs: { down, up },
    ...normAt(shapes, "model.2", "model.1"),
  };
};

/** Most halvings: an image of 2^30 pixels would have one left. */
const mostLevels = 30;

const unetOf = (shapes: Shapes): Architecture => {
  let [levels, prefix] = [1, "model.model.1."];
  while (levels < mostLevels && shapes.has(`${prefix}model.1.weight`)) {
    levels++;
    prefix = `${prefix}model.3.`;
  }
  return {
    kind: "unet",
    ...first(shapes, "model.model.0"),
    outputs: sideOf(shapes, "model.model.3.weight", 1),
    levels,
    ...normAt(shapes, "model.model.1.model.2", "model.model.1.model.1"),
  };
};

const patchOf = (shapes: Shapes): Architecture => {
  const blurs = shapes.has("model.2.filt");
  const convolutions = [...shapes].filter(
    ([name, shape]) => name.endsWith(".weight") && shape.length === 4,
  );
  const second = blurs ? 3 : 2;
  return {
    kind: "patch",
    ...first(shapes, "model.0"),
    layers: Math.max(1, convolutions.length - 2),
    blurs,
    ...normAt(shapes, `model.${second + 1}`, `model.${second}`),
  };
};

const pixelOf = (shapes: Shapes): Architecture => ({
  kind: "pixel",
  ...first(shapes, "net.0"),
  ...normAt(shapes, "net.3", "net.2"),
});

const guess = (shapes: Shapes): Architecture | undefined => {
  if (shapes.has("model.model.0.weight")) return unetOf(shapes);
  if (shapes.has("net.0.weight")) return pixelOf(shapes);
  if (shapes.get("model.0.weight")?.length === 4) return patchOf(shapes);
  return shapes.get("model.1.weight")?.length === 4 ? resnetOf(shapes) : undefined;
};

/** Most tensors that a message lists. */
const shown = 4;

const unknownNetwork = (shapes: Shapes): string => {
  const names = [...shapes.keys()];
  const listed = few(
    names.map((name) => `${name} ${shapeText(shapes.get(name) ?? [])}`),
    shown,
  );
  return names.some((name) => /^mlp_\d+\./.test(name))
    ? `is the network F of CUT, which training alone needs: import its network G`
    : `has the tensors of no network of pytorch-CycleGAN-and-pix2pix or CUT: ${listed}`;
};

/** The first tensor that the network has otherwise, or has not. */
const differenceOf = (net: Architecture, shapes: Shapes): string | undefined => {
  const wanted = modulesOf(net).flatMap(({ tensors }) => tensors);
  const wrong = wanted.find(
    ({ name, shape }) => shapes.get(name)?.join() !== shape.join() && !isOptional(name, shapes),
  );
  if (wrong !== undefined) return misfit(wrong, shapes);
  const names = new Set(wanted.map(({ name }) => name));
  const extra = [...shapes.keys()].find((name) => !names.has(name));
  return extra === undefined
    ? undefined
    : `its ${extra} ${shapeText(shapes.get(extra) ?? [])} has no place there`;
};

/** PyTorch before 0.4.1 did not count batches. */
const isOptional = (name: string, shapes: Shapes): boolean =>
  name.endsWith(`.${statisticNames.batches}`) && !shapes.has(name);

const misfit = ({ name, shape }: ModuleTensor, shapes: Shapes): string => {
  const found = shapes.get(name);
  return found === undefined
    ? `it lacks ${name} ${shapeText(shape)}`
    : `its ${name} is ${shapeText(found)}, and would be ${shapeText(shape)}`;
};

/**
 * Recognises a network by the shapes of its tensors, each of which must be as in the official one.
 * The left side completes a sentence that begins with the file's name.
 */
export const recognise = (shapes: Shapes): Either<string, Architecture> => {
  const net = guess(shapes);
  if (net === undefined) return left(unknownNetwork(shapes));
  const difference = differenceOf(net, shapes);
  return difference === undefined
    ? right(net)
    : left(`looks like ${describe(net)}, but ${difference}`);
};
