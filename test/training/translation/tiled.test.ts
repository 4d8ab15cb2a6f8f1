/**
 * Networks in tiles give what they give in one piece: every generator of the gallery, and every
 * kind of layer, with tiles so small that they are mostly border.
 */
import { describe, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { analyse } from "../../../src/compiler/frontend.js";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { openProgram } from "../../../src/engines/onnx/runtime.js";
import { onnxTranslation } from "../../../src/engines/onnx/session.js";
import { stagesOf } from "../../../src/lowering/stages.js";
import type { Box } from "../../../src/lowering/tile.js";
import type { Shape } from "../../../src/operators/layer.js";
import { layers } from "../../../src/operators/layers.js";
import { frameOf } from "../../../src/program/frame.js";
import type { Model } from "../../../src/program/model.js";
import { Interrupted, translateTiled } from "../../../src/training/translation/tiled.js";
import { diskBytes, tilesOf } from "../../../src/training/translation/tiling.js";
import { layerExamples } from "../../support/layers.js";
import { modelOf, sources } from "../../support/specs.js";

const pseudo = (shape: Shape, phase: number): HostTensor => ({
  shape: [1, ...shape],
  data: Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) =>
    Math.sin(i * 0.7 + phase + 3 * Math.cos(i * 0.013)),
  ),
});

const partOf = ({ shape, data }: HostTensor, { rows, columns }: Box): HostTensor => {
  const [, , w = 1, c = 1] = shape;
  const [height, width] = [rows.to - rows.from, columns.to - columns.from];
  const part = new Float32Array(height * width * c);
  for (let y = 0; y < height; y++) {
    const at = ((rows.from + y) * w + columns.from) * c;
    part.set(data.subarray(at, at + width * c), y * width * c);
  }
  return { shape: [1, height, width, c], data: part };
};

const paste = ({ shape, data }: HostTensor, { rows, columns }: Box, part: HostTensor): void => {
  const [, , w = 1, c = 1] = shape;
  const width = columns.to - columns.from;
  for (let y = 0; y < rows.to - rows.from; y++)
    data.set(
      part.data.subarray(y * width * c, (y + 1) * width * c),
      ((rows.from + y) * w + columns.from) * c,
    );
};

interface Compared {
  readonly difference: number;
  /** Between the least and the greatest value. */
  readonly spread: number;
  readonly tiles: number;
}

/**
 * The largest difference between the network in tiles of `side` pixels and in one piece, on a
 * picture of these sides.
 */
const compared = async (
  model: Model,
  name: string,
  [height, width]: readonly [number, number],
  side: number,
  /** What is added to the weights at most: all there is of averaged ones, which begin at 0. */
  added = 0.02,
): Promise<Compared> => {
  const network = model.networks.find((one) => one.name === name);
  if (network === undefined) throw new Error(`there is no ${name}`);
  const frame = frameOf(network, 0, { height, width });
  if (isLeft(frame)) throw new Error(frame.left);
  const large = frame.right.network;
  const session = onnxTranslation(model, { engine: "onnx", seed: 11, open: openProgram });
  // Larger than at the start of a training, so that normalisation has something to do.
  const state = await session.getState();
  await session.setState(
    new Map(
      [...state].map(([key, { shape, data }]) => [
        key,
        { shape, data: data.map((w, i) => 4 * w + added * Math.sin(i)) },
      ]),
    ),
  );
  const inputs = large.inputs.map(pseudo);
  const whole = await session.translate(name, inputs);
  const made = { shape: whole.shape, data: new Float32Array(whole.data.length).fill(Number.NaN) };
  const staged = stagesOf(large);
  const tiles = tilesOf(large, staged, { side });
  if (isLeft(tiles)) throw new Error(tiles.left);
  const shares: number[] = [];
  await translateTiled({
    session,
    network: large,
    staged,
    tiles: tiles.right,
    read: (place, box) => partOf(inputs[place] ?? whole, box),
    write: (box, part) => paste(made, box, part),
    part: (share) => void shares.push(share),
  });
  session.dispose();
  expect(shares.at(-1)).toBeCloseTo(1);
  const least = whole.data.reduce((a, b) => Math.min(a, b));
  const most = whole.data.reduce((a, b) => Math.max(a, b));
  const apart = made.data.map((x, i) => Math.abs(x - (whole.data[i] ?? Number.NaN)));
  return {
    // What is no number stays so.
    difference: apart.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a)),
    spread: most - least,
    tiles: Math.max(...tiles.right.map((one) => one.tiles.length)),
  };
};

