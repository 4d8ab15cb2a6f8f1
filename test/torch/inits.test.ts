/**
 * The distributions of `init`, and what `orthogonal` makes of its draws, against PyTorch's nn.init.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { normals } from "../../src/base/random.js";
import { orthogonal } from "../../src/engines/sessions/orthogonal.js";
import { type Start, startsIn } from "../../src/engines/sessions/starts.js";
import { modelOf, root } from "../support/specs.js";

const ask = (cases: readonly object[]): readonly unknown[] =>
  JSON.parse(
    execFileSync(torchPython(), [join(root, "test/torch/inits.py")], {
      input: JSON.stringify(cases),
      encoding: "utf8",
    }),
  );

const startOf = (layer: string, init: string): Start => {
  const text = `domain X = noise(6, 8)
net G : X -> Scores = ${layer}
solve { min[G] E[x ~ X] l2(G(x), 1) }
train { optimizer: adam(1e-3) schedule: constant(1) init: ${init} }
`;
  const found = startsIn(modelOf(text)).find(({ name }) => name.endsWith(".weight"));
  if (found === undefined) throw new Error(`${layer} has no weight`);
  return found;
};

const layers: Readonly<Record<string, string>> = {
  "conv(3, 16)": "nn.Conv2d(6, 16, 3)",
  "conv(3, 18, groups: 3)": "nn.Conv2d(6, 18, 3, groups=3)",
  "conv(5, 6, groups: 6)": "nn.Conv2d(6, 6, 5, groups=6)",
  "conv_transpose(4, 10, stride: 2)": "nn.ConvTranspose2d(6, 10, 4, stride=2)",
  "dense(7)": "nn.Linear(8 * 8 * 6, 7)",
};

const inits: Readonly<Record<string, string>> = {
  "normal(0, 0.3)": "init.normal_(w, 0.0, 0.3)",
  xavier_normal: "init.xavier_normal_(w)",
  "xavier_normal(1.5)": "init.xavier_normal_(w, gain=1.5)",
  xavier_uniform: "init.xavier_uniform_(w)",
  "xavier_uniform(0.5)": "init.xavier_uniform_(w, gain=0.5)",
  kaiming_normal: "init.kaiming_normal_(w)",
  "kaiming_normal(0.2)": "init.kaiming_normal_(w, a=0.2, nonlinearity='leaky_relu')",
  "kaiming_normal(fan_out: true)": "init.kaiming_normal_(w, mode='fan_out', nonlinearity='relu')",
  kaiming_uniform: "init.kaiming_uniform_(w, nonlinearity='relu')",
  "kaiming_uniform(2.2360679774997896)": "init.kaiming_uniform_(w, a=5 ** 0.5)",
  "kaiming_uniform(0.1, fan_out: true)": "init.kaiming_uniform_(w, a=0.1, mode='fan_out')",
};

test("the distributions are those that PyTorch draws from, for every kind of weight", () => {
  const pairs = Object.entries(layers).flatMap(([layer, module]) =>
    Object.entries(inits).map(([word, init]) => ({ layer, word, module, init })),
  );
  const theirs = ask(pairs.map(({ module, init }) => ({ module, init })));
  pairs.forEach(({ layer, word }, i) => {
    const start = startOf(layer, word);
    const { kind, mean: _, ...own } = "stream" in start ? { mean: 0, ...start.from } : {};
    const near = Object.entries(theirs[i] as Readonly<Record<string, number>>).map(
      ([name, value]) => [name, expect.closeTo(value, 12)],
    );
    expect([layer, word, kind, own]).toEqual([
      layer,
      word,
      word.split(/[_(]/).includes("uniform") ? "uniform" : "normal",
      Object.fromEntries(near),
    ]);
  });
});

test("orthogonal makes of its draws what PyTorch makes", () => {
  // PyTorch's weights are [outputs, inputs].
  const cases = [
    { shape: [20, 5], module: "nn.Linear(20, 5)" },
    { shape: [5, 5], module: "nn.Linear(5, 5)" },
    { shape: [5, 20], module: "nn.Linear(5, 20)" },
  ];
  const turned = (values: Float32Array, [rows = 0, columns = 0]: readonly number[]): number[] =>
    Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
  const theirs = ask(
    cases.map(({ shape, module }, k) => ({
      module,
      init: "init.orthogonal_(w, gain=1.5)",
      normals: turned(normals(4, `w/${k}`, (shape[0] ?? 0) * (shape[1] ?? 0)), shape),
    })),
  ) as readonly { readonly values: readonly number[] }[];
  cases.forEach(({ shape }, k) => {
    const own = turned(orthogonal(4, `w/${k}`, shape, 1.5), shape);
    own.forEach((value, i) => {
      expect(value).toBeCloseTo(theirs[k]?.values[i] ?? Number.NaN, 6);
    });
  });
});
