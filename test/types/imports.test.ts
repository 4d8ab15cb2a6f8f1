import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { joinPath } from "../../src/names/sources.js";
import { sources } from "../support/specs.js";

const base = `
param size : Int = 24
param ngf  : Int = 4 where ngf <= 8
domain X = image(size, size, 3)
let blk = conv(3, ngf, pad: 1) >> relu
`;

const importing = (own: string): Readonly<Record<string, string>> => ({
  "base.gan": base,
  "test.gan": `
import "./base.gan" (blk)
${own}
domain Y = image(24, 24, 3)
net G : Y -> Y = blk >> conv(3, 3, pad: 1) >> tanh
solve { min[G] E[y ~ Y] l1(G(y), y) }
train { optimizer: adam(2e-4) schedule: constant(1) }`,
});

const analysed = (files: Readonly<Record<string, string>>, set: Record<string, string> = {}) =>
  analyse("test.gan", sources(files), new Map(Object.entries(set)));

const filters = (files: Readonly<Record<string, string>>, set: Record<string, string> = {}) =>
  analysed(files, set).result?.model.networks[0]?.layers[0]?.options.filters;

test("a setting reaches the params that the spec sees, not those that an imported block brings along", () => {
  const files = importing("param ngf : Int = 5");
  expect(filters(files)).toBe(4);
  expect(filters(files, { ngf: "7" })).toBe(4);
  expect(analysed(importing(""), { ngf: "7" }).diagnostics.map((d) => d.code)).toEqual(["GAN407"]);
});

test("the condition of a param that is not seen is asked too", () => {
  const files = { ...importing(""), "base.gan": base.replace("= 4 where", "= 9 where") };
  expect(analysed(files).diagnostics.map((d) => d.code)).toEqual(["GAN406"]);
});

test("a domain of the same name in another file is another domain, and must be imported", () => {
  const { diagnostics } = analysed({
    "base.gan": `${base}
net S : X -> X = conv(3, 3, pad: 1) >> tanh
loss self(G : a -> a) = E[x ~ a] l1(G(x), x)`,
    "test.gan": `
import "./base.gan" (S, self)
domain X = image(48, 48, 3)
net H : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[S, H] self(S) + E[x ~ X] l1(H(x), x) }
train { optimizer: adam(2e-4) schedule: constant(1) }`,
  });
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ["GAN207", "what is imported from here needs X, not imported itself"],
  ]);
});

test("players of an imported game may be left out; networks of one's own may not", () => {
  const ablation = `
import "specs/cyclegan.gan"
solve { min[G, F] cycle(G, F) }`;
  const files = (own: string) => ({ "test.gan": `${ablation}\n${own}` });
  const { result, diagnostics } = analysed(files(""));
  expect(diagnostics).toEqual([]);
  expect(result?.model.networks.map(({ name }) => name)).toEqual(["G", "F"]);
  const idle = analysed(files("net D : X -> Scores = patchgan"));
  expect(idle.diagnostics.map((d) => d.code)).toEqual(["GAN502"]);
  const needed = { "test.gan": ablation.replace("cycle(G, F)", "cycle(G, F) + gan(G, D_Y)") };
  expect(analysed(needed).diagnostics.map((d) => d.code)).toEqual(["GAN502"]);
});

test("a recipe is imported network by network; what it says of players left out is passed over", () => {
  const imported = `
import "specs/cyclegan.gan"
solve { min[G, F] max[D_X, D_Y] L }
train { optimizer: adam(1e-4) optimizer[G, D_X]: sgd(0.1) clip[D_X]: 0.5 }`;
  const recipe = (own: string) => {
    const { diagnostics, result } = analysed({
      "base.gan": imported,
      "test.gan": `import "./base.gan"\n${own}`,
    });
    expect(diagnostics).toEqual([]);
    const { optimizer, optimizers = {}, clip } = result?.model.recipe ?? {};
    const kinds = Object.entries(optimizers).map(([name, { kind, rate }]) => [name, kind, rate]);
    return {
      common: optimizer?.kind,
      own: Object.fromEntries(kinds.map(([n, ...k]) => [n, k])),
      clip,
    };
  };
  expect(recipe("train { optimizer: rmsprop(1e-3) optimizer[G, F]: adam(2e-4) }")).toEqual({
    common: "rmsprop",
    own: { G: ["adam", 2e-4], F: ["adam", 2e-4], D_X: ["sgd", 0.1] },
    clip: { D_X: 0.5 },
  });
  expect(recipe("solve { min[G, F] cycle(G, F) }")).toEqual({
    common: "adam",
    own: { G: ["sgd", 0.1] },
    clip: {},
  });
});

test("an import by a path from the root leads out of the project", () => {
  const at = (from: string, path: string) => joinPath(from, path);
  expect(at("specs/gallery/a.gan", "../b.gan")).toBe("specs/b.gan");
  expect(at("/home/a.gan", "./b.gan")).toBe("/home/b.gan");
  expect(at("specs/a.gan", "/home/./c/../b.gan")).toBe("/home/b.gan");
  expect(at("a.gan", "../b.gan")).toBe("../b.gan");
  const entry = importing("")["test.gan"] ?? "";
  const files = { "test.gan": entry.replace("./base", "/shared/base"), "/shared/base.gan": base };
  expect(analysed(files).diagnostics.map(({ code }) => code)).toEqual(["GAN208"]);
});
