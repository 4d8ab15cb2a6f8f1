/** Divisions in losses: refused where the divisor may be 0, and nowhere else. */
import { expect, test } from "@jest/globals";
import { applyEdits } from "../../src/diagnostics/diagnostic.js";
import { analyseText } from "../support/specs.js";

const spec = (body: string): string => `
domain X = image(8, 8, 3)
domain P = image(8, 8, 3, low: 0, high: 1)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(3, 3, pad: 1)
solve { min[G, D] E[x ~ X] l1(G(x), x) * D(x) + E[x ~ X, p ~ P] ${body} * (total(p) + total(x)) }
train { optimizer: adam(2e-4) clip[D]: 1 schedule: constant(1) }`;

const refused = [
  "(1 / D(x))",
  "(1 / norm(D(x)))",
  "(D(x) / (l1(G(x), x)))",
  "(1 / (norm(D(x)) * abs(D(x))))",
  "(1 / (abs(D(x)) * 2 + square(D(x))))",
  "(1 / (x - G(x)))",
  "(total(x) / mean(p))",
  "D(x) ^ -2",
  "(abs(D(x))) ^ -1",
  "(1 / relu(D(x)))",
  "(D(x) / 0)",
  "(1 / (D(x) * D(x)))",
  "(1 / (1 + D(x) * mean(D(x))))",
  // Means by other weights, and of other values, are no variance.
  "(1 / (1 + mean(x * x) - total(x) * total(x)))",
  "(1 / (1 + 2 * mean(blur_pool(2)(x * x) - avg_pool(2)(x) * avg_pool(2)(x))))",
  "(1 / (1 + 2 * mean(avg_pool(2)(x * x) - avg_pool(2)(x) * avg_pool(2)(G(x)))))",
  "(1 / (1 + 2 * mean(max_pool(2)(x * x) - max_pool(2)(x) * max_pool(2)(x))))",
];

const sound = [
  "(1 / exp(D(x)))",
  "(1 / sigmoid(D(x)))",
  "(1 / (norm(D(x)) + 1e-8))",
  "(1 / (1 + square(D(x))))",
  "(1 / -softplus(D(x)))",
  "(D(x) / 2)",
  "(1 / (G(x) + 2))",
  "D(x) ^ 2",
  "(1 + abs(D(x))) ^ -2",
  "(1 / (1 + D(x) * D(x)))",
  "(1 / (0.1 + mean(x * x) - mean(x) * mean(x)))",
  "(1 / (0.1 + mean(square(x)) - mean(x) ^ 2))",
  "(1 / (0.1 + mean(avg_pool(2)(x ^ 2) - square(avg_pool(2)(x)))))",
  "(1 / (0.1 + mean(gaussian_blur(3, 1)(x * G(x) * (x * G(x))) - gaussian_blur(3, 1)(G(x) * x) ^ 2)))",
];

test.each(refused)("%s may divide by 0, and is mended where a number helps", (body) => {
  const text = spec(body);
  const [found, ...others] = analyseText(text).diagnostics;
  expect([found?.code, others]).toEqual(["GAN316", []]);
  if (found?.suggestion === undefined) return;
  expect(analyseText(applyEdits("test.gan", text, found.suggestion.edits)).diagnostics).toEqual([]);
});

test.each(sound)("%s does not", (body) => {
  expect(analyseText(spec(body)).diagnostics).toEqual([]);
});

test("a root of what may be 0 is refused where a gradient passes, and nowhere else", () => {
  const codes = (body: string): readonly string[] =>
    analyseText(
      spec(body).replace(
        "net D :",
        'frozen net V : X -> Scores = conv(1, 2) >> relu from "v.safetensors"\nnet D :',
      ),
    ).diagnostics.map(({ code }) => code);
  for (const body of [
    "sqrt(relu(D(x)))",
    "abs(D(x)) ^ 0.5",
    "sqrt(V(G(x)))",
    "norm(grad(v => sqrt(abs(v)))(x))",
  ])
    expect([body, codes(body)]).toEqual([body, ["GAN318"]]);
  const sound = [
    "sqrt(p)",
    "sqrt(relu(D(x)) + 1e-8)",
    "sqrt(V(x))",
    "sqrt(stop(relu(D(x))))",
    "abs(D(x)) ^ 1.5",
  ];
  for (const body of [...sound, "sqrt(exp(D(x)))", "norm(D(x))"])
    expect([body, codes(body)]).toEqual([body, []]);
});
