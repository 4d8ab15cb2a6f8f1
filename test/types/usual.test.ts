/** Numbers that nobody trains with are warned of, and those that people do are not. */
import { expect, test } from "@jest/globals";
import { lossFunctions } from "../../src/operators/functions.js";
import { layers } from "../../src/operators/layers.js";
import { recipeWords } from "../../src/operators/recipe.js";
import type { Option } from "../../src/operators/signature.js";
import { analyseText } from "../support/specs.js";

const options: readonly (readonly [string, Option])[] = [
  ...[...layers.values(), ...recipeWords.values()].flatMap(({ name, options }) =>
    options.map((option) => [name, option] as const),
  ),
  ...[...lossFunctions.values()].flatMap(({ name, numbers }) =>
    numbers.map((option) => [name, option] as const),
  ),
];

test("what is usual is allowed, the default among it", () => {
  const known = options.filter(([, { usual }]) => usual !== undefined);
  expect(known.length).toBeGreaterThan(10);
  for (const [name, { name: option, usual, defaultValue, least, most, open }] of known) {
    const allowed = [least ?? -Infinity, most ?? Infinity] as const;
    const common = [usual?.least ?? -Infinity, usual?.most ?? Infinity] as const;
    const isIn = ([low, high]: readonly [number, number], value: number): boolean =>
      low <= value && value <= high;
    const values = [usual?.value ?? 0, Number(defaultValue ?? usual?.value)];
    expect([name, option, values.filter((v) => !isIn(common, v) || !isIn(allowed, v))]).toEqual([
      name,
      option,
      [],
    ]);
    // A bound that the option has anyway says nothing.
    const says = [
      usual?.least !== undefined && usual.least > (least ?? -Infinity),
      usual?.most !== undefined && usual.most < (most ?? Infinity),
    ];
    expect([name, option, says.includes(true), open]).toEqual([name, option, true, open]);
    expect(usual?.why).toMatch(/^[A-Z].*\.$/);
  }
});

const found = (train: string, layer = "relu"): readonly string[] => {
  const text = `import std.losses (lsgan)
param lr : Real = 2e-4
domain X = image(8)
net G : X -> X = conv(3, 8, pad: 1) >> ${layer} >> conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(3, 1)
solve { min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G) }
expect lr < 1
train { schedule: constant(2) ${train} }`;
  return analyseText(text).diagnostics.map(
    ({ code, span, suggestion }) =>
      `${code} ${text.slice(span.start, span.end)} ${suggestion?.edits[0]?.text ?? ""}`,
  );
};

test("rates, decays and inits of papers are silent", () => {
  for (const optimizer of [
    "adam(2e-4, beta1: 0.5)",
    "adam(lr)",
    "adam(1e-4, beta1: 0, beta2: 0.9)",
    "adam(2e-3, beta1: 0, beta2: 0.99)",
    "adam(5e-5, 0.9, 0.999, 1e-6)",
    "rmsprop(5e-5)",
    "rmsprop(1e-4, decay: 0.99)",
    "sgd(0.1, momentum: 0.9)",
    "sgd(1)",
  ])
    expect([optimizer, found(`optimizer: ${optimizer}`)]).toEqual([optimizer, []]);
  expect(found("optimizer: adam(2e-4) init: normal(0, 1) clip[D]: 0.01")).toEqual([]);
  for (const layer of ["leaky_relu(0.3)", "dropout(0.8)", "instance_norm(epsilon: 1e-3)"])
    expect([layer, found("optimizer: adam(2e-4)", layer)]).toEqual([layer, []]);
});

test("others are warned of, with what is usual", () => {
  expect(found("optimizer: adam(2)")).toEqual(["GAN411 2 0.0002"]);
  expect(found("optimizer: adam(1000 * lr)")).toEqual(["GAN411 1000 * lr "]);
  expect(found("optimizer: adam(1e-12)")).toEqual(["GAN411 1e-12 0.0002"]);
  expect(found("optimizer: adam(2e-4, 0.999, 0.5)")).toEqual(["GAN411 0.999 0.5"]);
  expect(found("optimizer: adam(2e-4, beta1: 0.1, beta2: 0.1)")).toEqual(["GAN411 0.1 0.999"]);
  expect(found("optimizer: rmsprop(5e-5, epsilon: 10)")).toEqual(["GAN411 10 1e-8"]);
  expect(found("optimizer: sgd(0.1, momentum: 0.99999)")).toEqual(["GAN411 0.99999 0.9"]);
  expect(found("optimizer: adam(2e-4) init: normal(0.5, 30)")).toEqual([
    "GAN411 0.5 0",
    "GAN411 30 0.02",
  ]);
  expect(found("optimizer: adam(2e-4) clip[D]: 100")).toEqual(["GAN411 100 0.01"]);
  expect(found("optimizer: adam(2e-4)", "leaky_relu(1)")).toEqual(["GAN411 1 0.2"]);
  expect(found("optimizer: adam(2e-4)", "dropout(0.97)")).toEqual(["GAN411 0.97 0.5"]);
  expect(found("optimizer: adam(2e-4)", "batch_norm(epsilon: 1)")).toEqual(["GAN411 1 0.00001"]);
});

test("what is refused is not warned of besides", () => {
  expect(found("optimizer: adam(2e-4, beta1: 1)")).toEqual(["GAN403 1 "]);
  expect(found("optimizer: adam(2e-4)", "leaky_relu(20)")).toEqual(["GAN403 20 "]);
});
