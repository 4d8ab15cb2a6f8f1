/** What definitions are made of, as their text says. */
import { expect, test } from "@jest/globals";
import type { Declared } from "../../src/names/parts.js";
import { resolve } from "../../src/names/resolve.js";
import { loadSources } from "../../src/names/sources.js";
import { Uses } from "../../src/names/uses.js";
import { builtinNames } from "../../src/operators/index.js";
import { sources } from "../support/specs.js";

const usesIn = (text: string) => {
  const { sourceSet } = loadSources("a.gan", sources({ "a.gan": text }));
  const { resolved } = resolve(sourceSet, builtinNames);
  const uses = new Uses(resolved);
  const named = (name: string): Declared => {
    const found = resolved.definitions.find((one) => one.kind === "declared" && one.name === name);
    if (found?.kind !== "declared") throw new Error(`there is no ${name}`);
    return found;
  };
  const declared = (name: string): readonly string[] =>
    [...uses.behind(named(name))]
      .flatMap((one) => (one.kind === "declared" ? [one.name] : []))
      .sort();
  return { uses, named, declared };
};

test("a definition needs what it names, through all that those name", () => {
  const { declared } = usesIn("param n = 4\nlet a = n\nlet b = a\nlet c = b\nlet d = 1");
  expect(declared("c")).toEqual(["a", "b", "n"]);
  expect(declared("d")).toEqual([]);
});

test("defaults of formals, samplers of expectations and types count", () => {
  const text = `param n = 4
domain X = image(n)
let f(k = n) = conv(k, 3)
objective L = E[x ~ X] norm(x)
net G : X -> X = f() >> tanh`;
  const { declared } = usesIn(text);
  expect(declared("f")).toEqual(["n"]);
  expect(declared("L")).toEqual(["X", "n"]);
  expect(declared("G")).toEqual(["X", "f", "n"]);
});

test("what needs itself ends", () => {
  const { declared } = usesIn("let a = b\nlet b = a");
  expect(declared("a")).toEqual(["a", "b"]);
});

test("inputs that nothing uses are told, but for those that begin with `_`", () => {
  const { uses, named } = usesIn("let f(used, idle, _meant) = map(x => y => used)\nlet map(g) = g");
  expect(uses.unusedInputs(named("f")).map(({ text }) => text)).toEqual(["idle", "x", "y"]);
});

test("divisors are the whole numbers behind `//` and `%`, of all that is needed", () => {
  const { uses, named } = usesIn("param n = 64\nlet a = n // 4\nlet b = a % 3 + n / 7 + n // 1");
  expect([...uses.divisors(named("b"))].sort()).toEqual([3, 4]);
});
