/**
 * Types of formals and params that nobody wrote: what follows from the body, or the default, is
 * what the author would have written.
 */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { format } from "../../src/format/format.js";
import { print } from "../../src/graph/print.js";
import { stepProgram } from "../../src/lowering/programs.js";
import { analyseText, readProject, sources, specNames } from "../support/specs.js";

/**
 * With `G`, `min D`, `history = 0` and `param size` for `G : a -> b`, `min D : b -> Scores`,
 * `history : Int = 0`, `param size : Int`.
 */
const stripped = (text: string): string =>
  text
    .replace(/^(param \w+) *: \w+/gm, "$1")
    .replace(/^( *loss \w+\()([^)]*(?:\([^)]*\)[^)]*)*)(\) *=)/gm, (_, head, formals, tail) =>
      [head, formals.replace(/ ?: ?(?:\([^)]*\)|\w+)(?: -> \w+)?/g, ""), tail].join(""),
    );

const withoutTypes: Readonly<Record<string, string>> = Object.fromEntries(
  specNames.map((name) => [name.replace(/^specs\/std/, "std"), stripped(readProject(name))]),
);

const program = (spec: string, files: Readonly<Record<string, string>>): readonly string[] => {
  const { diagnostics, result } = analyse(spec, sources(files));
  const said = diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return result === undefined ? said : [...said, print(stepProgram(result.model))];
};

const games = specNames.filter((name) => !name.startsWith("specs/std/"));

test("what a layer counts by is an Int", () => {
  const { diagnostics } = analyseText(`domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
loss coarse(G, n) = E[x ~ X] l1(avg_pool(n)(G(x)), avg_pool(n)(x))
solve { min[G] coarse(G, 2) }
train { optimizer: adam(1e-3) schedule: constant(1) }`);
  expect(diagnostics).toEqual([]);
});

test("no type is left in the signatures of the losses that are tried", () => {
  const texts = Object.values(withoutTypes).join("\n");
  const signatures = texts.match(/^ *loss \w+\(.*$/gm) ?? [];
  expect(signatures.length).toBeGreaterThan(18);
  expect(signatures.filter((line) => line.split("=")[0]?.includes(":"))).toEqual([]);
});

test.each(games)("%s means the same without them", (spec) => {
  const typed = program(spec, {});
  expect(typed).toHaveLength(1);
  // Every formal is told apart by its place alone: labels name no types.
  expect(program(spec, withoutTypes)).toEqual(typed);
});

/** A game of two networks whose `judge` is this. */
const judged = (judge: string): string => `domain X = image(8)
domain Y = image(8)
domain Z = noise(4)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net H : (X, Z) -> Y = (x, z) => tanh(conv(1, 3)(concat(x, z)))
net D : Y -> Scores = conv(3, 1)
let certain(f, y) = softplus(-f(y))
${judge}
train { optimizer: adam(1e-3) schedule: constant(1) }
`;

/** Signatures as messages show them: by a use that does not fit. */
const shown = (loss: string, use: string): readonly string[] => {
  const text = judged(`${loss}\nsolve { min[G] E[x ~ X] l1(G(x), 0) }\nobjective L = ${use}`);
  return analyse("a.gan", sources({ "a.gan": text })).diagnostics.flatMap(
    ({ message }) => /cannot be `(.*?)`|(`\w+` of .*)/.exec(message)?.slice(1).join("") ?? [],
  );
};

test("a network is from what it is applied to, into what takes what it gives", () => {
  expect(shown("loss l(D, G) = E[x ~ a] D(G(x))", "l(D, D)")).toEqual(["G : a -> b"]);
  expect(shown("loss l(D) = E[y ~ b] certain(D, y)", "l(H)")).toEqual(["D : b -> a"]);
  expect(shown("loss l(D, y) = E[x ~ X] D(G(x))", "l(G, 1)")).toEqual(["D : Y -> a"]);
  expect(shown("loss l(H) = E[x ~ X, z ~ Z] H(x, z)", "l(G)")).toEqual(["H : (X, Z) -> a"]);
  expect(shown("loss l(D) = E[y ~ b] norm(grad(D)(stop(y)))", "l(H)")).toEqual(["D : b -> a"]);
});

test("what counts is an Int, what is not applied a Real", () => {
  const loss = "loss l(G, n, k) = k * E[x ~ a] mean(replay(G(x), n))";
  expect(shown(loss, "l(G, 0.5, 1)")[0]).toContain("takes an Int, not a Real");
  expect(shown(loss, "l(G, 3, D)")[0]).toContain("takes a Real, not the network");
  expect(shown(loss, "l(G, 3, 0.5)")).toEqual([]);
});

test("a loss that is used by another fixes what the other takes", () => {
  const pair = "loss one(D, G) = E[x ~ a] D(G(x))\nloss two(G, D, k) = k * one(D, G)";
  expect(shown(pair, "two(D, D, 1)")).toEqual(["D : b -> c"]);
});

test("a spec without types is laid out as one with them", () => {
  const text = stripped(readProject("specs/cyclegan.gan"));
  const once = format({ name: "a.gan", text });
  expect(once).toMatchObject({ _tag: "Right" });
});

test.each([
  ["loss judge(D, G) = E[x ~ a] G(x)(1)", "GAN307: this is a value of b, which cannot be called"],
  [
    "let gap(v, by) = by(v, 1)\nloss judge(D, G) = E[x ~ a] gap(l1, G(x))",
    "GAN307: this is a value of b, which cannot be called",
  ],
  [
    "loss inner(D) = E[x ~ a] l1(D(x), x)\nloss judge(D, G) = E[x ~ X] inner(G(x))",
    "GAN305: `D` of `inner` takes a network, not a value of a",
  ],
  ["loss judge(D, G) = E[x ~ a] l1(G(D), D(x))", "GAN201: there is no domain `a`"],
])("what a network gives is no network: %s", (judge, said) => {
  const text = judged(`${judge}\nsolve { min[G] judge(D, G) }`);
  expect(program("a.gan", { "a.gan": text })[0]).toBe(said);
});
