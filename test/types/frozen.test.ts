/** Frozen networks: those whose weights would stay random are named, and no others. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { applyEdits } from "../../src/diagnostics/diagnostic.js";
import { analyseText, sources } from "../support/specs.js";

const spec = (networks: string, G: string): string => `
domain X = image(8)
domain H = features(8, 8, 4)
${networks}
net G : X -> X = ${G}
net D : X -> Scores = conv(3, 1)
solve { min[G] max[D] E[y ~ X] log(sigmoid(D(y))) + E[x ~ X] log(1 - sigmoid(D(G(x)))) }
train { optimizer: adam(1e-4) schedule: constant(2) }`;

const outside = "conv(3, 3, pad: 1) >> tanh";
const inside = "E >> conv(3, 3, pad: 1) >> tanh";

const random: readonly (readonly [networks: string, generator: string])[] = [
  ["frozen net E : X -> H = conv(3, 4, pad: 1) >> relu", inside],
  ["frozen net E : X -> X = batch_norm >> tanh", inside],
  // What is inside of it has a file; its own layers have none.
  [
    'frozen net A : X -> H = conv(3, 4, pad: 1) from "a.safetensors"\nfrozen net E : X -> H = A >> conv(3, 4, pad: 1)',
    inside,
  ],
  // Declared here, and in nobody's objective.
  ["frozen net E : X -> H = conv(3, 4, pad: 1) >> relu", outside],
];

const right: readonly (readonly [networks: string, generator: string])[] = [
  ['frozen net E : X -> H = conv(3, 4, pad: 1) >> relu from "e.safetensors"', inside],
  ["frozen net E : X -> X = avg_pool(3, stride: 1) >> zero_pad(1)", inside],
  ["frozen net E : X -> X = instance_norm >> tanh", inside],
  [
    'frozen net A : X -> H = conv(3, 4, pad: 1) from "a.safetensors"\nfrozen net E : X -> H = A >> relu',
    inside,
  ],
];

test.each(random)("random for ever: %s", (networks, G) => {
  const text = spec(networks, G);
  const [found, ...others] = analyseText(text).diagnostics;
  expect([found?.code, found?.fix, others]).toEqual(["GAN610", undefined, []]);
  const mended = applyEdits("test.gan", text, found?.suggestion?.edits ?? []);
  expect(mended).toContain('from "E.safetensors"\n');
  expect(analyseText(mended).diagnostics).toEqual([]);
});

test.each(right)("as it should be: %s", (networks, G) => {
  expect(analyseText(spec(networks, G)).diagnostics).toEqual([]);
});

test("one that is imported is told of where it plays", () => {
  const base = spec("frozen net E : X -> H = conv(3, 4, pad: 1) >> relu", outside);
  const codes = (use: string): readonly string[] =>
    analyse(
      "test.gan",
      sources({
        "base.gan": base,
        "test.gan": `import "./base.gan" (X, H, E, G, D)
solve { min[G] max[D] E[y ~ X] log(sigmoid(D(y))) + E[x ~ X] log(1 - sigmoid(D(G(x))))${use} }
train { optimizer: adam(1e-4) schedule: constant(2) }`,
      }),
      new Map(),
    ).diagnostics.map(({ code }) => code);
  expect(codes("")).toEqual([]);
  expect(codes(" + E[x ~ X] l1(E(G(x)), E(x))")).toEqual(["GAN610"]);
});

test("what goes by running statistics mixes no batch, if nobody trains it", () => {
  const codes = (net: string, running: boolean): readonly string[] =>
    analyseText(`
domain X = image(4)
${net} E : X -> Scores = conv(4, 4) >> batch_norm(running: ${running}) >> tanh >> conv(1, 1)${net === "net" ? "" : ' from "e.safetensors"'}
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[${net === "net" ? "G, E" : "G"}] E[x ~ X] norm(grad(E)(G(x))) + E[x ~ X] l2(E(G(x)), 1) }
train { optimizer: adam(1e-4) schedule: constant(2) batch: 1 }`)
      .diagnostics.map(({ code }) => code)
      .filter((code) => ["GAN303", "GAN607"].includes(code))
      .sort();
  expect(codes("frozen net", true)).toEqual([]);
  expect(codes("frozen net", false)).toEqual(["GAN303", "GAN607"]);
  expect(codes("net", true)).toEqual(["GAN303", "GAN607"]);
});
