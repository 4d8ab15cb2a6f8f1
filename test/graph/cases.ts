/**
 * For every operator that computes, random inputs and attributes that it fits: what its tests draw
 * from.
 */

import fc from "fast-check";
import { along, axes, type Sides } from "../../src/base/sides.js";
import type { Node, Shape } from "../../src/graph/graph.js";
import * as arithmetic from "../../src/graph/operators/arithmetic.js";
import * as convolution from "../../src/graph/operators/convolution.js";
import { max } from "../../src/graph/operators/extremes.js";
import * as functions from "../../src/graph/operators/functions.js";
import { gather, scatterAdd } from "../../src/graph/operators/gathering.js";
import * as grouped from "../../src/graph/operators/grouped.js";
import { matmul } from "../../src/graph/operators/linear.js";
import { inverseDeviation, standardize } from "../../src/graph/operators/normalisation.js";
import { after } from "../../src/graph/operators/order.js";
import { reflectFold, reflectPad } from "../../src/graph/operators/padding.js";
import * as shaping from "../../src/graph/operators/shaping.js";
import { tensor } from "../../src/graph/operators/sources.js";
import * as windows from "../../src/graph/operators/windows.js";
import type { Domain } from "./tensors.js";

export interface Operand {
  readonly shape: Shape;
  readonly domain: Domain;
}

export interface Case {
  readonly operands: readonly Operand[];
  readonly build: (...inputs: Node[]) => Node;
}

type Cases = fc.Arbitrary<Case>;

const int = (min: number, max: number) => fc.integer({ min, max });
const shapes = (least = 0, most = 3) => fc.array(int(1, 3), { minLength: least, maxLength: most });
const listOf = <T>(length: number, item: fc.Arbitrary<T>) =>
  fc.array(item, { minLength: length, maxLength: length });

const any = (shape: Shape): Operand => ({ shape, domain: "any" });
const apart = (shape: Shape): Operand => ({ shape, domain: "apart" });
const positive = (shape: Shape): Operand => ({ shape, domain: "positive" });

/** Shapes that broadcast to the given one: axes are left out in front, and sides are 1. */
const thinned = (to: Shape): fc.Arbitrary<Shape> =>
  fc
    .tuple(int(0, to.length), listOf(to.length, fc.boolean()))
    .map(([drop, ones]) => to.map((side, axis) => (ones[axis] ? 1 : side)).slice(drop));

const binary = (
  build: (a: Node, b: Node) => Node,
  second: (shape: Shape) => Operand = any,
): Cases =>
  shapes()
    .chain((to) => fc.tuple(thinned(to), thinned(to)))
    .map(([a, b]) => ({ operands: [any(a), second(b)], build: build as Case["build"] }));

const unary = (build: (x: Node) => Node, operand: (shape: Shape) => Operand = any): Cases =>
  shapes().map((shape) => ({ operands: [operand(shape)], build: build as Case["build"] }));

const one = (operand: Operand, build: (x: Node) => Node): Case => ({
  operands: [operand],
  build: build as Case["build"],
});

const two = (a: Operand, b: Operand, build: (a: Node, b: Node) => Node): Case => ({
  operands: [a, b],
  build: build as Case["build"],
});

const range = (n: number): readonly number[] => [...Array(n).keys()];
const shapeAndAxes = shapes(1).chain((shape) =>
  fc.record({ shape: fc.constant(shape), axes: fc.subarray([...range(shape.length)]) }),
);

const slope = fc.constantFrom(0, 0.2, -0.5);
const sloped = (build: (x: Node, slope: number) => Node): Cases =>
  fc.tuple(shapes(), slope).map(([shape, s]) => one(apart(shape), (x) => build(x, s)));

const power: Cases = fc
  .tuple(shapes(), fc.constantFrom(0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5))
  .map(([shape, exponent]) =>
    one(exponent >= 0 && Number.isInteger(exponent) ? any(shape) : positive(shape), (x) =>
      functions.power(x, exponent),
    ),
  );

const reshape: Cases = shapes().map((shape) => {
  const flat = shape.reduce((a, b) => a * b, 1);
  return one(any(shape), (x) => shaping.reshape(x, [1, flat]));
});

const transpose: Cases = shapes().chain((shape) =>
  fc
    .shuffledSubarray([...range(shape.length)], {
      minLength: shape.length,
      maxLength: shape.length,
    })
    .map((order) => one(any(shape), (x) => shaping.transpose(x, order))),
);

const cut = fc
  .record({ begin: int(0, 2), length: int(1, 4), behind: int(0, 2), step: int(1, 3) })
  .map(({ begin, length, behind, step }) => ({
    begin,
    end: begin + length,
    side: begin + length + behind,
    step,
  }));

