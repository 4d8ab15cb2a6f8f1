/**
 * Words and signs of other languages: each gets the word that ganc has for it, and what is written
 * for it can be read.
 */
import { expect, test } from "@jest/globals";
import { applyEdits } from "../../src/diagnostics/diagnostic.js";
import { parse } from "../../src/syntax/parse.js";

/**
 * What is written, a word of the note that is to be said, and what the fix makes of it; nothing
 * where there is no fix.
 */
type Row = readonly [written: string, says: RegExp, mended?: string];

const rows: readonly Row[] = [
  ["let f = lambda k: conv(3, k)", /`x => …`/, "let f = k => conv(3, k)"],
  ["let f = lambda a, b: a + b", /`x => …`/, "let f = (a, b) => a + b"],
  ["let f = \\k -> conv(3, k)", /`x => …`/, "let f = k => conv(3, k)"],
  ["let f = λk. conv(3, k)", /`x => …`/, "let f = k => conv(3, k)"],
  ["let f = fn k => conv(3, k)", /`x => …`/, "let f = k => conv(3, k)"],
  ["let f = k -> conv(3, k)", /stands in types/, "let f = k => conv(3, k)"],
  ["let f(k) = conv(7 k)", /separated by `,`/],
  ["let f(k) = conv(7 64)", /separated by `,`/, "let f(k) = conv(7, 64)"],
  ["let f(k) = conv(7, k pad: 3)", /separated by `,`/, "let f(k) = conv(7, k, pad: 3)"],
  ["let f(k) = conv(7; k)", /separated by `,`/, "let f(k) = conv(7, k)"],
  ["let f(k) = conv(7, 2k)", /product/],
  ["let f(k) = conv(7, k) relu", /`>>`/],
  ["solve:\n  min[G] L", /braces/],
  ["solve: { min[G] L }", /braces/, "solve { min[G] L }"],
  ["train = { batch: 1 }", /braces/, "train { batch: 1 }"],
  ['train { "batch": 1 }', /without quotes/, "train { batch: 1 }"],
  ["def G(x):\n  return x", /`net G/],
  ["function f(k) { return k }", /`let f\(k\)/],
  ["class G(nn.Module):\n  pass", /no classes/],
  ["let f(k) = return conv(3, k)", /no statements/, "let f(k) = conv(3, k)"],
  ["let f(k) = for i in range(9): conv(3, k)", /`block \* times`/],
  ["for i in range(9):\n  R(256)", /`block \* times`/],
  ["let f = [R(k) for _ in range(9)]", /`block \* times`/],
  ["while true:\n  R", /no loops/],
  ["let f(n) = relu if n == 1 else tanh", /no branches/],
  ["let f(n) = if n == 1 then relu else tanh", /no branches/],
  ["let f(n) = n == 1 ? relu : tanh", /no branches/],
  ["let f(k) = conv(3, k**2)", /`\^`/, "let f(k) = conv(3, k^2)"],
  ["let f = x => reshape(x.shape[0], 1, 2)(x)", /Nothing is indexed/],
  ["import torch.nn as nn", /no import/],
  ["import std.losses as L", /keeps its name/],
  ["from torch import nn", /no import/],
  ["from std.losses import lsgan, wgan", /in brackets/, "import std.losses (lsgan, wgan)"],
  ["import './base.gan'", /Paths stand/, 'import "./base.gan"'],
  ["let f = [conv(3, 8), relu]", /no lists/],
  ['let f(k) = conv(3, f"{k}")', /no texts/],
  ['let f(k) = conv(3, "k")', /no texts/],
  ["let f(k) = conv(3, k, pad: 'same')", /no texts/],
  ["param r : Real = 1e-4f", /no suffix/, "param r : Real = 1e-4"],
  ["param k : Int = 64px", /no unit/],
  ["param k : Int = 8 where k > 1 && k < 9", /`and`/, "param k : Int = 8 where k > 1 and k < 9"],
  ["param k : Int = 8 where k > 9 || k < 9", /`or`/, "param k : Int = 8 where k > 9 or k < 9"],
  ["param k : Int = 8 where !(k > 9)", /`not …`/, "param k : Int = 8 where not (k > 9)"],
  ["param k : Int = 8 where k % 4 = 0", /`==`/],
  ["let f = conv(3, 8) |> relu", /`>>`/, "let f = conv(3, 8) >> relu"],
  ["loss f = E[x ~ X] mean(x)", /`objective`/],
  ["loss f(G : a -> b) = E[x ~ a] |G(x)|", /`abs\(v\)`/],
  ["loss f(G : a -> b) = E[x ~ a] ||G(x)||_1", /`norm\(v\)`/],
  [
    "loss f(G : a -> b): E[x ~ a] l1(G(x), 0)",
    /behind `=`/,
    "loss f(G : a -> b) = E[x ~ a] l1(G(x), 0)",
  ],
  ["domain X : image(64)", /behind `=`/, "domain X = image(64)"],
  ["objective L : Real = f(G)", /no type/, "objective L = f(G)"],
  ["loss f(G : a -> b) = E_{x ~ a}[l1(G(x), 0)]", /`E\[x ~ X\] …`/],
  ["loss f(G : a -> b) = E(x ~ a) l1(G(x), 0)", /`E\[x ~ X\] …`/],
  ["solve { min_{G} L }", /`min\[G, F\] …`/],
  ["solve { min G, F max D L }", /`min\[G, F\] …`/],
  ["const f = relu", /`let`/, "let f = relu"],
  ["const X = image(32)", /domain/, "domain X = image(32)"],
  ["var f(k) = conv(3, k)", /`let`/, "let f(k) = conv(3, k)"],
  ["f(k) = conv(3, k)", /`let`/, "let f(k) = conv(3, k)"],
  ["int n = 3", /`param n : Int/],
  ["let f = relu\nf += tanh", /assigned anew/],
  ["assert params(G) == 3", /`expect`/, "expect params(G) == 3"],
  ["print(ngf)", /no statements/],
  ['"""A spec."""', /Comments/],
  ["# A spec.", /Comments/, "-- A spec."],
  ["param l : Real = \\lambda", /plainly/, "param l : Real = lambda"],
];

test.each(rows.map(([written, says, mended]) => ({ written, says, mended })))("$written", (row) => {
  const { written, says, mended } = row;
  // What stands before is no part of the mistake.
  const before = "let first = relu\n\n";
  const file = { name: "t.gan", text: `${before}${written}\n` };
  const { diagnostics } = parse(file);
  const [first] = diagnostics;
  expect(first?.notes.join(" ")).toMatch(says);
  expect(first?.fix === undefined).toBe(mended === undefined);
  if (first?.fix === undefined) return;
  const text = applyEdits("t.gan", file.text, first.fix.edits);
  expect(text).toBe(`${before}${mended}\n`);
  expect(parse({ name: "t.gan", text }).diagnostics).toEqual([]);
});

test("what only looks foreign is read", () => {
  const text = `let lambda = 3
let for = relu
let if(return) = return
let fn = (def, class) => def >> class
net E : X -> Y = E1(3) >> if(fn)
loss f(D : b -> Scores) = E[y ~ b] abs(D(y))
import "./it's.gan"
`;
  expect(parse({ name: "t.gan", text }).diagnostics).toEqual([]);
});
