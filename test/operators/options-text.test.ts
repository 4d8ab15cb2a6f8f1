/** Options as messages write them: what a reader copies must be the layer that was meant. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { optionsText } from "../../src/operators/layer.js";
import { layers } from "../../src/operators/layers.js";
import type { Options } from "../../src/operators/signature.js";
import { sources } from "../support/specs.js";

const written = (name: string, options: Options): string => {
  const layer = layers.get(name);
  return layer === undefined ? "" : optionsText(layer, options);
};

test.each<[string, Options, string]>([
  ["blur_pool", { kernel: 3, stride: 2 }, ""],
  ["blur_pool", { kernel: 5, stride: 2 }, "5"],
  ["blur_pool", { kernel: 3, stride: 5 }, "stride: 5"],
  ["blur_pool", { kernel: 5, stride: 1 }, "5, stride: 1"],
  ["group_norm", { groups: 2, epsilon: 1e-5, affine: false }, "2, affine: false"],
  ["conv", { kernel: 3, filters: 8, stride: 1, pad: 1, bias: true }, "3, 8, pad: 1"],
  [
    "conv",
    { kernel: [3, 7], filters: 8, stride: [1, 2], pad: 1, bias: true },
    "(3, 7), 8, stride: (1, 2), pad: 1",
  ],
])("%s %j is written %j", (name, options, text) => {
  expect(written(name, options)).toBe(text);
});

const optionsOf = (call: string) => {
  const spec = `domain X = image(8, 8, 4)
domain Y = image(8, 8, 4)
net G : X -> Y = ${call} >> dense(256) >> reshape(8, 8, 4) >> tanh
solve { min[G] E[(x, y) ~ pairs(X, Y)] l1(G(x), y) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`;
  const { diagnostics, result } = analyse("a.gan", sources({ "a.gan": spec }));
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return result?.model.networks[0]?.layers[0];
};

test.each([
  "blur_pool(3, stride: 1)",
  "blur_pool(5)",
  "group_norm(2, epsilon: 0.1)",
  "max_pool((1, 2))",
])("%s: what is written is read as the same options", (call) => {
  const layer = optionsOf(call);
  const text = `${layer?.kind}(${written(layer?.kind ?? "", layer?.options ?? {})})`;
  expect(optionsOf(text)?.options).toEqual(layer?.options);
});
