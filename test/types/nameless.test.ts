/**
 * What is drawn without a declaration is called as people write it, in messages, pictures and
 * comparisons.
 */
import { expect, test } from "@jest/globals";
import { writtenDomain } from "../../src/program/nameless.js";
import { analyseText, modelOf } from "../support/specs.js";

const spec = (drawn: string, use = "mean(n)"): string => `domain X = image(8)
domain Z = noise(3)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(3, 1, pad: 1)
net E : X -> Z = dense(3)
solve { min[G, D, E] E[x ~ X, n ~ ${drawn}, z ~ Z] (l1(G(x), x) * ${use} + square(D(x)) + norm(E(x)) + total(z)) }
train { optimizer: adam(1e-4) schedule: constant(2) }`;

test.each([
  ["noise(3)", "noise(3)"],
  ["noise(channels: 3)", "noise(3)"],
  ["noise(3, 32)", "noise(3, 32, 32)"],
  ["noise(3, width: 2)", "noise(3, 1, 2)"],
  ["uniform(2)", "uniform(2)"],
  ["uniform(1, low: 0.8, high: 1.1)", "uniform(1, low: 0.8, high: 1.1)"],
  ["uniform(1, high: 0.2)", "uniform(1, high: 0.2)"],
  ["uniform(1, -1)", "uniform(1, low: -1)"],
  ["uniform(1, -1e-7, 1e-7)", "uniform(1, low: -1e-7, high: 1e-7)"],
  ["uniform(3, height: 4)", "uniform(3, height: 4)"],
  ["uniform(3, -1, 1, 4, 5)", "uniform(3, low: -1, height: 4, width: 5)"],
])("%s is called %s, which says the same", (drawn, shown) => {
  const named = (text: string): string | undefined =>
    modelOf(spec(text)).domains.find(({ name }) => name !== "X" && name !== "Z")?.name;
  const name = named(drawn);
  expect(writtenDomain(name ?? "")).toBe(shown);
  expect(named(shown)).toBe(name);
});

test("messages call it so", () => {
  const [found] = analyseText(spec("noise(3, 8, 8)", "l1(G(x), n)")).diagnostics;
  expect([found?.code, found?.message]).toEqual([
    "GAN301",
    "`l1` compares a value of X with one of noise(3, 8, 8)",
  ]);
});

test("noise is a target that nobody forgot to pair, but where a network was to give it", () => {
  const codes = (drawn: string, use: string): readonly string[] =>
    analyseText(spec(drawn, use)).diagnostics.map(({ code }) => code);
  expect(codes("uniform(1, low: 0.8, high: 1.1)", "l2(D(x), n)")).toEqual([]);
  expect(codes("noise(3)", "l1(E(x) * 1, n * 1)")).toEqual([]);
  expect(codes("noise(3)", "(l1(E(x), z) + mean(n))")).toEqual(["GAN606"]);
});
