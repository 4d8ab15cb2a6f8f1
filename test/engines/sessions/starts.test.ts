/** How weights begin: moments, bounds and orthogonality, and of single networks. */
import { expect, test } from "@jest/globals";
import { type Start, startsIn, startValues } from "../../../src/engines/sessions/starts.js";
import { modelOf } from "../../support/specs.js";

const seed = 3;

const spec = (train: string): string => `domain X = image(16, 16, 3)
domain H = features(4, 4, 8)
net G : X -> X = conv(3, 64, stride: 2, pad: 1) >> instance_norm(affine: true) >> relu
  >> conv(3, 128, pad: 1, groups: 2) >> relu
  >> conv_transpose(4, 24, stride: 2, pad: 1) >> relu >> conv(1, 3) >> tanh
net D : X -> Scores = conv(3, 48, stride: 2) >> flatten >> dense(40) >> leaky_relu(0.2) >> dense(1)
frozen net P : X -> H = conv(4, 8, stride: 4)
solve {
  min[G] E[x ~ X] l2(D(G(x)), 1) + E[x ~ X] l2(P(G(x)), P(x))
  min[D] E[x ~ X] l2(D(G(x)), 0) + E[x ~ X] l2(D(x), 1)
}
train { optimizer: adam(1e-3) schedule: constant(1) ${train} }
`;

const startsOf = (train: string): readonly Start[] => startsIn(modelOf(spec(train)));

const weight = (starts: readonly Start[], name: string): Float32Array => {
  const start = starts.find((one) => one.name === `param/${name}`);
  if (start === undefined) throw new Error(`there is no ${name}`);
  return startValues(start, seed);
};

/** Fans by PyTorch's rule: [in, out]. */
const fans: Readonly<Record<string, readonly [number, number]>> = {
  "G.conv.weight": [3 * 9, 64 * 9],
  "G.conv_2.weight": [32 * 9, 128 * 9],
  "G.conv_transpose.weight": [24 * 16, 128 * 16],
  "D.dense.weight": [7 * 7 * 48, 40],
};

const stdOf = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

const words: Readonly<Record<string, (fanIn: number, fanOut: number) => number>> = {
  xavier_GAUGE: (i, o) => Math.sqrt(2 / (i + o)),
  "xavier_GAUGE(0.5)": (i, o) => 0.5 * Math.sqrt(2 / (i + o)),
  kaiming_GAUGE: (i) => Math.sqrt(2 / i),
  "kaiming_GAUGE(0.2)": (i) => Math.sqrt(2 / 1.04 / i),
  "kaiming_GAUGE(fan_out: true)": (_, o) => Math.sqrt(2 / o),
};

test.each(Object.entries(words))("%s has Glorot's and He's deviations", (word, std) => {
  const normal = startsOf(`init: ${word.replace("GAUGE", "normal")}`);
  const uniform = startsOf(`init: ${word.replace("GAUGE", "uniform")}`);
  for (const [name, [fanIn, fanOut]] of Object.entries(fans)) {
    const expected = std(fanIn, fanOut);
    const drawn = weight(normal, name);
    // Five standard errors.
    const error = 5 / Math.sqrt(2 * drawn.length);
    expect(Math.abs(stdOf(drawn) / expected - 1)).toBeLessThan(error);
    expect(Math.max(...drawn)).toBeGreaterThan(2 * expected);
    const even = weight(uniform, name);
    const bound = Math.fround(Math.sqrt(3) * expected);
    expect(Math.abs(stdOf(even) / expected - 1)).toBeLessThan(error);
    expect(Math.max(...even.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...even)).toBeGreaterThan(0.98 * bound);
    expect(Math.min(...even)).toBeLessThan(-0.98 * bound);
  }
});

test("orthogonal weights have orthogonal filters of the gain's length, or rows where these are fewer", () => {
  const starts = startsOf("init: orthogonal(1.5)");
  for (const [name, columns] of Object.entries({
    "G.conv.weight": 64,
    "G.conv_2.weight": 128,
    "G.conv_transpose.weight": 128,
    "D.dense.weight": 40,
    "D.dense_2.weight": 1,
  })) {
    const values = weight(starts, name);
    const rows = values.length / columns;
    const isTall = rows >= columns;
    const [count, length] = isTall ? [columns, rows] : [rows, columns];
    const at = (which: number, i: number): number =>
      values[isTall ? i * columns + which : which * columns + i] ?? Number.NaN;
    let worst = 0;
    for (let a = 0; a < count; a++)
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let i = 0; i < length; i++) product += at(a, i) * at(b, i);
        worst = Math.max(worst, Math.abs(product - (a === b ? 1.5 ** 2 : 0)));
      }
    expect([name, worst < 1e-6 ? "orthogonal" : worst]).toEqual([name, "orthogonal"]);
  }
});

test("init[G] is of one network, of a frozen one too; biases and scales begin as ever", () => {
  const starts = startsOf("init: normal(0, 0.1) init[G]: kaiming_uniform init[P]: orthogonal");
  const kinds = starts.map((start) => [
    start.name,
    "stream" in start ? start.from.kind : start.value,
  ]);
  expect(Object.fromEntries(kinds)).toEqual({
    "param/G.conv.weight": "uniform",
    "param/G.conv.bias": 0,
    "param/G.instance_norm.scale": 1,
    "param/G.instance_norm.shift": 0,
    "param/G.conv_2.weight": "uniform",
    "param/G.conv_2.bias": 0,
    "param/G.conv_transpose.weight": "uniform",
    "param/G.conv_transpose.bias": 0,
    "param/G.conv_3.weight": "uniform",
    "param/G.conv_3.bias": 0,
    "param/D.conv.weight": "normal",
    "param/D.conv.bias": 0,
    "param/D.dense.weight": "normal",
    "param/D.dense.bias": 0,
    "param/D.dense_2.weight": "normal",
    "param/D.dense_2.bias": 0,
    "param/P.conv.weight": "orthogonal",
    "param/P.conv.bias": 0,
  });
});
