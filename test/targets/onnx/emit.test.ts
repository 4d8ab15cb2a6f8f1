/** The ONNX model of a graph: its names, its sharing, its bytes. */
import { expect, test } from "@jest/globals";
import { openProgram } from "../../../src/engines/onnx/runtime.js";
import { evaluate } from "../../../src/graph/evaluate.js";
import type { Graph, Node } from "../../../src/graph/graph.js";
import { add, mul, sub } from "../../../src/graph/operators/arithmetic.js";
import { exp, stop, tanh } from "../../../src/graph/operators/functions.js";
import { inverseDeviation, standardize } from "../../../src/graph/operators/normalisation.js";
import { reshape, transpose } from "../../../src/graph/operators/shaping.js";
import { constant, input } from "../../../src/graph/operators/sources.js";
import { emitOnnx } from "../../../src/targets/onnx/emit.js";
import { encodeOnnx } from "../../../src/targets/onnx/encode.js";
import type { OnnxModel } from "../../../src/targets/onnx/model.js";
import { drawSingle, info, runOnnx } from "./run.js";

const graphOf = (inputs: readonly Node[], outputs: Readonly<Record<string, Node>>): Graph => ({
  name: "test",
  inputs,
  outputs: new Map(Object.entries(outputs)),
});

const x = input("x", [2, 3]);
const y = input("y", [2, 3]);
const types = (model: OnnxModel): readonly string[] => model.nodes.map(({ type }) => type);

test("inputs and outputs keep names, shapes and order; an input that nothing needs stays", () => {
  const model = emitOnnx(graphOf([y, x], { z: exp(x), a: tanh(x) }), info);
  expect(model.inputs).toEqual([
    { name: "y", shape: [2, 3] },
    { name: "x", shape: [2, 3] },
  ]);
  expect(model.outputs.map(({ name }) => name)).toEqual(["z", "a"]);
  expect(model.nodes.map(({ outputs }) => outputs)).toEqual([["a"], ["z"]]);
});

test("equal nodes of equal inputs are written once, and so are equal constants", () => {
  const model = emitOnnx(
    graphOf([x], { z: mul(add(exp(x), constant(2)), sub(exp(x), constant(2))) }),
    info,
  );
  expect(types(model)).toEqual(["Exp", "Sub", "Add", "Mul"]);
  expect(model.initializers).toHaveLength(1);
});

test("what is normalised and by how much come from one node", () => {
  const model = emitOnnx(
    graphOf([x], { z: standardize(x, [1], 1e-5), r: inverseDeviation(x, [1], 1e-5) }),
    info,
  );
  expect(types(model)).toEqual(["LayerNormalization"]);
});

test("values are named after the labels of their nodes, once each", () => {
  const named = (node: Node, label: string): Node => ({ ...node, label });
  const a = named(exp(x), "G.first");
  const b = named(tanh(a), "G.first");
  const c = named(exp(b), "G.first");
  const model = emitOnnx(graphOf([x], { out: add(add(a, b), c) }), info);
  expect(model.nodes.map(({ outputs }) => outputs[0])).toEqual([
    "G.first/Exp",
    "G.first/Tanh",
    "G.first/Exp_2",
    "Add",
    "out",
  ]);
});

test("an output that is an input, a constant, another output or an input of others gets a value of its own", async () => {
  const e = exp(x);
  const graph = graphOf([x], {
    input: x,
    constant: constant(3, [2]),
    first: e,
    second: e,
    stopped: stop(x),
    later: tanh(e),
  });
  const feeds = new Map([["x", drawSingle([2, 3], "any", 3, "x")]]);
  const found = await runOnnx(graph, feeds);
  for (const [name, { shape, data }] of evaluate(graph, feeds)) {
    expect(found.get(name)?.shape).toEqual(shape);
    data.forEach((value, i) => {
      expect(found.get(name)?.data[i]).toBeCloseTo(value, 6);
    });
  }
});

test("a value never takes the name of an input or output", async () => {
  const odd = input("Exp", [2, 3]);
  const graph = graphOf([odd], { Tanh: exp(tanh(exp(odd))) });
  const names = emitOnnx(graph, info).nodes.flatMap(({ outputs }) => outputs);
  expect(names).toEqual(["Exp_2", "Tanh_2", "Tanh"]);
  const feeds = new Map([["Exp", drawSingle([2, 3], "any", 3, "x")]]);
  const [expected] = [...evaluate(graph, feeds).values()];
  const found = (await runOnnx(graph, feeds)).get("Tanh");
  found?.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected?.data[i] as number, 5);
  });
});

test("two inputs or outputs of one name are refused", () => {
  expect(() => emitOnnx(graphOf([x], { x: exp(x) }), info)).toThrow(
    "x names two inputs or outputs of one graph.",
  );
});

test("open shapes are defaults that nobody has to feed, and the values are the same", async () => {
  const graph = graphOf([x], { z: exp(reshape(transpose(tanh(x), [1, 0]), [6])) });
  const open = emitOnnx(graph, info, { openShapes: true });
  const [shape] = open.nodes.flatMap(({ type, inputs }) => (type === "Reshape" ? [inputs[1]] : []));
  expect(open.defaults).toEqual([shape]);
  expect({ ...open, defaults: [] }).toEqual(emitOnnx(graph, info));
  const feeds = new Map([["x", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]]);
  const program = await openProgram(encodeOnnx(open));
  try {
    const [found] = [...(await program.run(feeds)).values()];
    expect(found?.shape).toEqual([6]);
    const expected = [1, 4, 2, 5, 3, 6].map((value) => Math.exp(Math.tanh(value)));
    expected.forEach((value, i) => {
      expect((found?.data[i] ?? 0) / value).toBeCloseTo(1, 4);
    });
  } finally {
    program.dispose();
  }
});

test("the same graph gives the same bytes, another one others", () => {
  const bytes = (value: number): Uint8Array =>
    encodeOnnx(emitOnnx(graphOf([x], { z: mul(exp(x), constant(value)) }), info));
  expect(bytes(2)).toEqual(bytes(2));
  expect(bytes(2)).not.toEqual(bytes(3));
});

/**
 * The fields of one message as the wire format has them: numbers of its own for lengths and
 * varints.
 */
const fieldsOf = (bytes: Uint8Array): readonly (readonly [number, Uint8Array | number])[] => {
  const fields: [number, Uint8Array | number][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 2) {
      const length = varint();
      fields.push([tag >> 3, bytes.subarray(at, at + length)]);
      at += length;
    } else fields.push([tag >> 3, varint()]);
  }
  return fields;
};

test("the file says who made it, of which opset, and carries the metadata", () => {
  const metadata = { spec: "größe.gan", hash: "1f" };
  const bytes = encodeOnnx(emitOnnx(graphOf([x], { z: exp(x) }), { producer: "ganc", metadata }));
  const model = fieldsOf(bytes);
  const text = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);
  const of = (number: number) => model.filter(([field]) => field === number).map(([, v]) => v);
  // field numbers of ModelProto, OperatorSetIdProto and StringStringEntryProto in onnx.proto
  expect(of(1)).toEqual([9]);
  expect(of(2).map(text)).toEqual(["ganc"]);
  expect(fieldsOf(of(8)[0] as Uint8Array).at(-1)).toEqual([2, 20]);
  expect(of(14).map((entry) => fieldsOf(entry as Uint8Array).map(([, v]) => text(v)))).toEqual([
    ["spec", "größe.gan"],
    ["hash", "1f"],
  ]);
});
