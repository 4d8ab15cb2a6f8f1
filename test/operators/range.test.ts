/**
 * Rules of ranges against values: no value is outside, and the ends are reached as nearly as an end
 * can be.
 */
import { expect, test } from "@jest/globals";
import { impossible } from "../../src/base/impossible.js";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Node } from "../../src/graph/graph.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import type { HostDraws } from "../../src/operators/functions.js";
import { lossFunctions } from "../../src/operators/functions.js";
import { layers } from "../../src/operators/layers.js";
import {
  between,
  closed,
  isWithin,
  minus,
  notNegative,
  over,
  plus,
  positive,
  powered,
  type Range,
  reals,
  showRange,
  times,
} from "../../src/operators/range.js";
import { tensorOf } from "../graph/tensors.js";

const ranges: readonly Range[] = [
  closed(-1, 1),
  between(-1, 1),
  closed(0, 1),
  between(0, 1),
  { low: 0, high: 2, lowOpen: false, highOpen: true },
  closed(-3, -1),
  between(-2, 0),
  closed(0.5, 4),
  closed(-0.5, 1.5),
  notNegative,
  positive,
  reals,
];

/** So near to an open end that the difference does not show. */
const almost = 1e-12;
/**
 * For infinity: functions that are bounded are at their bounds there, and no exponential overflows.
 */
const far = 300;

/** Values of a range: its ends or what is next to them, and some between. */
const samples = ({ low, high, lowOpen, highOpen }: Range): readonly number[] => {
  const first = low === -Infinity ? -far : lowOpen ? low + almost : low;
  const last = high === Infinity ? far : highOpen ? high - almost : high;
  const between = [0.11, 0.25, 0.5, 0.73, 0.9].map((t) => first + t * (last - first));
  // Where what turns is least and greatest.
  const quarters = [-4, -3, -2, -1, 1, 2, 3, 4].map((k) => (k * Math.PI) / 2);
  return [first, ...between, last, ...(low < 0 && high > 0 ? [0, -0.3, 0.3] : []), ...quarters]
    .filter((v) => v >= first && v <= last)
    .sort((a, b) => a - b);
};

/** Rounding may carry a value as far as an open end. */
const holds = (range: Range, value: number): boolean => {
  const slack = 1e-9 * Math.max(1, Math.abs(value));
  return value >= range.low - slack && value <= range.high + slack;
};

const check = (rule: Range, values: readonly number[], finite: boolean): void => {
  for (const value of values) expect([value, showRange(rule), holds(rule, value)]).toContain(true);
  if (!finite) return;
  const close = (end: number, value: number): void => {
    if (Number.isFinite(end)) expect(Math.abs(end - value)).toBeLessThan(1e-5);
  };
  close(rule.low, Math.min(...values));
  close(rule.high, Math.max(...values));
};

const computed = (of: (x: Node) => Node, values: readonly number[], shape: readonly number[]) => {
  const x = input("x", shape);
  const graph = { name: "test", inputs: [x], outputs: new Map([["y", of(x)]]) };
  return [...(evaluate(graph, new Map([["x", tensorOf(shape, values)]])).get("y")?.data ?? [])];
};

const pointwise = [...lossFunctions.values()].filter(({ kind }) => kind === "pointwise");

/** No pointwise function asks the host for anything. */
const noHost: HostDraws = { places: () => impossible("places") };

test.each(pointwise.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => {
  for (const range of ranges) {
    if (entry.definedOn !== undefined && !isWithin(range, entry.definedOn)) continue;
    const values = samples(range);
    const one = input("x", [values.length]);
    check(
      entry.range(range),
      computed((x) => entry.graph([x, one], [], noHost), values, [values.length]),
      true,
    );
  }
});

