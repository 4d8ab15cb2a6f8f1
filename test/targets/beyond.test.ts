/**
 * Specs beyond the published ones: what is emitted type-checks and computes what the formulas say.
 */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { normals } from "../../src/base/random.js";
import { initialise, parameters } from "../../src/runtime/index.js";
import { type Draws, emptyFolder, load, type Networks, noChance } from "../support/generated.js";
import { analyseText, compileText, root } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const folder = emptyFolder("beyond");

beforeAll(() => useBackend("tensorflow"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gen = "conv(3, 3, pad: 1) >> tanh";
const header = `param size : Int = 6 where size >= 3
domain X = image(size, size, 3)
domain Y = image(size, size, 3)
let dis = conv(3, 1)
train { optimizer: adam(2e-4) schedule: constant(1) }
`;
const nets = `net G : X -> Y = ${gen}
net F : Y -> X = ${gen}
net D : Y -> Scores = dis
`;
/** A game of losses of G, F and D. */
const game = (text: string): string => header + nets + text;
/** A generator, which ends within the bounds of its domain. */
const body = (lets: string, generator: string): string =>
  `${header}${lets}
net G : X -> Y = (${generator}) >> conv(1, 3) >> tanh
net F : Y -> X = ${gen}
net D : Y -> Scores = dis
solve { min[G] E[x ~ X] l2(D(G(x)), 1) + E[x ~ X] l1(F(G(x)), x)  min[F] E[x ~ X] l1(F(G(x)), x)  max[D] E[y ~ Y] l2(D(y), 1) - E[x ~ X] l2(D(G(x)), 1) }`;

/** Float64 formulas over what the networks give. */
type Values = readonly number[];
type Of = (...path: readonly string[]) => Values;
const average = (values: Values): number => values.reduce((a, b) => a + b, 0) / values.length;
const l1 = (a: Values, b: Values): number => average(a.map((v, i) => Math.abs(v - (b[i] ?? 0))));
const l2 = (a: Values, b: number): number => average(a.map((v) => (v - b) ** 2));
const forth = (of: Of): number => l1(of("F", "G", "x"), of("x"));
const back = (of: Of): number => l1(of("G", "F", "y"), of("y"));
const gxy = (of: Of): number => l1(of("G", "x"), of("x"));

const cyc = `loss cyc(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y)\n`;

interface Case {
  readonly spec: string;
  /** What the step reports. */
  readonly reports?: Readonly<Record<string, (of: Of) => number>>;
}

const cases: Readonly<Record<string, Case>> = {
  "one binder in two expectations": {
    spec: game(`loss cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x) + E[x ~ b] l1(G(F(x)), x)
solve { min[G, F] cycle(G, F)  max[D] E[y ~ Y] l2(D(y), 1) }`),
    reports: { "cycle(G, F)": (of) => forth(of) + back(of) },
  },
  "a loss that calls a loss twice": {
    spec: game(`loss forward(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x)
loss cycle(G : a -> b, F : b -> a) = forward(G, F) + forward(F, G)
solve { min[G, F] cycle(G, F)  max[D] E[y ~ Y] l2(D(y), 1) }`),
    reports: { "cycle(G, F)": (of) => forth(of) + back(of) },
  },
  "names that join to one": {
    spec: `${header}net A : X -> X = ${gen}
net B : X -> X = ${gen}
net AB : X -> X = ${gen}
net D : X -> Scores = dis
loss both(A : a -> a, B : a -> a, AB : a -> a) = E[x ~ a] l1(A(B(x)), x) + 2 * E[x ~ a] l1(AB(x), x)
solve {
  min[A, B, AB] both(A, B, AB)
  max[D] E[x ~ X] l2(D(A(B(x))), 1) + 3 * E[x ~ X] l2(D(AB(x)), 1)
}`,
    reports: {
      "both(A, B, AB)": (of) => l1(of("A", "B", "x"), of("x")) + 2 * l1(of("AB", "x"), of("x")),
      "max[D]": (of) => l2(of("D", "A", "B", "x"), 1) + 3 * l2(of("D", "AB", "x"), 1),
    },
  },
  "replays of several sizes": {
    spec: game(`loss past(D : b -> Scores, G : a -> b, n : Int, m : Int) =
  E[x ~ a] l2(D(replay(G(x), n)), 0) + 2 * E[x ~ a] l2(D(replay(G(x), m)), 0) + E[x ~ a] l2(D(replay(G(x), 7)), 0)
solve { min[G, F] E[x ~ X] l1(F(G(x)), x)  min[D] past(D, G, 3, 5) + past(D, G, 5, 3) }`),
    reports: {
      "past(D, G, 3, 5)": (of) => 4 * l2(of("D", "G", "x"), 0),
      "past(D, G, 5, 3)": (of) => 4 * l2(of("D", "G", "x"), 0),
    },
  },
  "uses of one text and several numbers": {
    spec: game(`loss far(G : a -> b, w : Real) = E[x ~ a] w * l1(G(x), x as b)
solve { min[G] (let w = 2 in far(G, w)) + (let w = 5 in far(G, w))  min[F] E[x ~ X] l1(F(G(x)), x)  max[D] E[y ~ Y] l2(D(y), 1) }`),
    reports: {
      "min[G]": (of) => 7 * gxy(of),
      "far(G, w)": (of) => 2 * gxy(of),
      "far(G, w)_2": (of) => 5 * gxy(of),
    },
  },
  "let in over losses": {
    spec: game(
      `${cyc}solve { min[G, F] let w = 2.5 in w * cyc(G, F)  max[D] E[y ~ Y] l2(D(y), 1) }`,
    ),
    reports: { "min[G, F]": (of) => 2.5 * (forth(of) + back(of)) },
  },
  "let in over a formal": {
    spec: game(`loss far(G : a -> b, k : Real) = let s = 2 * k in s * E[x ~ a] l1(G(x), x as b)
loss farther(G : a -> b, k : Real) = far(G, 3 * k) + k * E[x ~ a] l1(G(x), x as b)
solve { min[G] farther(G, 2) + far(G, 5)  min[F] E[x ~ X] l1(F(G(x)), x)  max[D] E[y ~ Y] l2(D(y), 1) }`),
    reports: { "farther(G, 2)": (of) => 14 * gxy(of), "far(G, 5)": (of) => 10 * gxy(of) },
  },
  "a function over values": {
    spec: game(`let scaled(z, k) = k * z
loss far(G : a -> b, w : Real) = E[x ~ a] scaled(l1(G(x), x as b), w) + scaled(E[x ~ a] l1(G(x), x as b), 3)
solve { min[G] far(G, 4)  min[F] E[x ~ X] l1(F(G(x)), x)  max[D] E[y ~ Y] l2(D(y), 1) }`),
    reports: { "far(G, 4)": (of) => 7 * gxy(of) },
  },
  "a number that is only passed on": {
    spec: game(`loss inner(G : a -> b, w : Real) = w * E[x ~ a] l1(G(x), x as b)
loss outer(G : a -> b, F : b -> a, w : Real) = inner(G, w) + inner(F, 2 * w)
solve { min[G, F] outer(G, F, 3)  max[D] E[y ~ Y] l2(D(y), 1) }`),
    reports: {
      "outer(G, F, 3)": (of) => 3 * gxy(of) + 6 * l1(of("F", "y"), of("y")),
    },
  },
  "a 1 that is a formal": {
    spec: game(`loss gan(G : a -> b, D : b -> Scores, c : Real) = E[x ~ a] log(c - sigmoid(D(G(x))))
solve { min[G] gan(G, D, 1) + gan(G, D, 2)  min[F] E[x ~ X] l1(F(G(x)), x)  max[D] E[y ~ Y] l2(D(y), 1) - E[x ~ X] l2(D(G(x)), 1) }`),
    reports: {
      "gan(G, D, 1)": (of) =>
        average(of("D", "G", "x").map((z) => Math.log(1 - 1 / (1 + Math.exp(-z))))),
      "gan(G, D, 2)": (of) =>
        average(of("D", "G", "x").map((z) => Math.log(2 - 1 / (1 + Math.exp(-z))))),
    },
  },
  "a player of a constant and no loss of a name": {
    spec: game(`solve { min[G] E[x ~ X] l1(G(x), x as Y)  min[F] E[x ~ X] l1(F(G(x)), x)
  max[D] E[y ~ Y] l2(D(y), 1) + E[x ~ X] l1(G(x), x as Y) }`),
    reports: { "max[D]": (of) => l2(of("D", "y"), 1) },
  },
  "functions of a value": {
    spec: body(
      "let skip(x) = concat(x, conv(3, 4, pad: 1)(x))\nlet join(f, x) = f(x) + x",
      "(x => skip(x)) >> conv(1, 3) >> (x => join(leaky_relu(0.1), x)) >> (x => join(h => tanh(h), x))",
    ),
  },
  "a layer as a default": {
    spec: body("let b(k, act = relu) = conv(3, k, pad: 1) >> act", "b(4) >> b(3, tanh)"),
  },
  "a default that no call needs": {
    spec: body(
      "let b(k, act = leaky_relu(0.1)) = conv(3, k, pad: 1) >> act",
      "b(4, tanh) >> b(3, relu)",
    ),
  },
  "a function of a function": {
    spec: body("let f = k => n => conv(1, n)", "(f(3))(3)"),
  },
  "a lambda of a number": {
    spec: body(
      "let f = k => conv(3, k, pad: 1) >> relu\nlet act = leaky_relu\nlet many(make) = make(2) >> make(3)",
      "f(4) >> act >> many(f) >> many(n => conv(1, n)) >> (let g = k => conv(1, k) in g(3)) >> (x => (y => relu(y))(x))",
    ),
  },
  "let in as a number": {
    spec: body(
      "let k = let a = 2 in a * 3\nlet twice(n) = let unused = 1 in let m = n in m * 2",
      "conv(3, k, pad: 1) >> conv(1, twice(k)) >> conv(1, 3)",
    ),
  },
  "answers about networks": {
    spec: body(
      "let fields = receptive_field(F)",
      "conv(1, fields) >> conv(1, params(F)) >> conv(1, 3)",
    ),
  },
  "reserved words as formals of a local function": {
    spec: body("", "let function(default, new = 3) = conv(new, default, pad: 1) in function(3)"),
  },
  "a let of a domain's range": {
    spec: `let top = 1
domain X = image(6, 6, 3, low: 0 - top, high: top)
net A : X -> X = conv(1, 3) >> tanh
solve { min[A] E[x ~ X] l2(A(x), x) }
train { optimizer: adam(1e-3) schedule: constant(1) }`,
  },
  "names of functions that losses call": {
    spec: `import std.losses (wgan)
${header}let norm = instance_norm
let mix(k) = conv(3, k, pad: 1) >> norm
let join = relu
let l2Each = 3
net G : X -> Y = mix(4) >> join >> conv(1, l2Each) >> tanh
net D : Y -> Scores = dis
solve {
  min[G] wgan.fool(G, D)
  min[D] wgan.judge(D, G) + wgan.penalty(D, G) + E[x ~ X, y ~ Y] l2(D(y), 1) * total(concat(x, y))
}`,
  },
  "a layer that no network has": {
    spec: body("let leakyRelu = 3", "conv(1, leakyRelu) >> leaky_relu(0.2) * 0 >> relu"),
  },
  "a layer called under another name": {
    spec: body("let norm(p) = p(1) >> conv(3, 3)", "norm(reflect_pad)"),
  },
  "one function of numbers and of architectures": {
    spec: body(
      "let thrice(a, b) = a * b",
      "conv(1, thrice(2, 3)) >> thrice(relu, 2) >> conv(1, 3)",
    ),
  },
  "a function that gives a function of two": {
    spec: body("let f(k) = (a, n) => a >> conv(k, n)", "(f(1))(relu, 3)"),
  },
  "what a lambda would do in no network": {
    spec: body("", "conv(1, 3) >> (x => x + relu(x)) * 0"),
  },
};

const image = (name: string): tf.Tensor4D =>
  tf.tensor4d(
    normals(1, name, 2 * 6 * 6 * 3).map((v) => Math.tanh(v / 2)),
    [2, 6, 6, 3],
  );

const applied = (networks: Networks, draws: Draws): Of => {
  const value = (path: readonly string[]): tf.Tensor => {
    const [first = "", ...rest] = path;
    return rest.length === 0
      ? (draws[first] as tf.Tensor)
      : (networks[first]?.apply(value(rest)) as tf.Tensor);
  };
  return (...path) => [...value(path).dataSync()];
};

for (const [name, { spec, reports = {} }] of Object.entries(cases)) {
  test(`${name}: the step reports what the formulas give`, async () => {
    const module = await load(folder, name.replaceAll(/\W+/g, "-"), await compileText(spec));
    const networks = module.networks();
    for (const net of Object.values(networks))
      initialise(net, (of, size) => normals(2, of, size).map((v) => 0.2 * v));
    // Layers have the places that the compiler gives them.
    for (const { name: net, parameters: of } of analyseText(spec).result?.model.networks ?? []) {
      const built = [...parameters(networks[net] as tf.LayersModel)];
      expect(built.map(([path, v]) => [path, v.shape.length])).toEqual(
        of.map((parameter) => [parameter.name, parameter.shape.length]),
      );
    }
    const draws = Object.fromEntries(Object.keys(module.domains).map((d) => [d, image(d)]));
    const of = applied(networks, draws);
    const expected = Object.entries(reports).map(([label, f]) => [label, f(of)] as const);
    const reported = module.step(networks, module.memory(), draws, 1e-3, noChance);
    for (const [label, value] of expected)
      expect([label, reported[label]?.dataSync()[0]]).toEqual([label, expect.closeTo(value, 4)]);
    for (const value of Object.values(reported))
      expect(Number.isFinite(value.dataSync()[0])).toBe(true);
  });
}

test("histories of several sizes are several, in the step and in the loss", async () => {
  const text = await compileText(cases["replays of several sizes"]?.spec ?? "");
  const sizes = [...text.matchAll(/new ImageHistory\((\d)\)/g)].map((match) => match[1]);
  expect(sizes.sort()).toEqual(["3", "5", "7"]);
  expect(text).toContain('Values<"DpastGx" | "DpastGx_2" | "DpastGx_3">');
});

test("all of them type-check under strict", async () => {
  const names: string[] = [];
  for (const [name, { spec }] of Object.entries(cases)) {
    const file = `${name.replaceAll(/\W+/g, "-")}.ts`;
    names.push(file);
    writeFileSync(join(folder, file), await compileText(spec));
  }
  const config = {
    extends: "../../../tsconfig.json",
    compilerOptions: {
      rootDir: "../../..",
      paths: { "ganc/runtime": ["../../../src/runtime/index.ts"] },
    },
    include: names,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", "."],
    { cwd: folder, encoding: "utf8" },
  );
  expect([status, stdout]).toEqual([0, ""]);
});
