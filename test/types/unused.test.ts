/** Lets that nothing names, and fields that change nothing. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { sources, specNames } from "../support/specs.js";

const spec = (lets: string, body = "conv(3, 3, pad: 1)"): string => `import std.losses (lsgan)
${lets}
domain X = image(8)
net G : X -> X = ${body} >> tanh
net D : X -> Scores = conv(3, 1)
solve { min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G) }
train { optimizer: adam(2e-4) schedule: constant(2) }`;

const found = (text: string, files: Record<string, string> = {}): readonly string[] =>
  analyse("t.gan", sources({ "t.gan": text, ...files })).diagnostics.map(
    ({ code, span }) => `${code} ${text.slice(span.start, span.end)}`,
  );

test("architectures, functions, numbers and members of modules", () => {
  expect(found(spec("let b = relu"))).toEqual(["GAN602 b"]);
  expect(found(spec("let f(x) = conv(3, x)"))).toEqual(["GAN602 f"]);
  expect(found(spec("let n = 3"))).toEqual(["GAN602 n"]);
  expect(
    found(spec("module m {\n  let f = relu\n  let g = tanh\n}", "m.f >> conv(3, 3, pad: 1)")),
  ).toEqual(["GAN602 g"]);
  // What only an idle let names is that one's.
  expect(found(spec("let a = relu\nlet b = a >> a"))).toEqual(["GAN602 b"]);
});

test("what is used anywhere, kept on purpose, or of another file is left alone", () => {
  expect(found(spec("let n = 3", "conv(3, n, pad: 1)"))).toEqual([]);
  expect(
    found(spec("let n = 3\nparam k : Int = 3 where k >= n", "conv(k, 3, pad: 1)")),
  ).not.toContain("GAN602 n");
  expect(found(spec("let _old = relu"))).toEqual([]);
  expect(found(spec("let rate = 2e-4").replace("adam(2e-4)", "adam(rate)"))).toEqual([]);
  const other = "let a = relu\nlet b = tanh\n";
  expect(found(spec('import "./o.gan"', "a >> conv(3, 3, pad: 1)"), { "o.gan": other })).toEqual(
    [],
  );
});

test("the init of a network whose first weights are read", () => {
  const text = spec("").replace("schedule:", "init[D]: orthogonal init[G]: orthogonal schedule:");
  expect(found(text)).toEqual([]);
  const read = text.replace("conv(3, 1)", 'conv(3, 1) from "d.safetensors"');
  expect(found(read)).toEqual(["GAN602 D"]);
});

test("the project's specs use all that they name", () => {
  for (const name of specNames) {
    const { diagnostics } = analyse(name, sources());
    expect([name, diagnostics.filter(({ code }) => code === "GAN602")]).toEqual([name, []]);
  }
});