/** A hundredth of what may be seen: a level of 255, in [-1, 1]. */
const unseen = 2 / 255 / 100;

const expectSame = ({ difference, spread, tiles }: Compared): void => {
  expect(spread).toBeGreaterThan(0.05);
  expect(tiles).toBeGreaterThan(3);
  expect(difference).toBeLessThan(unseen);
};

const specAt = (entry: string, set: Readonly<Record<string, string>>): Model => {
  const { result } = analyse(entry, sources(), new Map(Object.entries(set)));
  if (result === undefined) throw new Error(`${entry} is wrong`);
  return result.model;
};

describe("the gallery", () => {
  test.each<[string, string, Record<string, string>, [number, number], number?]>([
    ["specs/cyclegan.gan", "G", { size: "32", ngf: "4", ndf: "4", blocks: "2" }, [61, 50]],
    ["specs/emoji.gan", "G", { size: "32", ngf: "4", ndf: "4", blocks: "2" }, [45, 63], 0.1],
    ["specs/gallery/pix2pix.gan", "G", { ngf: "2", ndf: "2" }, [256, 256]],
    ["specs/gallery/srgan.gan", "G", { ngf: "8", ndf: "2", blocks: "2" }, [30, 41]],
    ["specs/gallery/stargan.gan", "G", { size: "64", ngf: "4", ndf: "2" }, [36, 60]],
    ["specs/gallery/simgan.gan", "Refiner", { size: "24" }, [40, 50]],
    ["specs/gallery/cut.gan", "G", { size: "64", ngf: "4" }, [40, 50]],
  ])("%s: %s", async (entry, name, set, sides, ...[added]) => {
    expectSame(await compared(specAt(entry, set), name, sides, Math.ceil(sides[0] / 3), added));
  });
});

const judged = (generator: string, to: number | string = 16): Model =>
  modelOf(`domain X = image(16)
domain Y = image(${to})
net G : X -> Y = ${generator}
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(2, 1)
solve {
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))
  then min[G] E[x ~ X] softplus(-D(G(x)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`);

describe("layers", () => {
  test.each<[string, number?]>([
    ["conv(3, 4, pad: 1) >> relu >> conv(5, 3, pad: 2) >> tanh"],
    ["reflect_pad(4) >> conv(9, 3) >> tanh"],
    ["zero_pad(5) >> conv(11, 3) >> tanh"],
    ["conv(4, 4, stride: 2, pad: 1) >> conv_transpose(4, 3, stride: 2, pad: 1) >> tanh"],
    [
      "conv(3, 4, stride: 2, pad: 1) >> conv_transpose(3, 3, stride: 2, pad: 1, output_pad: 1) >> tanh",
    ],
    ["conv(2, 4, stride: 2) >> conv_transpose(2, 3, stride: 2) >> tanh"],
    ["conv_transpose(5, 3, pad: 2) >> tanh"],
    ["max_pool(3, stride: 1, pad: 1) >> conv(1, 3) >> tanh"],
    ["max_pool(2) >> conv(3, 12, pad: 1) >> pixel_shuffle(2) >> tanh"],
    ["avg_pool(3, stride: 1, pad: 1) >> conv(1, 3) >> tanh"],
    ["avg_pool(4) >> conv(3, 3, pad: 1) >> upsample(4) >> tanh"],
    ["conv(3, 4, pad: 1) >> layer_norm(affine: true) >> conv(3, 3, pad: 1) >> tanh"],
    ["conv(3, 4, pad: 1) >> batch_norm >> gelu >> conv(3, 3, pad: 1) >> tanh"],
    ["instance_norm(affine: true) >> conv(3, 3, pad: 1) >> layer_norm >> tanh"],
    ["conv(3, 4, pad: 1) >> dropout >> spectral_norm(conv(3, 3, pad: 1)) >> tanh"],
    ["conv(3, 4, stride: 4) >> self_attention >> upsample(4) >> conv(3, 3, pad: 1) >> tanh"],
    [
      "x => tanh(conv(3, 3, pad: 1)(x * sigmoid(dense(3)(global_avg_pool(conv(3, 8, pad: 1)(x))))))",
    ],
    [
      "x => tanh(conv(3, 3, pad: 1)(concat(x, 1 - x, residual(conv(3, 3, pad: 1) >> instance_norm)(x))))",
    ],
    ["residual(conv(3, 3, pad: 1) >> relu >> conv(3, 3, pad: 1)) * 3 >> conv(1, 3) >> tanh"],
    ["upsample(2) >> conv(3, 3, pad: 1) >> instance_norm >> tanh", 32],
    // As a rest: jest would take a second parameter for its own
  ])("%s", async (...[generator, to]) => {
    const model = judged(generator, to);
    expectSame(await compared(model, "G", [41, 54], 19));
  });
});

