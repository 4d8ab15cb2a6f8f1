/** Long chains and long files: an answer in words, and never a stack that overflows. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/index.js";
import { renderDiagnostics } from "../../src/diagnostics/render.js";

const rest = `
domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(4, 1, stride: 2, pad: 1)
solve { min[G] max[D] E[y ~ X] log(sigmoid(D(y))) + E[x ~ X] log(1 - sigmoid(D(G(x)))) }
train { optimizer: adam(2e-4) schedule: constant(1) }
`;

const check = (text: string) =>
  analyse("a.gan", {
    libraries: [],
    read: (name) => (name === "a.gan" ? text : undefined),
  }).diagnostics;

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

const chains: readonly (readonly [string, string])[] = [
  ["lets that name the next", `${lines(2000, (i) => `let p${i} = p${i + 1} + 1`)}\nlet p2000 = 1`],
  ["lets that name the last", `let p0 = 1\n${lines(2000, (i) => `let p${i + 1} = p${i} + 1`)}`],
  ["functions", `let p0(x) = x\n${lines(2000, (i) => `let p${i + 1}(x) = p${i}(x)`)}`],
  ["blocks", `let p0 = relu\n${lines(2000, (i) => `let p${i + 1} = p${i} >> relu`)}`],
  ["a circle", lines(5000, (i) => `let p${i} = p${(i + 1) % 5000} + 1`)],
  [
    "losses",
    `loss p0(g : a -> b) = E[x ~ a] mean(g(x))\n${lines(2000, (i) => `loss p${i + 1}(g : a -> b) = p${i}(g) + 0`)}`,
  ],
  [
    "long expressions in a chain",
    `${lines(40, (i) => `let p${i} = p${i + 1}${" + 1".repeat(100)}`)}\nlet p40 = 1`,
  ],
];

test.each(chains)("a chain of definitions that is too deep is refused: %s", (_, text) => {
  expect(check(text + rest).map(({ code }) => code)).toEqual(["GAN409"]);
});

test("a chain as long as people write is followed", () => {
  const text = `${lines(300, (i) => `let p${i} = p${i + 1} + 1`)}\nlet p300 = 1`;
  expect(check(text + rest).filter(({ severity }) => severity === "error")).toEqual([]);
});

test("a chain of imports that is too long is refused at the import that is too deep", () => {
  const { diagnostics } = analyse("a0.gan", {
    libraries: [],
    read: (name) => `import "a${Number(name.slice(1, -4)) + 1}.gan" (x)\n`,
  });
  expect(diagnostics.map(({ code }) => code)).toEqual(["GAN409"]);
});

test("of a thousand mistakes a report shows the first hundred, errors before warnings", () => {
  const text = lines(500, (i) => `param p${i} = ${i}`) + rest;
  const sources = { colour: false, textOf: () => text };
  const shown = renderDiagnostics(check(text), sources);
  expect(shown.match(/warning\[GAN602\]/g)).toHaveLength(100);
  expect(shown).toContain("… and 400 more\n\n500 warnings\n");
  const wrong = lines(150, (i) => `param p${i} = zz${i}`) + rest;
  expect(check(wrong)).toHaveLength(150);
});

const long = 10_000;
const manyMistakes: readonly (readonly [string, string, string])[] = [
  ["unknown names", "GAN201", `${rest}${lines(long, (i) => `let a${i} = foo${i}(3)`)}`],
  ["one unknown name", "GAN201", `${rest}${lines(long, (i) => `let a${i} = foo(3)`)}`],
  ["unknown domains", "GAN201", `${rest}${lines(long, (i) => `net N${i} : Z${i} -> X = relu`)}`],
  ["declarations that are none", "GAN101", `${rest}${lines(long, (i) => `net = = ${i}`)}`],
  ["paths that are not closed", "GAN102", `${rest}${lines(long, () => 'import "./a')}`],
  ["characters that mean nothing", "GAN102", `${rest}${"@ $ ` ".repeat(long)}`],
];

test.each(manyMistakes)("thousands of mistakes of a kind are answered: %s", (_, code, text) => {
  const found = check(text);
  expect(found.map((one) => one.code)).toContain(code);
  // Each quotes some names at most, not all of the file.
  const length = found.slice(0, 200).map(({ notes }) => notes.join(" ").length);
  expect(Math.max(...length)).toBeLessThan(1000);
});

test("one unknown name in thousands of places is one mistake, whose suggestion mends all of them", () => {
  const found = check(`${rest}${lines(long, (i) => `let a${i} = instance_nrm`)}`);
  expect(found.filter(({ severity }) => severity === "error")).toHaveLength(1);
  const [{ fix, suggestion } = {}] = found;
  expect((fix ?? suggestion)?.edits).toHaveLength(long);
});
