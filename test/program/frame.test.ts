/**
 * Sizes that networks take beside that of their domain, held to the compiler's own answer at these
 * sizes.
 */
import { expect, test } from "@jest/globals";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { analyse } from "../../src/compiler/frontend.js";
import { frameOf } from "../../src/program/frame.js";
import type { Model, Network } from "../../src/program/model.js";
import { resized } from "../../src/program/resized.js";
import { modelOf, sources } from "../support/specs.js";

const specAt = (entry: string, set: Readonly<Record<string, string>>): Model | undefined =>
  analyse(entry, sources(), new Map(Object.entries(set))).result?.model;

const networkOf = (model: Model | undefined, name: string): Network => {
  const found = model?.networks.find((network) => network.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

/** Without what says where in the size it stands: how far each layer sees. */
const layersOf = ({ layers }: Network) =>
  layers.map(({ path, kind, shape, parameters }) => ({ path, kind, shape, parameters }));

test.each([
  ["specs/cyclegan.gan", "G", "64", "96"],
  ["specs/cyclegan.gan", "D_X", "64", "80"],
  ["specs/emoji.gan", "G", "64", "72"],
  ["specs/gallery/pix2pix.gan", "G", "256", "512"],
])(
  "%s: %s of size %s, brought to %s, is what the compiler makes at that size",
  (entry, name, from, to) => {
    const [small, large] = [from, to].map((size) => networkOf(specAt(entry, { size }), name));
    if (small === undefined || large === undefined) throw new Error("no network");
    const found = resized(small, large.inputs);
    if (isLeft(found)) throw new Error(found.left);
    expect(layersOf(found.right)).toEqual(layersOf(large));
    expect(found.right.output).toEqual(large.output);
  },
);

const body = "reflect_pad(1) >> conv(3, 4) >> instance_norm >> relu >> conv(3, 3, pad: 1) >> tanh";
const judged = (generator: string, domains = "domain X = image(16)\ndomain Y = image(16)") =>
  modelOf(`${domains}
net G : X -> Y = ${generator}
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))
  then min[G] E[x ~ X] softplus(-D(G(x)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`);

test.each([
  [23, 41, 24, 44],
  [24, 44, 24, 44],
  [4, 3, 4, 4],
])("a picture of %i x %i is framed by %i x %i where sides are halved twice", (h, w, tall, wide) => {
  const halved = "conv(3, 4, stride: 2, pad: 1) >> relu >> conv(3, 4, stride: 2, pad: 1) >> relu";
  const model = judged(`${halved} >> upsample(4) >> conv(3, 3, pad: 1) >> tanh`);
  const frame = frameOf(networkOf(model, "G"), 0, { height: h, width: w });
  if (isLeft(frame)) throw new Error(frame.left);
  expect(frame.right.network.inputs).toEqual([[tall, wide, 3]]);
  expect(frame.right.network.output).toEqual([tall, wide, 3]);
  expect(frame.right.result).toEqual({ height: h, width: w });
});

test("a network into images twice as large gives pictures twice as large", () => {
  const model = judged(`upsample(2) >> ${body}`, "domain X = image(16)\ndomain Y = image(32)");
  const frame = frameOf(networkOf(model, "G"), 0, { height: 21, width: 9 });
  expect(isRight(frame) && frame.right.result).toEqual({ height: 42, width: 18 });
});

test.each([
  ["flatten >> dense(768) >> reshape(16, 16, 3) >> tanh", /^dense: it has a weight for each place/],
  ["conv(3, 3) >> conv_transpose(3, 3) >> tanh >> upsample(1)", undefined],
])("%s: its size is fixed by %s", (generator, reason) => {
  const frame = frameOf(networkOf(judged(generator), "G"), 0, { height: 40, width: 40 });
  if (reason === undefined) expect(isRight(frame)).toBe(true);
  else expect(isLeft(frame) && frame.left).toMatch(reason);
});

test("a vector keeps its size, and stands at every place", () => {
  const model = modelOf(`domain X = image(16)
domain T = labels(2)
net G : (X, T) -> X = (x, t) => (${body})(concat(x, t))
net D : X -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[x ~ X] softplus(-D(x)) + E[x ~ X, t ~ T] softplus(D(stop(G(x, t))))
  then min[G] E[x ~ X, t ~ T] softplus(-D(G(x, t)))
}
train { optimizer: adam(1e-2) schedule: constant(1) batch: 2 }`);
  const frame = frameOf(networkOf(model, "G"), 0, { height: 20, width: 30 });
  expect(isRight(frame) && frame.right.network.inputs).toEqual([
    [20, 30, 3],
    [1, 1, 2],
  ]);
});