/**
 * Layers that make an image of an image, behind a convolution of as many channels as they are tried
 * on.
 */
const ofImages = layerExamples.flatMap((example): readonly [string, Model][] => {
  const [height, width] = example.shape([16, 16, example.input[2]], example.options) ?? [1, 1];
  const isInProportion = [height, width].every((side) => 16 % side === 0 || side % 16 === 0);
  const seesAll = layers.get(example.name)?.seesAll === true;
  const [larger] = example.shape([32, 32, example.input[2]], example.options) ?? [height];
  if (Math.min(height, width) < 4 || !isInProportion || larger === height || seesAll) return [];
  const generator = `conv(3, ${example.input[2]}, pad: 1) >> ${example.text} >> conv(3, 3, pad: 1) >> tanh`;
  return [[example.text, judged(generator, `${height}, ${width}`)]];
});

test.each(ofImages)("the layer %s", async (_, model) => {
  expectSame(await compared(model, "G", [41, 54], 19));
});

const shapes = (model: Model, height: number, width: number) => {
  const [network] = model.networks;
  if (network === undefined) throw new Error("no network");
  const frame = frameOf(network, 0, { height, width });
  if (isLeft(frame)) throw new Error(frame.left);
  return frame.right.network;
};

test("tiles are as large as the budget allows, and what sees too much is told", () => {
  const plain = shapes(
    judged("conv(3, 8, pad: 1) >> instance_norm >> conv(3, 3, pad: 1) >> tanh"),
    2000,
    3000,
  );
  const tiles = tilesOf(plain, stagesOf(plain), { budget: 50e6 });
  if (isLeft(tiles)) throw new Error(tiles.left);
  expect(tiles.right.every((one) => one.tiles.length > 3)).toBe(true);
  expect(diskBytes(tiles.right)).toBe(4 * 2000 * 3000 * 8);
  const seeing = shapes(
    judged("conv(3, 8, pad: 1) >> self_attention >> conv(3, 3, pad: 1) >> tanh"),
    2000,
    3000,
  );
  const refused = tilesOf(seeing, stagesOf(seeing), {});
  expect(isLeft(refused) && refused.left).toMatch(
    /^G's self_attention sees all of a picture at once, .* TiB/,
  );
});

test("between two tiles a translation can be ended", async () => {
  const model = judged("conv(3, 8, pad: 1) >> instance_norm >> conv(3, 3, pad: 1) >> tanh");
  const network = shapes(model, 32, 32);
  const staged = stagesOf(network);
  const tiles = tilesOf(network, staged, { side: 8 });
  if (isLeft(tiles)) throw new Error(tiles.left);
  const session = onnxTranslation(model, { engine: "onnx", seed: 1, open: openProgram });
  const ending = new AbortController();
  const input = pseudo([32, 32, 3], 0);
  const job = {
    ...{ session, network, staged, tiles: tiles.right, signal: ending.signal },
    read: (_: number, box: Box) => partOf(input, box),
    write: () => undefined,
    part: (share: number) => (share > 0.3 ? ending.abort() : undefined),
  };
  await expect(translateTiled(job)).rejects.toThrow(Interrupted);
  session.dispose();
});
