/** What names lead to, as docs/language.md says of scopes. */
import { expect, test } from "@jest/globals";
import { resolve } from "../../src/names/resolve.js";
import type { Resolved } from "../../src/names/resolved.js";
import type { Definition } from "../../src/names/scope.js";
import { loadSources } from "../../src/names/sources.js";
import { builtinNames } from "../../src/operators/index.js";
import { sources } from "../support/specs.js";

const resolved = (files: Readonly<Record<string, string>>, entry = "a.gan") =>
  resolve(loadSources(entry, sources(files)).sourceSet, builtinNames);

/** The definitions that the uses of a name lead to, in the order of the text. */
const leads = ({ uses }: Resolved, text: string, name: string): readonly string[] =>
  [...uses]
    .filter(([expr]) => expr.kind === "name" && expr.name === name)
    .sort(([a], [b]) => a.span.start - b.span.start)
    .map(([, to]) => `${to.kind}${placeOf(to, text)}`);

const placeOf = (to: Definition, text: string): string =>
  to.kind === "builtin" ? "" : ` of line ${text.slice(0, to.span.start).split("\n").length}`;

const one = (text: string, name: string): readonly string[] =>
  leads(resolved({ "a.gan": text }).resolved, text, name);

test("a formal hides what stands outside of its function, and only inside", () => {
  const text = "let k = 1\nlet f(k) = k + 1\nlet b = k";
  expect(one(text, "k")).toEqual(["local of line 2", "declared of line 1"]);
});

test("a default sees what stands outside of the function, not its other formals", () => {
  const text = "let k = 1\nlet f(k, m = k) = k + m";
  expect(one(text, "k")).toEqual(["declared of line 1", "local of line 2"]);
});

test("the name of a `let … in` is known in its body, and not in its own value", () => {
  const text = "let k = 1\nlet b =\n  let k = k + 1 in k";
  expect(one(text, "k")).toEqual(["declared of line 1", "local of line 3"]);
});

test("what an expectation draws is known in its body, and its sampler stands outside", () => {
  const text = "domain X = image(8)\nloss f(G : a -> b) = E[a ~ a] l1(G(a), a)";
  expect(one(text, "a")).toEqual(["type variable of line 2", "local of line 2", "local of line 2"]);
});

test("definitions may stand behind their uses, and built-in names need no declaration", () => {
  const text = "let b = c >> relu\nlet c = relu";
  expect(one(text, "c")).toEqual(["declared of line 2"]);
  expect(one(text, "relu")).toEqual(["builtin", "builtin"]);
});

const codes = (text: string, files: Readonly<Record<string, string>> = {}): readonly string[] =>
  resolved({ ...files, "a.gan": text }).diagnostics.map(({ code }) => code);

test("every name means one thing", () => {
  expect(codes("let a = 1\nlet a = 2")).toEqual(["GAN202"]);
  expect(codes("let f(a, a) = 1")).toEqual(["GAN202"]);
  expect(codes("domain Scores = image(8)")).toEqual(["GAN202"]);
  expect(codes('import "b.gan"\nlet a = 1', { "b.gan": "let a = 2" })).toEqual(["GAN202"]);
  expect(codes("let f(a) = 1\nlet g(a) = 1")).toEqual([]);
});

test("an import by path brings all, one by names those alone", () => {
  const b = { "b.gan": "let p = 1\nlet q = 2" };
  expect(codes('import "b.gan"\nlet c = p + q', b)).toEqual([]);
  expect(codes('import "b.gan" (p)\nlet c = p', b)).toEqual([]);
  expect(codes('import "b.gan" (p)\nlet c = q', b)).toEqual(["GAN201"]);
  expect(codes('import "b.gan" (r)', b)).toEqual(["GAN206"]);
});

test("the fields of the entry's recipe stand over those that it imports", () => {
  const files = {
    "a.gan": 'import "b.gan"\ntrain { batch: 2 }',
    "b.gan": "train { batch: 1 average: 0.9 }",
  };
  const { train } = resolved(files).resolved;
  expect([...train.keys()].sort()).toEqual(["average", "batch"]);
  expect(train.get("batch")?.span.file).toBe("a.gan");
  expect(train.get("average")?.span.file).toBe("b.gan");
});

test("the entry's own game stands over the one that it imports", () => {
  const game = "domain X = image(8)\nnet G : X -> X = relu\nsolve { min[G] E[x ~ X] l1(G(x), x) }";
  const own = resolved({
    "a.gan": `import "b.gan"\nsolve { max[G] E[x ~ X] l1(G(x), x) }`,
    "b.gan": game,
  });
  expect(own.diagnostics).toEqual([]);
  expect(own.resolved.solve?.span.file).toBe("a.gan");
  const imported = resolved({ "a.gan": 'import "b.gan"', "b.gan": game });
  expect(imported.resolved.solve?.span.file).toBe("b.gan");
});

test("a name that nothing has is told with what it is near to", () => {
  const [said] = resolved({ "a.gan": "let encoder = relu\nlet b = encodr >> relu" }).diagnostics;
  expect(said?.code).toBe("GAN201");
  const edits = (said?.fix ?? said?.suggestion)?.edits.map(({ text }) => text);
  expect(edits).toEqual(["encoder"]);
});

test("what an expectation has drawn is not known behind it, and a message says so", () => {
  const text = "domain X = image(8)\nobjective L = (E[z ~ X] norm(z)) + norm(z)";
  const [said] = resolved({ "a.gan": text }).diagnostics;
  expect(said?.code).toBe("GAN201");
  expect([...(said?.labels ?? [])].map(({ span }) => span.start)).toContain(text.indexOf("z ~"));
});
