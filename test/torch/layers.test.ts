/** Every layer, and its slopes for its input and its parameters, against PyTorch. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Tensor } from "../../src/graph/operator.js";
import { expectNear } from "../graph/tensors.js";
import { drawn, fedTo, programOf } from "../operators/layer-programs.js";
import { given, type LayerExample, layerExamples } from "../support/layers.js";
import { root } from "../support/specs.js";

interface Written {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Answer {
  readonly value: Written;
  readonly x: Written;
  readonly weights: Readonly<Record<string, Written>>;
}

const examples = layerExamples.filter(({ torch }) => torch !== undefined);

const written = ({ shape, data }: Tensor): Written => ({ shape, data: [...data] });

const asked = (example: LayerExample) => {
  const feeds = fedTo(example);
  const fed = (name: string): Written => written(feeds.get(name) as Tensor);
  const { weights, kept } = drawn(example);
  const named = (all: typeof weights) =>
    Object.fromEntries(all.map(([name, tensor]) => [name, written(tensor)]));
  return {
    layer: example.torch,
    x: fed("x"),
    dy: fed("dy"),
    weights: named(weights),
    kept: named(kept),
    options: given(example),
  };
};

let theirs: readonly Answer[];
beforeAll(() => {
  const answer = execFileSync(torchPython(), [join(root, "test/torch/layers.py")], {
    input: JSON.stringify(examples.map(asked)),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  theirs = JSON.parse(answer) as readonly Answer[];
});

test("every layer that draws nothing is compared", () => {
  const left = layerExamples.filter((one) => !examples.includes(one) && one.value !== undefined);
  expect(left.map(({ name }) => name)).toEqual([]);
});

test.each(examples.map(({ text }, i) => [text, i] as const))("%s", (_, i) => {
  const example = examples[i] as LayerExample;
  const ours = evaluate(programOf(example), fedTo(example));
  const { value, x, weights } = theirs[i] as Answer;
  const expectTheirs = (name: string, { shape, data }: Written): void =>
    expectNear(ours.get(name) as Tensor, { shape, data: Float64Array.from(data) }, 1e-10);
  expectTheirs("y", value);
  expectTheirs("d x", x);
  for (const [name, weight] of Object.entries(weights)) expectTheirs(`d ${name}`, weight);
});
