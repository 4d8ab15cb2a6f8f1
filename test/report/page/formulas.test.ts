import { expect, test } from "@jest/globals";
import { specFormulas } from "../../../src/report/page/formulas.js";
import { readProject, specNames } from "../../support/specs.js";

const file = (text: string) => [{ name: "a.gan", text }];

/** The letters and signs of a formula, in their order. */
const said = (text: string): readonly string[] =>
  specFormulas(file(text)).map(({ math }) =>
    math.text
      .replaceAll(/<mfrac><mrow>(.*?)<\/mrow><mrow>(.*?)<\/mrow><\/mfrac>/g, "{$1 / $2}")
      .replaceAll(/<[^>]+>/g, "")
      .replaceAll(/&#39;/g, "'"),
  );

const loss = (body: string): string | undefined => said(`loss f(G : a -> b) = ${body}`)[0];

test.each([
  ["E[x ~ a] l1(F(G(x)), x)", "f(G)=𝔼x∼a[‖F(G(x))−x‖1]"],
  ["E[(x, y) ~ pairs(X, Y)] l2(G(x) + 1, y)", "f(G)=𝔼(x,y)∼pairs(X,Y)[‖(G(x)+1)−y‖22]"],
  ["2 * (a + b) - (c - d)", "f(G)=2·(a+b)−(c−d)"],
  ["E[x ~ a] (G(x) + 1) * 2", "f(G)=𝔼x∼a[(G(x)+1)·2]"],
  ["0.5 * (E[x ~ a] G(x) + E[y ~ b] y)", "f(G)=0.5·(𝔼x∼a[G(x)]+𝔼y∼b[y])"],
  ["norm(grad(D)(x)) ^ 2", "f(G)=‖∇D(x)‖2"],
  ["-log(1 - sigmoid(D_Y(x)))", "f(G)=−log(1−σ(DY(x)))"],
  ["lambda * a / (b + 1)", "f(G)={λ·a / b+1}"],
  ["judge(D, history: 50)", "f(G)=judge(D,history:50)"],
])("%s reads as a paper has it", (body, expected) => {
  expect(loss(body)).toBe(expected);
});

test("the game comes first, each player with its networks, phases apart", () => {
  const text = "objective L = gan(G, D)\nsolve { repeat 2 { max[D] L } then min[G, F] L }";
  expect(specFormulas(file(text)).map(({ title }) => title)).toEqual([
    "The game, phase 1",
    "The game, phase 2",
    "L",
  ]);
  expect(said(text)).toEqual(["maxDL", "minG,FL", "L=gan(G,D)"]);
});

test("of an imported file only what is used is shown, once", () => {
  const entry = {
    name: "a.gan",
    text: "loss own(G : a -> b) = m.used(G)\nsolve { min[G] own(G) }",
  };
  const other = {
    name: "b.gan",
    text: "loss own(G : a -> b) = 1\nloss unused(G : a -> b) = 1\nmodule m { loss used(G : a -> b) = 2 }\nsolve { min[F] 3 }",
  };
  expect(specFormulas([entry, other]).map(({ title }) => title)).toEqual([
    "The game",
    "own(G)",
    "m.used(G)",
  ]);
});

test("every spec of the project has its formulas, well-formed and escaped; broken text has none or some", () => {
  for (const name of specNames) {
    const formulas = specFormulas([{ name, text: readProject(name) }]);
    for (const { math } of formulas) {
      const open: string[] = [];
      for (const [, end, tag = "", isEmpty] of math.text.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
        if (end === "/") expect(open.pop()).toBe(tag);
        else if (isEmpty !== "/") open.push(tag);
      }
      expect(open).toEqual([]);
    }
  }
  for (const text of ["", "loss f(", "solve { min[G] <b>", "loss f(G : a -> b) = E[x ~"])
    expect(specFormulas(file(text)).every(({ math }) => !math.text.includes("<b>"))).toBe(true);
});
