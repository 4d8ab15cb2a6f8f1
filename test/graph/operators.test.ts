/**
 * Values of the operators against independent plain loops, known numbers, and the identities of
 * adjoints.
 */

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { bothOf } from "../../src/base/sides.js";
import { gradients } from "../../src/graph/differentiate.js";
import type { Node, Shape } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { add, broadcast, mean, sub, sum, sumTo } from "../../src/graph/operators/arithmetic.js";
import { conv, convInput, convWeight } from "../../src/graph/operators/convolution.js";
import {
  abs,
  leakyRelu,
  leakyStep,
  power,
  sigmoid,
  sign,
  softplus,
} from "../../src/graph/operators/functions.js";
import { gather, scatterAdd } from "../../src/graph/operators/gathering.js";
import { matmul } from "../../src/graph/operators/linear.js";
import { inverseDeviation, standardize } from "../../src/graph/operators/normalisation.js";
import { reflectFold, reflectPad } from "../../src/graph/operators/padding.js";
import { concat, pad, reshape, slice, transpose } from "../../src/graph/operators/shaping.js";
import { constant, input, tensor } from "../../src/graph/operators/sources.js";
import {
  maxPool,
  maxPut,
  maxTake,
  windowSpread,
  windowSum,
} from "../../src/graph/operators/windows.js";
import { convolutions, maximumCases, windowCases } from "./cases.js";
import { apply, compute, dot, draw, expectNear, inner, tensorOf } from "./tensors.js";

const seeds = fc.integer({ min: 1, max: 1e6 });
const settings = { seed: 1703, numRuns: 40 };
const any = (shape: Shape, seed: number, name: string): Tensor => draw(shape, "any", seed, name);
const numbers = (build: (...inputs: Node[]) => Node, ...values: Tensor[]): number[] => [
  ...apply(build, ...values).data,
];

/** The number at coordinates, or `outside` beside the tensor. */
const at = ({ shape, data }: Tensor, coordinates: readonly number[], outside: number): number => {
  const inside = coordinates.every((c, axis) => c >= 0 && c < (shape[axis] as number));
  const offset = coordinates.reduce((sum, c, axis) => sum * (shape[axis] as number) + c, 0);
  return inside ? (data[offset] as number) : outside;
};

/** A tensor by the formula of its elements. */
const formula = (shape: Shape, f: (coordinates: readonly number[]) => number): Tensor => {
  const all = shape.reduce<number[][]>(
    (before, side) => before.flatMap((c) => [...Array(side).keys()].map((i) => [...c, i])),
    [[]],
  );
  return tensorOf(shape, all.map(f));
};

const total = (count: number, f: (i: number) => number): number =>
  [...Array(count).keys()].reduce((sum, i) => sum + f(i), 0);

