/** `std.augment` against what DiffAugment's paper says, pixel by pixel. */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import { stepProgram } from "../../src/lowering/programs.js";
import { feedsOf } from "../lowering/feeds.js";
import { modelOf } from "../support/specs.js";

const side = 8;
const batch = 3;

const model = modelOf(`import std.augment (augmented)
domain X = image(${side})
domain Y = features(${side}, ${side}, 3)
net G : X -> Y = conv(1, 3, groups: 3, bias: false)
objective power = E[x ~ X, t ~ uniform(7)] l2(augmented(G(x), t), 0)
objective down = E[x ~ X, t ~ uniform(7)] mean(augmented(G(x), t) * positioned(0)(x))
objective across = E[x ~ X, t ~ uniform(7)] mean(augmented(G(x), t) * positioned(1)(x))
let positioned(i) = v => let p = take_channels(i, 1)(coordinates(v)) in concat(p, p, p)
solve { min[G] power + down + across }
train { optimizer: adam(2e-4) schedule: constant(1) batch: ${batch} }`);

type Image = (channel: number, row: number, column: number) => number;

const places = [...Array(side).keys()];
const channels = [0, 1, 2];

const meanOf = (image: Image): number =>
  channels
    .flatMap((c) => places.flatMap((i) => places.map((j) => image(c, i, j))))
    .reduce((sum, value) => sum + value, 0) /
  (3 * side * side);

/** Section 3 of the paper, and its code: colour, then translation, then cutout. */
const augmented = (image: Image, t: readonly number[]): Image => {
  const [brightness = 0, saturation = 0, contrast = 0, down = 0, across = 0, row = 0, column = 0] =
    t;
  const lit: Image = (c, i, j) => image(c, i, j) + brightness - 0.5;
  const grey = (i: number, j: number): number =>
    channels.reduce((sum, c) => sum + lit(c, i, j), 0) / 3;
  const vivid: Image = (c, i, j) => grey(i, j) + (lit(c, i, j) - grey(i, j)) * 2 * saturation;
  const middle = meanOf(vivid);
  const coloured: Image = (c, i, j) => middle + (vivid(c, i, j) - middle) * (contrast + 0.5);
  const moved: Image = (c, i, j) => {
    const [y, x] = [i - ((down - 0.5) / 4) * side, j - ((across - 0.5) / 4) * side];
    const near = (a: number, b: number): number => Math.max(0, 1 - Math.abs(a - b));
    return places
      .flatMap((k) => places.map((l) => near(y, k) * near(x, l) * coloured(c, k, l)))
      .reduce((sum, value) => sum + value, 0);
  };
  const at = (place: number): number => -1 + (2 * place) / (side - 1);
  const isCovered = (place: number, middleAt: number): boolean =>
    Math.abs(at(place) - (2 * middleAt - 1)) < 0.5;
  return (c, i, j) => (isCovered(i, row) && isCovered(j, column) ? 0 : moved(c, i, j));
};

test("colours, moves and covers images as the paper does", () => {
  const step = stepProgram(model);
  const feeds = feedsOf(step, 5);
  for (const [name, { shape, data }] of feeds)
    if (name.startsWith("batch/uniform"))
      feeds.set(name, { shape, data: data.map((value) => (value + 1) / 2) });
  const drawn = (name: string): ArrayLike<number> =>
    [...feeds].find(([key]) => key.startsWith(`batch/${name}`))?.[1].data ?? [];
  const [pixels, numbers] = [drawn("X"), drawn("uniform")];
  // The network scales each channel.
  const scales = feeds.get("param/G.conv.weight")?.data ?? [];
  const values = evaluate(step, feeds);
  const position = (place: number): number => -1 + (2 * place) / (side - 1);
  const images = [...Array(batch).keys()].map((n) => {
    const image: Image = (c, i, j) =>
      (scales[c] ?? Number.NaN) * (pixels[((n * side + i) * side + j) * 3 + c] ?? Number.NaN);
    return augmented(
      image,
      [...Array(7).keys()].map((k) => numbers[n * 7 + k] ?? Number.NaN),
    );
  });
  const mean = (of: (image: Image) => Image): number =>
    images.reduce((sum, image) => sum + meanOf(of(image)), 0) / batch;
  const expected = {
    power: mean((image) => (c, i, j) => image(c, i, j) ** 2),
    down: mean((image) => (c, i, j) => image(c, i, j) * position(i)),
    across: mean((image) => (c, i, j) => image(c, i, j) * position(j)),
  };
  for (const [name, value] of Object.entries(expected))
    expect([name, values.get(`metric/${name}`)?.data[0]]).toEqual([name, expect.closeTo(value, 8)]);
});
