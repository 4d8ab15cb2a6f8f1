/**
 * What the compiler writes for PyTorch: the same every time, laid out as ruff does, with every
 * class and function that it names. `npm run -s jest -- test/targets/python -u` rewrites the
 * snapshots.
 */
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { lossFunctions, stableForms } from "../../src/operators/functions.js";
import { layers } from "../../src/operators/layers.js";
import { emitTorch } from "../../src/targets/torch/emit.js";
import { codeOf, libraryNames } from "../../src/targets/torch/library/index.js";
import { constructs } from "../support/constructs.js";
import { expectFile } from "../support/golden.js";
import { programOf, programOfSpec, root } from "../support/specs.js";

for (const name of ["cyclegan", "cyclegan-lsgan", "emoji"]) {
  test(`generated/${name}.py is what the compiler makes of specs/${name}.gan`, () => {
    const text = emitTorch(programOfSpec(`specs/${name}.gan`));
    expectFile(join(root, `generated/${name.replaceAll("-", "_")}.py`), text);
    expect(emitTorch(programOfSpec(`specs/${name}.gan`))).toBe(text);
  });
}

const shown = [
  "functions-of-blocks",
  "unet",
  "numbers",
  "loss-arithmetic",
  "histories",
  "one-player",
  "accumulated",
  "repeated-phases",
  "optimizer-of-one-network",
  "gradient-penalty",
  "spectral-norm",
  "dropout-in-networks-inside",
] as const;

/** The module without what it brings along for every spec. */
const ownPart = (text: string): string => text.slice(text.search(/^[A-Z]\w* = \(/m));

test.each(shown)("%s", (name) => {
  const text = constructs[name] ?? "";
  const code = ownPart(emitTorch(programOf(text)));
  expect(`${text}\n${"=".repeat(100)}\n\n${code}`).toMatchSnapshot();
});

test("every class and function that the tables name is PyTorch's or the library's", () => {
  const functions = [...lossFunctions.values(), ...Object.values(stableForms)];
  const own = [
    ...[...layers.values()].map(({ torch }) => torch.of),
    ...functions.map(({ torch }) => torch).filter((form) => !form.startsWith(".")),
  ].filter((name) => !name.includes("."));
  expect(own.length).toBeGreaterThan(10);
  for (const name of own) expect(libraryNames).toContain(name);
});

test("a module brings along what it names, and nothing else", () => {
  for (const text of Object.values(constructs)) {
    const code = emitTorch(programOf(text));
    const plain = codeOf(code);
    const defined = [...plain.matchAll(/^(?:class|def) (\w+)/gm)].flatMap(([, name = ""]) => name);
    expect(new Set(defined).size).toBe(defined.length);
    for (const name of defined.filter((one) => libraryNames.includes(one)))
      expect([name, plain.split(new RegExp(`\\b${name}\\b`)).length > 2]).toEqual([name, true]);
    for (const name of libraryNames)
      if (new RegExp(`(?<![\\w.])${name}\\(`).test(plain)) expect(defined).toContain(name);
  }
});

test("names that Python keeps, and names of the module, are changed", () => {
  const text = `param lambda : Real = 2
domain X = image(8, 8, 3)
domain Y = image(8, 8, 3)
let def(k) = conv(3, k, pad: 1)
let nn = def(4) >> relu
net class : X -> Y = nn >> def(3) >> tanh
net torch : Y -> Scores = conv(3, 1)
loss yield(G : a -> b, D : b -> Scores) = E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { min[class] max[torch] lambda * yield(class, torch) }
train { optimizer: adam(1e-3) schedule: constant(1) }
`;
  const code = emitTorch(programOf(text));
  expect(code).toContain("def def_(channels: int, k: int)");
  expect(code).toContain("    class_: nn.Module\n    torch: nn.Module");
  expect(code).toContain("yield_(Dy=");
});