const slice: Cases = fc.array(cut, { maxLength: 3 }).map((cuts) =>
  one(any(cuts.map((c) => c.side)), (x) =>
    shaping.slice(
      x,
      cuts.map((c) => c.begin),
      cuts.map((c) => c.end),
      cuts.map((c) => c.step),
    ),
  ),
);

const margin = fc.record({ side: int(1, 3), low: int(0, 2), high: int(0, 2), interior: int(0, 2) });

const pad: Cases = fc.array(margin, { maxLength: 3 }).map((margins) =>
  one(any(margins.map((m) => m.side)), (x) =>
    shaping.pad(
      x,
      margins.map((m) => m.low),
      margins.map((m) => m.high),
      margins.map((m) => m.interior),
    ),
  ),
);

const concat: Cases = shapes(1).chain((shape) =>
  fc
    .tuple(int(0, shape.length - 1), fc.array(int(1, 3), { minLength: 1, maxLength: 3 }))
    .map(([axis, sides]) => ({
      operands: sides.map((side) => any(shape.map((old, i) => (i === axis ? side : old)))),
      build: (...xs: Node[]) => shaping.concat(xs, axis),
    })),
);

/**
 * Neighbouring axes of a shape, and places along them, some of them several times. They are known:
 * no place has a derivative.
 */
const placesAlong = shapes(1, 4)
  .chain((shape) =>
    fc
      .tuple(int(0, shape.length - 1), int(1, 2))
      .map(([first, count]) => ({ shape, axes: range(shape.length).slice(first, first + count) })),
  )
  .chain(({ shape, axes }) => {
    const along = axes.reduce((size, axis) => size * (shape[axis] ?? 1), 1);
    const places = fc.array(int(0, along - 1), { minLength: 1, maxLength: 5 });
    return fc.record({ shape: fc.constant(shape), axes: fc.constant(axes), places });
  });

const gatheredFrom = (shape: Shape, [first = 0, ...others]: readonly number[], count: number) =>
  shape.map((side, axis) => (axis === first ? count : others.includes(axis) ? 1 : side));

const product: Cases = fc
  .record({
    batch: shapes(0, 2),
    m: int(1, 3),
    k: int(1, 3),
    n: int(1, 3),
    left: fc.boolean(),
    right: fc.boolean(),
  })
  .chain(({ batch, m, k, n, left, right }) =>
    fc
      .tuple(thinned(batch), thinned(batch))
      .map(([a, b]) =>
        two(
          any([...a, ...(left ? [k, m] : [m, k])]),
          any([...b, ...(right ? [n, k] : [k, n])]),
          (x, y) => matmul(x, y, { left, right }),
        ),
      ),
  );

const slides = (side: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((side + 2 * padding - kernel) / stride) + 1;

/** One number for both axes, or one of each. */
const either = (number: fc.Arbitrary<number>): fc.Arbitrary<Sides> =>
  fc.oneof(number, fc.tuple(number, number));

/** A convolution in so many groups and with such gaps: sizes that fit each other. */
const convolutionsIn = (groups: fc.Arbitrary<number>, dilation: fc.Arbitrary<Sides>) =>
  fc
    .record({
      groups,
      dilation,
      n: int(1, 2),
      i: int(1, 2),
      o: int(1, 3),
      height: int(1, 5),
      width: int(1, 5),
      kernelHeight: int(1, 3),
      kernelWidth: int(1, 3),
      stride: either(int(1, 3)),
      pad: either(int(0, 2)),
    })
    .map((c) => ({
      ...c,
      x: [c.n, c.i * c.groups, c.height, c.width],
      w: [c.o * c.groups, c.i, c.kernelHeight, c.kernelWidth],
      y: [
        c.n,
        c.o * c.groups,
        ...axes.map((axis) => {
          const [size, kernel] = [
            [c.height, c.width],
            [c.kernelHeight, c.kernelWidth],
          ].map((both) => both[axis] as number) as [number, number];
          const reach = (kernel - 1) * along(c.dilation, axis) + 1;
          return slides(size, reach, along(c.stride, axis), along(c.pad, axis));
        }),
      ],
    }))
    .filter(({ y }) => y.every((side) => side >= 1));

export const convolutions = convolutionsIn(fc.constant(1), fc.constant(1));
const inGroups = convolutionsIn(int(1, 3), either(int(1, 3)));

const images = fc.tuple(int(1, 2), int(1, 2), int(2, 5), int(2, 5));

const reflections = images.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    pad: fc.oneof(
      int(0, Math.min(shape[2], shape[3]) - 1),
      fc.tuple(int(0, shape[2] - 1), int(0, shape[3] - 1)),
    ),
  }),
);

/** Windows over an image that fit it. */
export const windowCases = fc
  .record({
    image: images,
    kernel: either(int(1, 3)),
    stride: either(int(1, 3)),
    pad: either(int(0, 2)),
  })
  .map((c) => ({
    ...c,
    height: c.image[2],
    width: c.image[3],
    value: [
      c.image[0],
      c.image[1],
      ...axes.map((axis) => {
        const size = c.image[axis + 2] as number;
        return slides(size, along(c.kernel, axis), along(c.stride, axis), along(c.pad, axis));
      }),
    ],
  }))
  .filter(({ value }) => value.every((side) => side >= 1));

