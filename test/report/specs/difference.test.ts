/**
 * How two specs differ in meaning: nothing where only names of files, order and ways of writing do.
 */
import { expect, test } from "@jest/globals";
import { analyse } from "../../../src/compiler/frontend.js";
import { difference, isSame, type Side } from "../../../src/report/specs/difference.js";
import { differenceText } from "../../../src/report/specs/difference-text.js";
import { compared } from "../../../src/report/specs/sequences.js";
import { constructs } from "../../support/constructs.js";
import { readProject, render, sources } from "../../support/specs.js";

const sideOf = (entry: string, files: Readonly<Record<string, string>> = {}): Side => {
  const { diagnostics, sourceSet, result } = analyse(entry, sources(files));
  if (result === undefined) throw new Error(render(diagnostics, files));
  return {
    model: result.model,
    quote: ({ file, start, end }) =>
      (sourceSet.files.get(file)?.text ?? "").slice(start, end).replaceAll(/\s+/g, " "),
  };
};

/** Without its `expect`s, which are about the numbers that edits change. */
const flagship = readProject("specs/cyclegan.gan").replaceAll(/^expect .*$/gm, "");

/** The flagship beside the same with one text put for another. */
const edited = (from: string, to: string): ReturnType<typeof difference> => {
  expect(flagship).toContain(from);
  const other = { "specs/other.gan": flagship.replace(from, to) };
  return difference(sideOf("specs/cyclegan.gan"), sideOf("specs/other.gan", other));
};

test("CycleGAN and how the paper trains it differ by what each network learns by, and nothing else", () => {
  const found = difference(sideOf("specs/cyclegan.gan"), sideOf("specs/cyclegan-lsgan.gan"));
  expect(differenceText(found)).toBe(`Objectives
  G minimises lsgan.fool(G, D_Y) and 5 * identity(G, F), no longer
    gan(G, D_Y); 10 * cycle(G, F) stays.
  F minimises lsgan.fool(F, D_X) and 5 * identity(G, F), no longer
    gan(F, D_X); 10 * cycle(G, F) stays.
  D_X minimises lsgan.judge(D_X, F, history: 50); it maximised gan(F, D_X).
  D_Y minimises lsgan.judge(D_Y, G, history: 50); it maximised gan(G, D_Y).
`);
});

test.each(Object.entries(constructs))("%s is the same as itself in another file", (_, text) => {
  const files = { "a.gan": text, "b/other.gan": text };
  const found = difference(sideOf("a.gan", files), sideOf("b/other.gan", files));
  expect(found).toMatchObject({
    params: [],
    domains: [],
    networks: [],
    objectives: [],
    step: [],
    recipe: [],
  });
  expect(isSame(found)).toBe(true);
});

test("a formula written in another way is the same", () => {
  const ways: readonly (readonly [string, string])[] = [
    ["+ lambda * cycle(G, F)", "+ cycle(G, F) * lambda"],
    ["objective L = gan(G, D_Y) + gan(F, D_X)", "objective L = gan(F, D_X) + gan(G, D_Y)"],
    ["min[G, F] max[D_X, D_Y] L", "min[F] L min[G] L max[D_Y, D_X] L"],
    ["min[G, F] max[D_X, D_Y] L", "min[G, F] L min[D_X, D_Y] -L"],
    ["let patchgan =", "let unused = relu\nlet patchgan ="],
    ["loss cycle(G : a -> b, F : b -> a)", "loss cycle(H : u -> v, K : v -> u)"],
  ];
  for (const [from, to] of ways) {
    const rename = to.includes("H : u");
    const found = rename
      ? edited(
          `${from} =\n  E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y)`,
          `${to} =\n  E[p ~ u] l1(K(H(p)), p) + E[q ~ v] l1(H(K(q)), q)`,
        )
      : edited(from, to);
    expect({ to, same: isSame(found), found }).toMatchObject({ same: true });
  }
});