/** Layers that keep the shape, have no parameters and need no options. */
const activations = [...layers.values()].filter(
  (layer) =>
    layer.options.every(({ defaultValue }) => defaultValue !== undefined) &&
    layer.parameters([4, 4, 1], {}, []).length === 0 &&
    JSON.stringify(layer.shape([4, 4, 1], {}, [])).includes("[4,4,1]") &&
    !layer.name.endsWith("_norm"),
);

test.each(activations.map((layer) => [layer.name, layer] as const))("layer %s", (_, layer) => {
  const options = Object.fromEntries(
    layer.options.map(({ name, defaultValue }) => [name, defaultValue ?? 0]),
  );
  for (const range of ranges) {
    const values = samples(range);
    const shape = [1, 1, 1, values.length];
    // What is random is tried with every number dropped, and with none.
    const chances = layer.isRandom === true ? [0, 1] : [0];
    const made = chances.flatMap((chance) =>
      computed(
        (x) => layer.graph(x, { chance: constant(chance) }, options, [1, values.length, 1]),
        values,
        shape,
      ),
    );
    // How near softmax comes to its ends depends on how many channels there are.
    check(layer.range(range, options), made, layer.name !== "softmax");
  }
});

test.each([
  ["+", plus, (a: number, b: number) => a + b],
  ["-", minus, (a: number, b: number) => a - b],
  ["*", times, (a: number, b: number) => a * b],
  ["/", over, (a: number, b: number) => a / b],
] as const)("a %s b", (operator, rule, of) => {
  for (const a of ranges)
    for (const b of ranges) {
      const values = samples(a).flatMap((x) =>
        samples(b).flatMap((y) => (operator === "/" && y === 0 ? [] : [of(x, y)])),
      );
      check(rule(a, b), values, operator !== "/");
    }
});

test.each([1, 2, 3, 0.5, -1, -2])("a ^ %d", (exponent) => {
  for (const range of ranges) {
    if (!Number.isInteger(exponent) && !isWithin(range, notNegative)) continue;
    const values = samples(range).filter((x) => x !== 0 || exponent > 0);
    check(
      powered(exponent)(range),
      values.map((x) => x ** exponent),
      exponent > 0,
    );
  }
});

test("ends: what is reached is closed, what is only approached is open", () => {
  const of = (name: string, range: Range) =>
    showRange(lossFunctions.get(name)?.range(range) ?? reals);
  expect(of("sigmoid", reals)).toBe("(0, 1)");
  expect(of("relu", reals)).toBe("[0, inf)");
  expect(of("relu", between(-2, 0))).toBe("[0, 0]");
  expect(of("square", between(-2, 1))).toBe("[0, 4)");
  expect(of("abs", closed(-2, -1))).toBe("[1, 2]");
  expect(of("log", between(0, 1))).toBe("(-inf, 0]");
  expect(showRange(times(between(0, 1), between(0, 1)))).toBe("[0, 1)");
  expect(showRange(times(between(0, 1), closed(-1, 1)))).toBe("(-1, 1)");
  expect(showRange(times(notNegative, notNegative))).toBe("[0, inf)");
  expect(showRange(times(positive, notNegative))).toBe("[0, inf)");
  expect(showRange(reals)).toBe("all reals");
});

test("what rounds to 1 leaves 0 of 1, and has a logarithm of 0", () => {
  const one = closed(1, 1);
  // In float32 the sigmoid of 18 is 1, and the hyperbolic tangent of 9.1.
  expect(Math.fround(1 / (1 + Math.exp(-18)))).toBe(1);
  expect(Math.fround(Math.tanh(9.1))).toBe(1);
  expect(showRange(minus(one, between(0, 1)))).toBe("[0, 1)");
  expect(showRange(plus(one, between(-1, 1)))).toBe("[0, 2)");
  expect(showRange(plus(positive, between(0, 1)))).toBe("(0, inf)");
  const log = lossFunctions.get("log")?.range ?? impossible("there is no log");
  expect(showRange(log(plus(one, positive)))).toBe("[0, inf)");
});