describe("convolution", () => {
  test("is the sum over channels and window", () => {
    fc.assert(
      fc.property(convolutions, seeds, (c, seed) => {
        const [x, w] = [any(c.x, seed, "x"), any(c.w, seed, "w")];
        const [[down, across], [high, wide]] = [bothOf(c.stride), bothOf(c.pad)];
        const expected = formula(c.y, ([n, o, row, column]) =>
          total(c.i, (i) =>
            total(c.kernelHeight, (a) =>
              total(c.kernelWidth, (b) => {
                const [h, v] = [Number(row) * down + a, Number(column) * across + b];
                const pixel = at(x, [Number(n), i, h - high, v - wide], 0);
                return pixel * at(w, [Number(o), i, a, b], 0);
              }),
            ),
          ),
        );
        expectNear(
          apply((image, weight) => conv(image, weight, c), x, w),
          expected,
          1e-14,
        );
      }),
      settings,
    );
  });

  test("its gradients are its adjoints", () => {
    fc.assert(
      fc.property(convolutions, seeds, (c, seed) => {
        const [x, w, dy] = [any(c.x, seed, "x"), any(c.w, seed, "w"), any(c.y, seed, "dy")];
        const product = dot(
          apply((a, b) => conv(a, b, c), x, w),
          dy,
        );
        const dx = apply((a, b) => convInput(a, b, c), dy, w);
        const dw = apply((a, b) => convWeight(a, b, c), x, dy);
        expect(dot(x, dx)).toBeCloseTo(product, 10);
        expect(dot(w, dw)).toBeCloseTo(product, 10);
      }),
      settings,
    );
  });

  test("its transpose is PyTorch's conv_transpose2d with output padding", () => {
    // stride 2, padding 1, output_padding 1: pixel i, j stamps the kernel at 2 i, 2 j, and the
    // first row and column go
    const image = tensorOf([1, 1, 2, 2], [1, 2, 3, 4]);
    const kernel = tensorOf([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const up = (x: Node, w: Node) => convInput(x, w, { stride: 2, pad: 1, height: 4, width: 4 });
    expect(numbers(up, image, kernel)).toEqual([
      5, 14, 10, 12, 14, 36, 24, 30, 15, 34, 20, 24, 24, 55, 32, 36,
    ]);
  });
});

describe("windows", () => {
  test("sum, spread and maximum are those of the definition", () => {
    fc.assert(
      fc.property(windowCases, seeds, (c, seed) => {
        const x = any(c.image, seed, "x");
        const [rows, columns] = bothOf(c.kernel);
        const [[down, across], [high, wide]] = [bothOf(c.stride), bothOf(c.pad)];
        const window = (coordinates: readonly number[], outside: number): number[] => {
          const [n, channel, row, column] = coordinates as [number, number, number, number];
          return [...Array(rows * columns).keys()].map((i) => {
            const h = row * down - high + Math.floor(i / columns);
            return at(x, [n, channel, h, column * across - wide + (i % columns)], outside);
          });
        };
        const sums = formula(c.value, (p) => window(p, 0).reduce((a, b) => a + b, 0));
        expectNear(
          apply((image) => windowSum(image, c), x),
          sums,
          1e-14,
        );
        const dy = any(c.value, seed, "dy");
        expect(
          dot(
            x,
            apply((v) => windowSpread(v, c), dy),
          ),
        ).toBeCloseTo(dot(sums, dy), 10);
        if (high >= rows || wide >= columns) return;
        const maxima = formula(c.value, (p) => Math.max(...window(p, Number.NEGATIVE_INFINITY)));
        expect(apply((image) => maxPool(image, c), x)).toEqual(maxima);
      }),
      settings,
    );
  });

  test("max_put is the adjoint of max_take, which takes the maximum's own place", () => {
    fc.assert(
      fc.property(maximumCases, seeds, (c, seed) => {
        const x = any(c.image, seed, "x");
        expect(apply((a) => maxTake(a, a, c), x)).toEqual(apply((a) => maxPool(a, c), x));
        const [v, dy] = [any(c.image, seed, "v"), any(c.value, seed, "dy")];
        const taken = apply((a, b) => maxTake(a, b, c), x, v);
        const put = apply((a, b) => maxPut(a, b, c), x, dy);
        expect(dot(v, put)).toBeCloseTo(dot(taken, dy), 10);
      }),
      settings,
    );
  });

  test("of equal maxima the first takes the gradient", () => {
    const window = { kernel: 2, stride: 2, pad: 0 };
    const put = (x: Node, dy: Node) => maxPut(x, dy, window);
    const x = tensorOf([1, 1, 2, 4], [1, 7, -1, -1, 7, 7, -1, -1]);
    expect(numbers(put, x, tensorOf([1, 1, 1, 2], [5, 3]))).toEqual([0, 5, 3, 0, 0, 0, 0, 0]);
  });

  test("padding never wins, though all pixels are negative", () => {
    const pool = (x: Node) => maxPool(x, { kernel: 3, stride: 2, pad: 1 });
    expect(numbers(pool, tensorOf([1, 1, 2, 2], [-4, -3, -2, -1]))).toEqual([-1]);
  });

  test("spreading windows side by side repeats pixels", () => {
    const up = (x: Node) => windowSpread(x, { kernel: 2, stride: 2, pad: 0, height: 2, width: 4 });
    expect(numbers(up, tensorOf([1, 1, 1, 2], [1, 2]))).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });
});

describe("reflection", () => {
  const image = tensorOf([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);

  test("repeats all but the border", () => {
    expect(numbers((x) => reflectPad(x, 2), image)).toEqual(
      [
        [9, 8, 7, 8, 9, 8, 7],
        [6, 5, 4, 5, 6, 5, 4],
        [3, 2, 1, 2, 3, 2, 1],
        [6, 5, 4, 5, 6, 5, 4],
        [9, 8, 7, 8, 9, 8, 7],
        [6, 5, 4, 5, 6, 5, 4],
        [3, 2, 1, 2, 3, 2, 1],
      ].flat(),
    );
  });

  test("folding counts how often a pixel is seen", () => {
    const ones = tensorOf([1, 1, 5, 5], Array<number>(25).fill(1));
    expect(numbers((x) => reflectFold(x, 1), ones)).toEqual([1, 3, 1, 3, 9, 3, 1, 3, 1]);
  });

  test("folding is the adjoint of padding", () => {
    const shapes = fc.tuple(...[1, 1, 3, 3].map((least) => fc.integer({ min: least, max: 5 })));
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 2 }), seeds, (shape, by, seed) => {
        const x = any(shape, seed, "x");
        const padded = apply((a) => reflectPad(a, by), x);
        const dy = any(padded.shape, seed, "dy");
        const folded = apply((a) => reflectFold(a, by), dy);
        expect(dot(x, folded)).toBeCloseTo(dot(padded, dy), 10);
      }),
      settings,
    );
  });
});

