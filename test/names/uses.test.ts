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
  expect([...uses.divisors(named("n"), named("b"))].sort()).toEqual([3, 4]);
});

/** A divisor for each way by which a number of `f` may come to where it is divided. */
const divided = `param n = 64
param m = 8
domain X = image(n)
let f(k, l = 2, r = m // 29) = conv(k // 2, l // 3, r // 5)
let direct = f(n, l: m)
let fixed(side) = conv(side // 7, side // 11)
let always = fixed(4)
let given(by) = by(n)
let handed = given(inner)
let inner(k) = conv(k // 13, 1)
let around(k) = let half(j) = j // 17 in let h = half(k) in conv(h // 19, 1)
let within = around(n)
let lambda = (k => conv(k // 23, 1))(m)
loss l(G : a -> X, s : Int) = E[x ~ a] norm(replay(G(x), s // 31))
objective L = l(G, m)
net G : X -> X = direct >> always >> handed >> within >> lambda >> conv(shape(G) // 37, m // 41)`;

test("a divisor counts for the params that it may divide, however they come there", () => {
  const { uses, named } = usesIn(divided);
  const counted = (param: string): readonly number[] =>
    [...uses.divisors(named(param), named("G")), ...uses.divisors(named(param), named("L"))]
      .filter((d, i, all) => all.indexOf(d) === i)
      .sort((a, b) => a - b);
  const never = [7, 11];
  const known: Readonly<Record<string, readonly number[]>> = {
    n: [2, 13, 17, 19, 23, 37],
    m: [3, 5, 13, 23, 29, 31, 37, 41],
  };
  for (const [param, divisors] of Object.entries(known)) {
    expect(counted(param)).toEqual(divisors);
    expect(divisors.filter((d) => never.includes(d))).toEqual([]);
  }
});