/** No window lies wholly beside the image. */
export const maximumCases = windowCases.filter(({ pad: padding, kernel }) =>
  axes.every((axis) => along(padding, axis) < along(kernel, axis)),
);

const normalised = (build: typeof standardize): Cases =>
  fc
    .tuple(shapeAndAxes, fc.constantFrom(0.05, 0.3))
    .map(([{ shape, axes }, epsilon]) => one(any(shape), (x) => build(x, axes, epsilon)));

/** By the operator's name. */
export const cases: Readonly<Record<string, Cases>> = {
  add: binary(arithmetic.add),
  sub: binary(arithmetic.sub),
  mul: binary(arithmetic.mul),
  div: binary(arithmetic.div, positive),
  sum: shapeAndAxes.map(({ shape, axes }) => one(any(shape), (x) => arithmetic.sum(x, axes))),
  broadcast: shapes().chain((to) =>
    thinned(to).map((from) => one(any(from), (x) => arithmetic.broadcast(x, to))),
  ),
  max: shapeAndAxes.map(({ shape, axes }) => one(apart(shape), (x) => max(x, axes))),
  neg: unary(functions.neg),
  exp: unary(functions.exp),
  log: unary(functions.log, positive),
  tanh: unary(functions.tanh),
  sin: unary(functions.sin),
  cos: unary(functions.cos),
  sigmoid: unary(functions.sigmoid),
  softplus: unary(functions.softplus),
  abs: unary(functions.abs, apart),
  sign: unary(functions.sign, apart),
  power,
  leaky_relu: sloped(functions.leakyRelu),
  leaky_step: sloped(functions.leakyStep),
  clamp: unary((x) => functions.clamp(x, -0.5, 0.7)),
  stop: unary(functions.stop),
  reshape,
  transpose,
  slice,
  pad,
  concat,
  gather: placesAlong.map(({ shape, axes, places }) =>
    one(any(shape), (x) => gather(x, tensor(places, [places.length]), axes)),
  ),
  scatter_add: placesAlong.map(({ shape, axes, places }) =>
    one(any(gatheredFrom(shape, axes, places.length)), (dy) =>
      scatterAdd(
        dy,
        tensor(places, [places.length]),
        axes,
        axes.map((axis) => shape[axis] ?? 0),
      ),
    ),
  ),
  matmul: product,
  conv: convolutions.map((c) => two(any(c.x), any(c.w), (x, w) => convolution.conv(x, w, c))),
  conv_input: convolutions.map((c) =>
    two(any(c.y), any(c.w), (dy, w) => convolution.convInput(dy, w, c)),
  ),
  conv_weight: convolutions.map((c) =>
    two(any(c.x), any(c.y), (x, dy) => convolution.convWeight(x, dy, c)),
  ),
  grouped_conv: inGroups.map((c) =>
    two(any(c.x), any(c.w), (x, w) => grouped.groupedConv(x, w, c)),
  ),
  grouped_conv_input: inGroups.map((c) =>
    two(any(c.y), any(c.w), (dy, w) => grouped.groupedConvInput(dy, w, c)),
  ),
  grouped_conv_weight: inGroups.map((c) =>
    two(any(c.x), any(c.y), (x, dy) => grouped.groupedConvWeight(x, dy, c)),
  ),
  reflect_pad: reflections.map(({ shape, pad: p }) => one(any(shape), (x) => reflectPad(x, p))),
  reflect_fold: reflections.map(({ shape: [n, c, h, w], pad: p }) =>
    one(any([n, c, h + 2 * along(p, 0), w + 2 * along(p, 1)]), (x) => reflectFold(x, p)),
  ),
  window_sum: windowCases.map((c) => one(any(c.image), (x) => windows.windowSum(x, c))),
  window_spread: windowCases.map((c) => one(any(c.value), (dy) => windows.windowSpread(dy, c))),
  max_pool: maximumCases.map((c) => one(apart(c.image), (x) => windows.maxPool(x, c))),
  max_take: maximumCases.map((c) =>
    two(apart(c.image), any(c.image), (x, v) => windows.maxTake(x, v, c)),
  ),
  max_put: maximumCases.map((c) =>
    two(apart(c.image), any(c.value), (x, dy) => windows.maxPut(x, dy, c)),
  ),
  standardize: normalised(standardize),
  inverse_deviation: normalised(inverseDeviation),
  after: fc.tuple(shapes(), shapes()).map(([a, b]) => ({
    operands: [any(a), any(b), any(a)],
    build: ((x: Node, ...others: Node[]) => after(x, others)) as Case["build"],
  })),
};
