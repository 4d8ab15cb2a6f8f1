/** Values of definitions, and what they would be at other values of others. */
import { expect, test } from "@jest/globals";
import type { Declared } from "../../../src/names/parts.js";
import { resolve } from "../../../src/names/resolve.js";
import { loadSources } from "../../../src/names/sources.js";
import { builtinNames } from "../../../src/operators/index.js";
import { Definitions } from "../../../src/types/definitions/definitions.js";
import { intValue, type Value } from "../../../src/types/values/value.js";
import { sources } from "../../support/specs.js";

const text = `param n = 8
let half = n // 2
let other = 3
let over = 12 // (n - 8 + other)
domain X = image(n)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
net H : X -> Scores = conv(1, half)`;

const definitionsOf = (spec: string) => {
  const { sourceSet } = loadSources("a.gan", sources({ "a.gan": spec }));
  const { resolved } = resolve(sourceSet, builtinNames);
  const definitions = new Definitions(resolved, new Map(), () => spec);
  const named = (name: string): Declared => {
    const found = resolved.definitions.find((one) => one.kind === "declared" && one.name === name);
    if (found?.kind !== "declared") throw new Error(`there is no ${name}`);
    return found;
  };
  return { definitions, named };
};

const number = (value: Value): number | undefined =>
  value.kind === "number" ? value.value : undefined;

test("what needs an assumed value is evaluated anew, and the spec stays as it is", () => {
  const { definitions, named } = definitionsOf(text);
  expect(number(definitions.valueOf(named("half")))).toBe(4);
  const kept = definitions.valueOf(named("other"));
  const other = definitions.assuming(new Map([[named("n"), intValue(20)]]));
  expect(number(other.valueOf(named("half")))).toBe(10);
  expect(other.valueOf(named("other"))).toBe(kept);
  expect(number(definitions.valueOf(named("half")))).toBe(4);
  expect(number(definitions.valueOf(named("n")))).toBe(8);
});

test("what is wrong at an assumed value is not told of the spec", () => {
  const { definitions, named } = definitionsOf(text);
  expect(number(definitions.valueOf(named("over")))).toBe(4);
  const other = definitions.assuming(new Map([[named("n"), intValue(5)]]));
  expect(other.valueOf(named("over")).kind).toBe("unknown");
  expect(other.context.diagnostics.map(({ code }) => code)).toEqual(["GAN408"]);
  expect(definitions.context.diagnostics).toEqual([]);
});

test("assumptions may be made over assumptions", () => {
  const { definitions, named } = definitionsOf(text);
  const first = definitions.assuming(new Map([[named("n"), intValue(20)]]));
  const second = first.assuming(new Map([[named("other"), intValue(0)]]));
  expect(number(second.valueOf(named("over")))).toBe(1);
  expect(number(second.valueOf(named("half")))).toBe(10);
});

test("with settings, the networks asked for are traced anew and all others are kept", () => {
  const { definitions, named } = definitionsOf(text);
  for (const name of ["G", "H"]) definitions.valueOf(named(name));
  const other = definitions.withSettings(new Map([[named("n"), "16"]]), new Set(["H"]), 100);
  other.valueOf(named("H"));
  expect(other.traced.get("H")?.output).toEqual([16, 16, 8]);
  expect(definitions.traced.get("H")?.output).toEqual([8, 8, 4]);
});

test("a definition that needs itself is told of once, with the way round", () => {
  const { definitions, named } = definitionsOf("let a = b\nlet b = a");
  expect(definitions.valueOf(named("a")).kind).toBe("unknown");
  const [said, ...others] = definitions.context.diagnostics;
  expect([said?.code, others.length]).toEqual(["GAN203", 0]);
  expect(said?.message).toContain("a → b → a");
});
