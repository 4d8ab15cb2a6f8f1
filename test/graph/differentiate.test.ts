import { describe, expect, jest, test } from "@jest/globals";
import { gradients } from "../../src/graph/differentiate.js";
import { type Node, ordered } from "../../src/graph/graph.js";
import type { Operator } from "../../src/graph/operator.js";
import { add, mul, sum } from "../../src/graph/operators/arithmetic.js";
import { conv } from "../../src/graph/operators/convolution.js";
import { exp, power, sign, stop, tanh } from "../../src/graph/operators/functions.js";
import { operators } from "../../src/graph/operators/index.js";
import { reshape } from "../../src/graph/operators/shaping.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { maxTake } from "../../src/graph/operators/windows.js";
import { apply, tensorOf } from "./tensors.js";

const gradient = (value: Node, wrt: Node): Node => gradients(value, [wrt]).get(wrt) as Node;
const at = (x: number, f: (x: Node) => Node): number =>
  apply(f, tensorOf([], [x])).data[0] as number;

describe("any order", () => {
  const derivative = (f: (x: Node) => Node, order: number): ((x: Node) => Node) =>
    order === 0 ? f : derivative((x) => gradient(f(x), x), order - 1);

  test("x^5 has the derivatives of x^5, the sixth of which is 0", () => {
    const orders = [0, 1, 2, 3, 4, 5, 6].map((order) =>
      at(
        2,
        derivative((x) => power(x, 5), order),
      ),
    );
    expect(orders).toEqual([32, 80, 160, 240, 240, 120, 0]);
  });

  test("e^x is its own fourth derivative", () => {
    expect(at(1.25, derivative(exp, 4))).toBe(Math.exp(1.25));
  });

  test("the third derivative of tanh", () => {
    const t = Math.tanh(0.7);
    const expected = -2 * (1 - t * t) * (1 - 3 * t * t);
    expect(at(0.7, derivative(tanh, 3))).toBeCloseTo(expected, 13);
  });
});

describe("what is built", () => {
  test("a node read several times gets the sum", () => {
    const f = (x: Node) => mul(mul(x, x), add(x, x));
    expect(at(3, (x) => gradient(f(x), x))).toBe(6 * 9);
  });

  test("a node among those asked for does not end the ways through it", () => {
    const both = (x: Node): readonly Node[] => {
      const y = mul(x, x);
      return [...gradients(mul(y, y), [x, y]).values()];
    };
    expect(at(2, (x) => both(x)[0] as Node)).toBe(32);
    expect(at(2, (x) => both(x)[1] as Node)).toBe(8);
  });

  test("the value's gradient for itself is 1", () => {
    const value = input("x", [1, 1]);
    expect(gradient(value, value)).toEqual(constant(1, [1, 1]));
  });

  test("what the value does not depend on has a gradient of zeros", () => {
    const [x, y] = [input("x", []), input("y", [2, 3])];
    expect(gradient(exp(x), y)).toEqual(constant(0, [2, 3]));
  });

  /** How many nodes of the operator are made meanwhile: each asks the rule of shape once. */
  const made = (operator: string, build: () => void): number => {
    const rule = jest.spyOn(operators.get(operator) as Operator, "shape");
    build();
    const times = rule.mock.calls.length;
    rule.mockRestore();
    return times;
  };

  test("only what is asked for", () => {
    const [x, w] = [input("x", [1, 1, 4, 4]), input("w", [1, 1, 3, 3])];
    const y = conv(x, tanh(w), { stride: 1, pad: 1 });
    const value = reshape(sum(y, [0, 1, 2, 3]), []);
    expect(made("conv_weight", () => gradient(value, x))).toBe(0);
    expect(made("conv_input", () => gradient(value, x))).toBe(1);
    expect(made("conv_weight", () => gradient(value, w))).toBe(1);
    expect(made("conv_input", () => gradient(value, w))).toBe(0);
    expect(made("broadcast", () => gradient(value, input("z", [])))).toBe(0);
  });

  test("stop, sign and places end the way, and nothing is built behind them", () => {
    expect(at(3, (x) => gradient(mul(x, stop(x)), x))).toBe(3);
    const x = input("x", []);
    const image = input("image", [1, 1, 2, 2]);
    const taken = maxTake(image, constant(1, [1, 1, 2, 2]), { kernel: 2, stride: 2, pad: 0 });
    for (const [end, from] of [
      [stop(exp(x)), x],
      [sign(exp(x)), x],
      [reshape(taken, []), image],
    ] as const) {
      const value = exp(end);
      expect(gradient(value, from)).toEqual(constant(0, from.shape));
      expect(made("mul", () => gradient(value, from))).toBe(0);
    }
  });

  test("only a single number has gradients", () => {
    const x = input("x", [2, 1]);
    expect(() => gradients(x, [x])).toThrow("not [2, 1]");
  });
});

