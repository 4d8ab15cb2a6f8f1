/**
 * Networks that make images one after the other are found, and those that nothing leads to are
 * told.
 */
import { expect, test } from "@jest/globals";
import { span } from "../../../src/base/source.js";
import type { Domain } from "../../../src/program/model.js";
import { chains, chainText, unshown } from "../../../src/training/program/chains.js";
import type { NetworkInfo } from "../../../src/training/program/program.js";

const domain = (name: string, kind: Domain["kind"]): Domain => ({
  name,
  kind,
  shape: [1, 1, 2],
  range: [-1, 1],
  span: span("test.gan", 0, 0),
});

const domains = [
  ...["X", "Y"].map((name) => domain(name, "image")),
  ...["H", "W", "V"].map((name) => domain(name, "features")),
  domain("Z", "noise"),
  domain("L", "labels"),
];

/** `Enc : X -> H` */
const net = (text: string): NetworkInfo => {
  const [, name = "", from = "", to = ""] = /^(\w+) : (.*) -> (\w+)$/.exec(text) ?? [];
  return { name, from, to, parameters: [] };
};

test.each<readonly [string, readonly string[], readonly string[], number]>([
  ["one network", ["G : X -> Y"], [], 0],
  ["an encoder and a decoder", ["Enc : X -> H", "Dec : H -> X"], ["Dec(Enc(x))"], 0],
  [
    "several between",
    ["A : X -> H", "B : H -> W", "C : W -> V", "Dec : V -> Y"],
    ["Dec(C(B(A(x))))"],
    0,
  ],
  ["noise through features", ["Map : Z -> W", "Draw : W -> X"], ["Draw(Map(z))"], 0],
  ["a code that noise is drawn for", ["G : Z -> X", "E : X -> Z"], ["G(E(x))"], 0],
  ["the shorter of two ways", ["A : X -> H", "B : H -> H", "D : H -> Y"], ["D(A(x))"], 0],
  ["circles alone", ["B : H -> W", "C : W -> H", "D : H -> Y"], [], 1],
  ["features of nowhere", ["D : H -> Y"], [], 1],
  ["features and an image", ["A : X -> H", "D : (X, H) -> Y"], [], 1],
  ["features and a class", ["A : X -> H", "D : (H, L) -> Y"], [], 1],
  ["an encoder of several", ["A : (X, Y) -> H", "D : H -> Y"], [], 1],
  ["scores and features only", ["A : X -> H", "B : H -> Scores"], [], 0],
])("%s", (_, texts, expected, lonely) => {
  const program = { domains, networks: texts.map(net) };
  expect(chains(program).map(chainText)).toEqual(expected);
  expect(unshown(program)).toHaveLength(lonely);
});

test("what no sample shows is said by its network", () => {
  expect(unshown({ domains, networks: [net("D : (H, L) -> Y")] })).toEqual([
    "no sample shows what D makes: it takes (H, L), and networks of one input cannot make all of that from an image or from noise.",
  ]);
});
