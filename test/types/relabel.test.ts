/**
 * `as`: a narrower range fits a wider one, and a wider one is brought into it by what the message
 * says.
 */
import { expect, test } from "@jest/globals";
import { applyEdits } from "../../src/diagnostics/diagnostic.js";
import { analyseText } from "../support/specs.js";

const domains = {
  unit: "image(8, low: 0, high: 1)",
  image: "image(8)",
  half: "image(8, low: -0.5, high: 0.5)",
  bytes: "image(8, low: 0, high: 255)",
  part: "uniform(3, low: 0.25, high: 0.75, height: 8)",
  noise: "noise(3, 8, 8)",
  features: "features(8, 8, 3)",
} as const;

type Name = keyof typeof domains;

/** From, to: a value of the one counts as one of the other. */
const fits: readonly (readonly [Name, Name])[] = [
  ["unit", "image"],
  ["half", "image"],
  ["part", "unit"],
  ["unit", "bytes"],
  ["image", "noise"],
  ["bytes", "noise"],
  ["part", "noise"],
  ["noise", "noise"],
  ["image", "features"],
  ["noise", "features"],
  ["features", "image"],
  ["features", "noise"],
];

const refused: readonly (readonly [Name, Name, string])[] = [
  ["image", "unit", "(0.5 * x + 0.5)"],
  ["bytes", "image", `(${Number((2 / 255).toPrecision(12))} * x - 1)`],
  ["image", "bytes", "(127.5 * x + 127.5)"],
  ["image", "half", "(0.5 * x)"],
  ["part", "half", "(2 * x - 1)"],
  ["unit", "half", "(x - 0.5)"],
  ["noise", "image", "clamp(x, -1, 1)"],
  ["noise", "part", "clamp(x, 0.25, 0.75)"],
];

/** A value of X that is drawn, or made where nothing can be drawn, as one of Y. */
const spec = (from: Name, to: Name): string => `domain X = ${domains[from]}
domain Y = ${domains[to]}
domain P = image(8)
net F : P -> X = conv(3, 3, pad: 1) >> relu >> conv(3, 3, pad: 1) >> ${from === "image" ? "tanh" : "sigmoid"}
net D : Y -> Scores = conv(3, 1, pad: 1)
let judge(x) = square(D(x as Y))
solve { min[F, D] ${from === "features" ? "" : "E[x ~ X] judge(x) + "}E[p ~ P] judge(F(p)) }
train { optimizer: adam(1e-4) schedule: constant(2) }`;

const found = (text: string) =>
  analyseText(text).diagnostics.filter(({ code }) => code !== "GAN313");

test.each(fits)("a value of %s counts as one of %s", (from, to) => {
  expect(found(spec(from, to))).toEqual([]);
});

test.each(refused)("a value of %s does not count as one of %s, and %s does", (from, to, inside) => {
  const text = spec(from, to);
  const [first, ...others] = found(text);
  expect([first?.code, others]).toEqual(["GAN306", []]);
  const mended = applyEdits("test.gan", text, first?.suggestion?.edits ?? []);
  expect(mended).toContain(`D(${inside} as Y)`);
  expect(found(mended)).toEqual([]);
});

test("names stay apart, whatever the ranges", () => {
  const [first] = found(spec("unit", "image").replace("x as Y", "x"));
  expect(first?.code).toBe("GAN301");
});

test("a type variable is not one domain, and nothing is written for it", () => {
  const text = `domain X = image(8)
domain P = image(8, low: 0, high: 1)
net G : X -> P = conv(3, 3, pad: 1) >> sigmoid
net F : P -> X = conv(3, 3, pad: 1) >> tanh
loss same(G : a -> b) = E[y ~ b] l1(G(y as a), y)
solve { min[G, F] same(F) + same(G) }
train { optimizer: adam(1e-4) schedule: constant(2) }`;
  const all = found(text);
  expect(all.map(({ code, suggestion }) => [code, suggestion])).toEqual([["GAN306", undefined]]);
  expect(found(text.replace(" + same(G)", " + E[x ~ X] l1(F(G(x)), x)"))).toEqual(all);
  expect(found(text.replace("same(F) + ", "E[x ~ X] l1(F(G(x)), x) + "))).toEqual([]);
});