describe("arithmetic and shaping by known numbers", () => {
  const row = tensorOf([3], [1, 2, 3]);
  const column = tensorOf([2, 1], [10, 20]);
  const matrix = tensorOf([2, 3], [1, 2, 3, 4, 5, 6]);

  test("broadcasting matches axes from the last", () => {
    expect(apply(add, row, column)).toEqual(tensorOf([2, 3], [11, 12, 13, 21, 22, 23]));
    expect(apply(sub, column, row)).toEqual(tensorOf([2, 3], [9, 8, 7, 19, 18, 17]));
    expect(apply((x) => broadcast(x, [2, 2, 1]), column).data).toEqual(
      Float64Array.of(10, 20, 10, 20),
    );
  });

  test("sums and means keep their axes; sumTo undoes a broadcast", () => {
    expect(apply((x) => sum(x, [1]), matrix)).toEqual(tensorOf([2, 1], [6, 15]));
    expect(apply((x) => mean(x, [0, 1]), matrix)).toEqual(tensorOf([1, 1], [3.5]));
    expect(apply((x) => sumTo(x, [3]), matrix)).toEqual(tensorOf([3], [5, 7, 9]));
    expect(apply((x) => sumTo(x, [2, 1]), matrix)).toEqual(tensorOf([2, 1], [6, 15]));
    expect(apply((x) => sumTo(x, []), matrix)).toEqual(tensorOf([], [21]));
    const node = input("x", [2, 3]);
    expect(sumTo(node, [2, 3])).toBe(node);
  });

  test("shaping moves numbers where it says", () => {
    expect(apply((x) => transpose(x, [1, 0]), matrix).data).toEqual(
      Float64Array.of(1, 4, 2, 5, 3, 6),
    );
    expect(apply((x) => reshape(x, [3, 2]), matrix)).toEqual(tensorOf([3, 2], [1, 2, 3, 4, 5, 6]));
    expect(apply((x) => slice(x, [1, 0], [2, 3], [1, 2]), matrix)).toEqual(
      tensorOf([1, 2], [4, 6]),
    );
    expect(apply((x) => pad(x, [1], [2], [1]), row).data).toEqual(
      Float64Array.of(0, 1, 0, 2, 0, 3, 0, 0),
    );
    expect(apply((x, y) => concat([x, y], 1), column, matrix)).toEqual(
      tensorOf([2, 4], [10, 1, 2, 3, 20, 4, 5, 6]),
    );
  });

  test("a transpose of three axes reads axis order[i] as axis i", () => {
    const x = any([2, 3, 4], 7, "x");
    const expected = formula([4, 2, 3], ([a, b, c]) => at(x, [Number(b), Number(c), Number(a)], 0));
    expect(apply((node) => transpose(node, [2, 0, 1]), x)).toEqual(expected);
  });

  test("a matrix product transposes and broadcasts as it is told", () => {
    const a = any([2, 1, 4, 3], 5, "a");
    const b = any([5, 2, 4], 5, "b");
    const expected = formula([2, 5, 3, 2], ([n, m, row, column]) =>
      total(
        4,
        (k) => at(a, [Number(n), 0, k, Number(row)], 0) * at(b, [Number(m), Number(column), k], 0),
      ),
    );
    const product = apply((x, y) => matmul(x, y, { left: true, right: true }), a, b);
    expectNear(product, expected, 1e-14);
  });
});

