/**
 * What differs between height and width: it can be read along an axis only, and what one number
 * says of a square window two equal ones say too.
 */
import { expect, test } from "@jest/globals";
import { along, bothOf, eachAxis, type Sides, sidesOf } from "../../src/base/sides.js";
import type { Attributes, Node } from "../../src/graph/graph.js";
import { numberOf as onnxNumber } from "../../src/graph/operators/onnx/attributes.js";
import { numberOf } from "../../src/graph/operators/rules.js";
import { layers } from "../../src/operators/layers.js";
import {
  number,
  type Options,
  side,
  sidesNamed,
  sidesNames,
} from "../../src/operators/signature.js";
import { analyseText, modelOf } from "../support/specs.js";

/** TypeScript's check of this file is the test: without an error, `@ts-expect-error` is one. */
const refused = (options: Options, attributes: Attributes, node: Node): unknown[] => [
  // @ts-expect-error a stride belongs to an axis
  number(options, "stride"),
  // @ts-expect-error so does a pad
  number(options, "pad"),
  // @ts-expect-error and there is no stride of a third axis
  side(options, "stride", 2),
  // @ts-expect-error a kernel may be two numbers
  2 * sidesNamed(options, "kernel"),
  // @ts-expect-error of the graph's operators too
  numberOf(attributes, "stride"),
  // @ts-expect-error and where they become ONNX
  onnxNumber(node, "dilation"),
];

test("what may differ between the axes is read along one, says TypeScript", () => {
  expect(refused).toBeInstanceOf(Function);
});

test("what may differ between the axes is declared by a name that is read along one", () => {
  for (const { options } of layers.values())
    for (const { name, perAxis } of options)
      if (perAxis === true) expect(sidesNames).toContain(name);
});

test("sides have one form: a number where both are equal", () => {
  expect(sidesOf([3, 3])).toBe(3);
  expect(sidesOf([3, 7])).toEqual([3, 7]);
  expect(eachAxis((axis) => axis)).toEqual([0, 1]);
  for (const sides of [4, [4, 5]] as readonly Sides[])
    expect(bothOf(sides)).toEqual([along(sides, 0), along(sides, 1)]);
});

const critic = (layer: string): string => `domain X = image(20, 34, 3)
net D : X -> Scores = ${layer} >> relu >> conv(1, 1)
solve { min[D] E[x ~ X] l2(D(x), 1) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`;

const networkOf = (layer: string) => modelOf(critic(layer)).networks[0];

test("two equal numbers are the one", () => {
  const square = networkOf("conv(3, 4, stride: 2, pad: 1)");
  const written = networkOf("conv((3, 3), 4, stride: (2, 2), pad: (1, 1))");
  expect(written?.layers.map(({ options }) => options)).toEqual(
    square?.layers.map(({ options }) => options),
  );
});

// By hand: a window of k grows the field by (k - 1) steps, a stride of s the step by s.
test.each<[string, Sides, readonly number[]]>([
  ["conv((3, 7), 4) >> relu >> conv((3, 7), 4)", [5, 13], [16, 22, 1]],
  ["conv((1, 4), 4, stride: (1, 2)) >> relu >> conv(3, 4)", [3, 8], [18, 14, 1]],
  ["max_pool((2, 1)) >> conv((1, 5), 4)", [2, 5], [10, 30, 1]],
  ["conv((1, 7), 4) >> relu >> conv((7, 1), 4)", 7, [14, 28, 1]],
  ["conv(3, 4, dilation: (1, 4))", [3, 9], [18, 26, 1]],
])("%s: its receptive field and its shape", (layer, field, output) => {
  const network = networkOf(layer);
  expect(network?.receptiveField).toEqual(field);
  expect(network?.output).toEqual(output);
});

test("a stride of the width asks nothing of the height", () => {
  const text = (side: string) => `param n : Int = 16
domain X = image(${side}, 3)
domain Y = image(${side}, 3)
net G : X -> Y = conv((1, 4), 4, stride: (1, 2), pad: (0, 1)) >> relu
  >> conv_transpose((1, 4), 3, stride: (1, 2), pad: (0, 1)) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`;
  const errorsOf = (side: string) =>
    analyseText(text(side)).diagnostics.filter(({ severity }) => severity === "error");
  expect(errorsOf("n + 3, 16")).toEqual([]);
  const [error] = errorsOf("16, n");
  expect(error?.code).toBe("GAN315");
  expect(JSON.stringify(error)).toContain("n % 2 == 0");
});
