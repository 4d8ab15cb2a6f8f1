/**
 * The published specs: the paper's numbers, settings, imports; shapes and receptive fields against
 * brute force.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { analyse } from "../../src/compiler/frontend.js";
import type { Network } from "../../src/program/model.js";
import { compileSpec, modelOf, modelOfSpec, render, sources } from "../support/specs.js";

const network = (entry: string, name: string, set: Record<string, string> = {}): Network => {
  const found = modelOfSpec(entry, set).networks.find((n) => n.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

test("the numbers of the paper", () => {
  const [g, d] = ["G", "D_Y"].map((name) => network("specs/cyclegan.gan", name));
  expect(g).toMatchObject({ size: 11_378_179, output: [256, 256, 3], from: ["X"], to: "Y" });
  expect(d).toMatchObject({ size: 2_764_737, output: [30, 30, 1], receptiveField: 70 });
  expect(g?.parameters.slice(0, 4)).toEqual([
    { name: "G.c7s1.conv.weight", shape: [7, 7, 3, 64] },
    { name: "G.c7s1.conv.bias", shape: [64] },
    { name: "G.d.conv.weight", shape: [3, 3, 64, 128] },
    { name: "G.d.conv.bias", shape: [128] },
  ]);
  expect(g?.parameters.map(({ name }) => name)).toContain("G.R_9.conv_2.weight");
  expect(g?.parameters.at(-1)).toEqual({ name: "G.conv.bias", shape: [3] });
});

test("the official code's small variant: ngf = 32, six blocks, 128 pixels", () => {
  const conv = (k: number, i: number, o: number) => k * k * i * o + o;
  const expected =
    conv(7, 3, 32) +
    conv(3, 32, 64) +
    conv(3, 64, 128) +
    12 * conv(3, 128, 128) +
    conv(3, 128, 64) +
    conv(3, 64, 32) +
    conv(7, 32, 3);
  const g = network("specs/cyclegan.gan", "G", { ngf: "32", blocks: "6", size: "128" });
  expect(g).toMatchObject({ size: expected, inputs: [[128, 128, 3]], output: [128, 128, 3] });
});

test("settings of each type", () => {
  const text = `param n : Int = 1 where n == 1
param r : Real = 1
param b : Bool = true
domain X = image(8)
net A : X -> X = conv(3, 3, pad: n, bias: b) >> leaky_relu(r / 2) >> tanh
solve { min[A] E[x ~ X] l1(A(x), x) }
train { optimizer: adam(1e-3) schedule: constant(1) }`;
  const values = (set: Record<string, string>) =>
    modelOf(text, set).params.map((p) => [p.name, p.type, p.value]);
  expect(values({})).toEqual([
    ["n", "Int", 1],
    ["r", "Real", 1],
    ["b", "Bool", true],
  ]);
  expect(values({ b: "false", r: "2e-1", n: "0_1" })).toEqual([
    ["n", "Int", 1],
    ["r", "Real", 0.2],
    ["b", "Bool", false],
  ]);
  expect(modelOf(text, { b: "false" }).networks[0]?.parameters).toHaveLength(1);
});

test("a setting adds no second report of any mistake", () => {
  const broken = `param n : Int = 1
param m : Int = 1
domain X = image(8)
let c(k) = conv(3, k, pad: 1)
net A : X -> X = c >> relu >> conv(1, 3) >> tanh
expect params(A) == 3
expect n
expect n == 2
solve { min[A] E[x ~ X] l1(A(x), x) }
train { optimizer: adam(1e-3) schedule: constant(1) }`;
  const codes = (set: Record<string, string>) =>
    analyse("test.gan", sources({ "test.gan": broken }), new Map(Object.entries(set)))
      .diagnostics.map((d) => `${d.code} ${d.span.start}`)
      .sort();
  expect(codes({})).toHaveLength(3);
  expect(codes({ m: "2" })).toEqual(codes({}));
});

const importing = (text: string) => {
  const files = { "specs/test.gan": text };
  const { diagnostics, result } = analyse("specs/test.gan", sources(files));
  if (result === undefined) throw new Error(render(diagnostics, files));
  return result.model;
};

test("an importing file replaces the game whole, and the recipe field by field", () => {
  const base = modelOfSpec("specs/cyclegan.gan");
  const same = importing('import "./cyclegan.gan"');
  expect(same.players.map((p) => p.name)).toEqual(base.players.map((p) => p.name));
  expect(same.recipe).toEqual(base.recipe);
  const other = importing(`import "./cyclegan.gan"
import std.losses (lsgan)
solve { min[G, F] lsgan.fool(G, D_Y) + cycle(G, F) min[D_X, D_Y] lsgan.judge(D_Y, G) + lsgan.judge(D_X, F) }
train { batch: 4 schedule: constant(1) }`);
  expect(other.players.map((p) => p.name)).toEqual(["minGF", "minD_XD_Y"]);
  expect(other.recipe).toEqual({
    ...base.recipe,
    batch: 4,
    schedule: [{ kind: "constant", epochs: 1, options: { epochs: 1 } }],
  });
  expect(other.networks).toEqual(base.networks);
});

test("with the paper's networks and least squares, each summand reaches what it trains", () => {
  const { players } = modelOfSpec("specs/cyclegan-lsgan.gan");
  expect(
    players.map((p) => [p.name, p.summands.map((s) => [s.text, [...s.reaches].sort().join(" ")])]),
  ).toEqual([
    [
      "minGF",
      [
        ["lsgan.fool(G, D_Y)", "D_Y G"],
        ["lsgan.fool(F, D_X)", "D_X F"],
        ["lambda * cycle(G, F)", "F G"],
        ["0.5 * lambda * identity(G, F)", "F G"],
      ],
    ],
    ["minD_Y", [["lsgan.judge(D_Y, G, history: 50)", "D_Y"]]],
    ["minD_X", [["lsgan.judge(D_X, F, history: 50)", "D_X"]]],
  ]);
});

test("the text is the same for names from anywhere, and twice the same", async () => {
  const text = `import "./cyclegan.gan"`;
  const first = await compileSpec("specs/a.gan", { "specs/a.gan": text });
  expect(await compileSpec("specs/a.gan", { "specs/a.gan": text })).toBe(first);
  const folder = process.cwd();
  try {
    process.chdir("/");
    expect(await compileSpec("specs/a.gan", { "specs/a.gan": text })).toBe(first);
  } finally {
    process.chdir(folder);
  }
});

/** A layer on one axis by brute force: which inputs each output reads, as sets of positions. */
interface Line {
  readonly text: string;
  /** For each output position, the positions of the input that it reads; -1 for padding. */
  readonly reads: (length: number) => readonly (readonly number[])[];
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

const slide = (k: number, s: number, p: number) => (length: number) => {
  const outputs: number[][] = [];
  for (let start = -p; start + k <= length + p; start += s)
    outputs.push(
      range(k)
        .map((i) => start + i)
        .map((i) => (i < 0 || i >= length ? -1 : i)),
    );
  return outputs;
};

const lines: fc.Arbitrary<Line> = fc.oneof(
  fc
    .record({
      k: fc.integer({ min: 1, max: 5 }),
      s: fc.integer({ min: 1, max: 3 }),
      p: fc.integer({ min: 0, max: 2 }),
    })
    .chain(({ k, s, p }) =>
      fc.constantFrom(
        { text: `conv(${k}, 2, stride: ${s}, pad: ${p})`, reads: slide(k, s, p) },
        {
          text: `max_pool(${k}, stride: ${s}, pad: ${Math.min(p, k - 1)})`,
          reads: slide(k, s, Math.min(p, k - 1)),
        },
      ),
    ),
  fc.integer({ min: 0, max: 3 }).map((p) => ({
    text: `zero_pad(${p})`,
    reads: (n: number) => range(n + 2 * p).map((i) => (i < p || i >= n + p ? [-1] : [i - p])),
  })),
  fc.integer({ min: 1, max: 3 }).map((f) => ({
    text: `upsample(${f})`,
    reads: (n: number) => range(n * f).map((i) => [Math.floor(i / f)]),
  })),
  fc.constant({ text: "relu", reads: (n: number) => range(n).map((i) => [i]) }),
);

test("sizes are those that brute force counts, and no output sees more than its receptive field", () => {
  fc.assert(
    fc.property(fc.array(lines, { minLength: 1, maxLength: 5 }), (layers) => {
      const size = 40;
      let seen: readonly (readonly number[])[] = range(size).map((i) => [i]);
      for (const { reads } of layers) {
        const outer = seen;
        seen = reads(outer.length).map((from) => [...new Set(from.flatMap((i) => outer[i] ?? []))]);
      }
      fc.pre(seen.length > 0);
      const text = `domain X = image(${size})
net D : X -> Scores = ${layers.map((l) => l.text).join(" >> ")} >> conv(1, 1)
solve { min[D] E[x ~ X] l2(D(x), 1) }
train { optimizer: adam(1e-3) schedule: constant(1) }`;
      const [d] = modelOf(text).networks;
      expect(d?.output).toEqual([seen.length, seen.length, 1]);
      const widest = Math.max(
        ...seen.map((s) => (s.length === 0 ? 0 : Math.max(...s) - Math.min(...s) + 1)),
      );
      expect(widest).toBeLessThanOrEqual(Math.ceil(Number(d?.receptiveField ?? 0)));
      // Without upsampling the field of an output away from the border is exact.
      const middle = seen[Math.floor(seen.length / 2)] ?? [];
      const inside = Math.min(...middle) > 0 && Math.max(...middle) < size - 1;
      const isExact = layers.every((l) => !l.text.startsWith("upsample"));
      if (isExact && inside && middle.length === Math.max(...middle) - Math.min(...middle) + 1)
        expect(d?.receptiveField).toBe(middle.length);
    }),
    { seed: 7, numRuns: 150 },
  );
});