describe("labels", () => {
  const x = input("x", [1, 1, 4, 4]);
  const w = input("w", [1, 1, 3, 3]);
  /** A layer's label stands on its last node: the convolution in front of it has none. */
  const layer = { ...add(conv(x, w, { stride: 1, pad: 1 }), constant(1)), label: "G.conv" };
  const end = { ...tanh(layer), label: "G.tanh" };
  const value = reshape(sum(end, [0, 1, 2, 3]), []);

  test("what a rule builds is named after the node, or after the layer that it is in", () => {
    const made = ordered([gradient(value, w)]).filter((node) => !ordered([value]).includes(node));
    const labels = new Map(made.map((node) => [node.operator, node.label]));
    expect(labels.get("conv_weight")).toBe("d G.conv");
    expect(labels.get("mul")).toBe("d G.tanh");
    // before the first label there is none to take
    expect(labels.get("broadcast")).toBeUndefined();
    expect(labels.get("constant")).toBeUndefined();
  });

  test("they leave the nodes that were there alone, and what is shared, shared", () => {
    const made = gradients(value, [x, w]);
    const all = ordered(made.values());
    expect(ordered([value]).filter((node) => all.includes(node))).toContain(end);
    expect(all.filter((node) => node.operator === "tanh")).toEqual([end]);
    const dy = all.filter(({ operator }) => operator.startsWith("conv_"));
    expect(
      new Set(dy.map(({ operator, inputs }) => inputs[operator === "conv_input" ? 0 : 1])).size,
    ).toBe(1);
  });

  test("a derivative's derivative says so", () => {
    const twice = gradient(reshape(sum(gradient(value, x), [0, 1, 2, 3]), []), w);
    expect(ordered([twice]).map((node) => node.label)).toContain("d d G.tanh");
  });
});

describe("size", () => {
  /** How many nodes a chain of so many links, its gradient, and its gradient's gradient have. */
  const sizes = (links: number): readonly number[] => {
    const x = input("x", []);
    let value: Node = x;
    for (let i = 0; i < links; i++) value = tanh(value);
    const first = gradient(value, x);
    const second = gradient(first, x);
    return [value, first, second].map((node) => ordered([node]).length);
  };

  test("a chain of 20,000 nodes is differentiated twice, into nodes in proportion", () => {
    const [half, whole] = [sizes(10_000), sizes(20_000)];
    expect(whole[0]).toBe(20_001);
    whole.forEach((nodes, i) => {
      expect(nodes / (half[i] as number)).toBeCloseTo(2, 2);
    });
    expect(whole[1]).toBeLessThan(6 * 20_000);
    expect(whole[2]).toBeLessThan(30 * 20_000);
  });

  test("ways that branch and meet again are walked once", () => {
    const doubled = (x: Node): Node => {
      let value = x;
      for (let i = 0; i < 60; i++) value = add(value, value);
      return value;
    };
    expect(at(1, (x) => gradient(doubled(x), x))).toBe(2 ** 60);
    const x = input("x", []);
    expect(ordered([gradient(doubled(x), x)]).length).toBeLessThan(100);
  });
});