test("a weight, a term's sign, a draw and a number inside of a loss each count", () => {
  const weight = edited("+ lambda * cycle(G, F)", "+ 2 * lambda * cycle(G, F)");
  expect(weight.objectives.map(({ network, reweighted }) => [network, reweighted])).toEqual(
    ["G", "F"].map((network) => [network, [{ text: "cycle(G, F)", before: 10, after: 20 }]]),
  );
  const sign = edited("min[G, F] max[D_X, D_Y] L", "min[G, F] L min[D_X, D_Y] L");
  expect(differenceText(sign)).toContain("D_X minimises gan(F, D_X); it maximised gan(F, D_X).");
  expect(isSame(edited("l1(F(G(x)), x)", "l1(F(G(x)), F(G(x)))"))).toBe(false);
  expect(isSame(edited("log(1 - sigmoid(D(G(x))))", "log(2 - sigmoid(D(G(x))))"))).toBe(false);
});

test("layers that come, go and change are told apart", () => {
  const looser = edited("conv(7, k) >> instance_norm", "conv(7, k) >> instance_norm(1e-3)");
  expect(looser.networks[0]).toEqual({
    name: "G",
    type: { before: "X -> Y", after: "X -> Y" },
    facts: [],
    layers: [{ before: ["instance_norm"], after: ["instance_norm(epsilon: 0.001)"] }],
  });
  const deeper = edited("param blocks : Int  = 9 ", "param blocks : Int  = 10 ");
  expect(deeper.networks[0]?.facts.map(({ name }) => name)).toEqual([
    "parameters",
    "receptive field",
  ]);
  expect(
    deeper.networks[0]?.layers.map(({ before, after }) => [before.length, after.length]),
  ).toEqual([[0, 8]]);
  const text = differenceText(
    edited("leaky_relu(0.2) >>\n  C(2 * ndf)", "leaky_relu(0.2) >> identity >>\n  C(2 * ndf)"),
  );
  expect(text).toBe(`Networks
  D_X : X -> Scores
  D_Y : Y -> Scores
    adds identity
`);
});

test("the order of a step and how often it repeats", () => {
  const found = edited(
    "min[G, F] max[D_X, D_Y] L",
    "repeat 5 { max[D_X, D_Y] L } then min[G, F] L",
  );
  expect(differenceText(found)).toBe(
    "Step\n  a step moves: D_X, D_Y 5 times, then F, G, was all at once\n",
  );
});

test("params, domains and the recipe by field", () => {
  const found = edited("batch:     1", "batch:     4\n  average:   0.99");
  expect(found.recipe).toEqual([
    { name: "batch", before: "1", after: "4" },
    { name: "average", after: "0.99" },
  ]);
  expect(edited("Real = 10 ", "Real = 5 ").params).toEqual([
    { name: "lambda", before: "10", after: "5" },
  ]);
  const one = constructs["one-player"] ?? "";
  const files = { "a.gan": one, "b.gan": one.replace("image(4)", "image(8)") };
  expect(difference(sideOf("a.gan", files), sideOf("b.gan", files)).domains).toEqual([
    { name: "X", before: "image, 4x4x3, [-1, 1]", after: "image, 8x8x3, [-1, 1]" },
  ]);
});

test("the text keeps to 80 columns", () => {
  const text = differenceText(difference(sideOf("specs/cyclegan.gan"), sideOf("specs/emoji.gan")));
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain("  G : Noto -> Fluent, was X -> Y\n  F : Fluent -> Noto, was Y -> X\n");
});

test("stretches of two sequences put together are the sequences", () => {
  const [a, b] = ["abcabba", "cbabac"].map((text) => [...text]);
  const stretches = compared(a ?? [], b ?? [], (letter) => letter);
  expect(stretches.flatMap(({ before }) => before).join("")).toBe("abcabba");
  expect(stretches.flatMap(({ after }) => after).join("")).toBe("cbabac");
  const common = stretches.filter(({ kind }) => kind === "same").flatMap(({ before }) => before);
  expect(common).toHaveLength(4);
});