describe("places", () => {
  const image = any([2, 3, 4, 5], 11, "image");
  const threeAtTwo = tensorOf([3], [1, 1, 3]);
  const list = tensorOf([4], [7, 19, 0, 7]);

  test("are read in row-major order over the axes, as often as they are said", () => {
    const expected = formula([2, 3, 4, 1], ([n = 0, c = 0, i = 0]) => {
      const place = list.data[i] as number;
      return at(image, [n, c, Math.floor(place / 5), place % 5], 0);
    });
    expect(apply((x, p) => gather(x, p, [2, 3]), image, list)).toEqual(expected);
    const row = tensorOf([3], [1, 2, 3]);
    expect(apply((x, p) => gather(x, p, [0]), row, tensorOf([2], [2, 1])).data).toEqual(
      Float64Array.of(3, 2),
    );
  });

  test("are added to, those that are said twice twice; scatter_add is the adjoint of gather", () => {
    const sums = apply((x, p) => scatterAdd(x, p, [0], [5]), tensorOf([3], [1, 2, 4]), threeAtTwo);
    expect(sums).toEqual(tensorOf([5], [0, 3, 0, 4, 0]));
    const dy = any([2, 3, 4, 1], 11, "dy");
    const back = apply((y, p) => scatterAdd(y, p, [2, 3], [4, 5]), dy, list);
    const forth = apply((x, p) => gather(x, p, [2, 3]), image, list);
    expect(dot(back, image)).toBeCloseTo(dot(dy, forth), 12);
  });

  test("have no derivative", () => {
    const [x, places] = [input("x", [3, 5]), input("places", [2])];
    const value = inner(gather(x, places, [1]), constant(1, [3, 2]));
    expect(gradients(value, [places]).get(places)?.operator).toBe("constant");
  });
});

describe("functions", () => {
  const far = tensorOf([5], [-200, -1, 0, 1, 200]);

  test("softplus and sigmoid are exact far out, and so are their gradients", () => {
    const near = [Math.log(1 + Math.exp(-1)), Math.LN2, Math.log(1 + Math.E)];
    const logistic = [1 / (1 + Math.E), 0.5, 1 / (1 + Math.exp(-1))];
    const slopes = logistic.map((y) => y * (1 - y));
    const tiny = Math.exp(-200);
    const gradientOf = (f: (x: Node) => Node) => (x: Node) =>
      gradients(inner(f(x), constant(1, [5])), [x]).get(x) as Node;
    const expected: [(x: Node) => Node, number[]][] = [
      [softplus, [tiny, ...near, 200]],
      [sigmoid, [tiny, ...logistic, 1]],
      [gradientOf(softplus), [tiny, ...logistic, 1]],
      [gradientOf(sigmoid), [tiny, ...slopes, 0]],
      [gradientOf(gradientOf(softplus)), [tiny, ...slopes, 0]],
    ];
    for (const [f, values] of expected)
      apply(f, far).data.forEach((y, i) => {
        const value = values[i] as number;
        expect(Math.abs(y - value)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
      });
  });

  test("at their kinks the derivatives are those that are said", () => {
    const zero = tensorOf([1], [0]);
    const slopeAtZero = (f: (x: Node) => Node): number[] =>
      numbers((x) => gradients(f(x), [x]).get(x) as Node, zero);
    expect(slopeAtZero(abs)).toEqual([0]);
    expect(slopeAtZero((x) => leakyRelu(x, 0))).toEqual([0]);
    expect(slopeAtZero((x) => leakyRelu(x, 0.2))).toEqual([0.2]);
    expect(slopeAtZero((x) => power(x, 2))).toEqual([0]);
    expect(slopeAtZero((x) => power(x, 1))).toEqual([1]);
    expect(slopeAtZero((x) => power(x, 0))).toEqual([0]);
  });

  test("signs and steps", () => {
    expect(numbers(sign, far)).toEqual([-1, -1, 0, 1, 1]);
    expect(numbers((x) => leakyStep(x, 0.2), far)).toEqual([0.2, 0.2, 0.2, 1, 1]);
    expect(numbers((x) => leakyRelu(x, 0.5), far)).toEqual([-100, -0.5, 0, 1, 200]);
  });
});

describe("normalisation", () => {
  test("has mean 0 and variance var / (var + epsilon) in each group", () => {
    const x = any([2, 3, 4, 5], 3, "x");
    const y = apply((node) => standardize(node, [2, 3], 0.1), x);
    const r = apply((node) => inverseDeviation(node, [2, 3], 0.1), x);
    expect(r.shape).toEqual([2, 3, 1, 1]);
    r.data.forEach((inverse, group) => {
      const [raw, normal] = [x, y].map(({ data }) => data.slice(20 * group, 20 * (group + 1)));
      const meanOf = (v: Float64Array): number => v.reduce((a, b) => a + b, 0) / v.length;
      const average = meanOf(raw as Float64Array);
      const variance = meanOf((raw as Float64Array).map((v) => (v - average) ** 2));
      expect(inverse).toBeCloseTo((variance + 0.1) ** -0.5, 12);
      (normal as Float64Array).forEach((v, i) => {
        expect(v).toBeCloseTo((((raw as Float64Array)[i] as number) - average) * inverse, 12);
      });
    });
  });
});

test("constants hold one number, or all", () => {
  const values = compute([constant(3, [2, 2]), tensor([1, 2, 3], [3]), constant(-1)], [], []);
  expect(values).toEqual([
    tensorOf([2, 2], [3, 3, 3, 3]),
    tensorOf([3], [1, 2, 3]),
    tensorOf([], [-1]),
  ]);
});

const of = (...shape: number[]): Node => input(shape.join("x"), shape);
const geometry = { stride: 1, pad: 0 };
const sizes = { height: 5, width: 5, kernelHeight: 3, kernelWidth: 3 };

test.each<[string, () => Node, RegExp]>([
  ["a side of 0", () => input("x", [2, 0]), /at least 1/],
  ["a side that is no whole number", () => input("x", [1.5]), /at least 1/],
  ["numbers that do not fill", () => tensor([1, 2, 3], [2, 2]), /3 numbers do not fill/],
  ["sides that do not meet", () => add(of(2), of(3)), /add of \[2\], \[3\]: .*equal/],
  ["an axis beyond the rank", () => sum(of(2), [1]), /below the rank/],
  ["axes out of order", () => sum(of(2, 2), [1, 0]), /ascend/],
  ["an axis named twice", () => standardize(of(2, 2), [1, 1], 1), /ascend/],
  ["a broadcast to less", () => broadcast(of(2, 3), [3]), /cannot be repeated/],
  ["a reshape to more", () => reshape(of(2, 3), [7]), /another number/],
  ["an order without an axis", () => transpose(of(2, 3), [0, 0]), /each of the 2 axes once/],
  ["a slice beyond the side", () => slice(of(3), [1], [4]), /begin < end <= side/],
  ["a slice of nothing", () => slice(of(3), [2], [2]), /begin < end <= side/],
  ["a slice of step 0", () => slice(of(3), [0], [2], [0]), /step must be 1 whole numbers/],
  ["a negative pad", () => pad(of(3), [-1], [0]), /low/],
  ["a pad of another rank", () => pad(of(3), [0, 0], [0, 0]), /1 whole numbers/],
  ["a concatenation of odd ends", () => concat([of(2, 3), of(3, 2)], 0), /agree on all axes/],
  ["a concatenation along no axis", () => concat([of(2)], 1), /axis must be/],
  ["places along no axis", () => gather(of(2, 3), of(2), []), /at least one, and neighbours/],
  ["places along axes apart", () => gather(of(2, 3, 4), of(2), [0, 2]), /neighbours/],
  ["a table of places", () => gather(of(2, 3), of(2, 1), [0]), /places must have rank 1/],
  ["fewer places than values", () => scatterAdd(of(2, 3), of(2), [1], [4]), /should be \[2, 2\]/],
  ["places along a side of 0", () => scatterAdd(of(2), of(2), [0], [0]), /sides must be 1 whole/],
  ["a product of vectors", () => matmul(of(3), of(3)), /rank of at least 2/],
  ["columns and rows that differ", () => matmul(of(2, 3), of(2, 3)), /3 columns .* 2 rows/],
  ["batches that differ", () => matmul(of(2, 1, 1), of(3, 1, 1)), /equal/],
  ["channels that differ", () => conv(of(1, 2, 5, 5), of(1, 3, 3, 3), geometry), /2 channels/],
  ["a window too large", () => conv(of(1, 1, 2, 5), of(1, 1, 3, 3), geometry), /larger/],
  ["an image of rank 3", () => conv(of(1, 5, 5), of(1, 1, 3, 3), geometry), /rank 4/],
  ["stride 0", () => conv(of(1, 1, 5, 5), of(1, 1, 3, 3), { stride: 0, pad: 0 }), /stride must be/],
  [
    "a gradient of another size",
    () => convInput(of(1, 1, 4, 3), of(1, 1, 3, 3), { ...geometry, ...sizes }),
    /has the shape \[1, 1, 3, 3\]/,
  ],
  [
    "a gradient of another batch",
    () => convWeight(of(1, 1, 5, 5), of(2, 1, 3, 3), { ...geometry, ...sizes }),
    /has the shape/,
  ],
  ["a reflection of all", () => reflectPad(of(1, 1, 3, 4), 3), /less than the sides/],
  ["a fold of too little", () => reflectFold(of(1, 1, 6, 9), 2), /less than the folded/],
  [
    "windows beyond the image",
    () => windowSum(of(1, 1, 2, 2), { kernel: 3, stride: 1, pad: 0 }),
    /larger/,
  ],
  [
    "a spread from another size",
    () => windowSpread(of(1, 1, 2, 2), { kernel: 2, stride: 2, pad: 0, height: 2, width: 4 }),
    /should be \[1, 1, 1, 2\]/,
  ],
  [
    "a maximum of padding alone",
    () => maxPool(of(1, 1, 2, 2), { kernel: 1, stride: 1, pad: 1 }),
    /less than the kernel/,
  ],
  [
    "places in another tensor",
    () => maxTake(of(1, 1, 2, 2), of(1, 1, 2, 3), { kernel: 2, stride: 2, pad: 0 }),
    /should be/,
  ],
])("there is no shape for %s", (_, build, reason) => {
  expect(build).toThrow(reason);
});
