/**
 * What `verifyProgram` finds: one thing broken in a sound program, and the sentence that says so.
 */
import { beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { analyse } from "../../src/compiler/frontend.js";
import { parseProgram } from "../../src/program/parse.js";
import { printProgram } from "../../src/program/print.js";
import { verifyProgram } from "../../src/program/verify/verify.js";
import { sources } from "../support/specs.js";

const spec = `param k : Int = 4
let c(n) = conv(3, n, pad: 1) >> relu
let twice = c(k) >> c(2 * k)
domain X = image(8, 8, 3)
domain Y = image(8, 8, 3)
net G : X -> Y = twice >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = (x => concat(x, x)) >> spectral_norm(conv(3, 1)) >> sigmoid
loss gan(G : a -> b, D : b -> Scores, w) = E[y ~ b] log(D(y)) + w * E[x ~ a] log(1 - D(replay(G(x), 2)))
  + E[x ~ a] l1(G(x), stop(G(x)))
objective L = gan(G, D, 1)
objective M = L + E[y ~ Y, z ~ Y] norm(clamp(grad(D)(mix(y, z, 0.5)), low: -1, high: 1)) ^ 2
solve { min[G] L max[D] M }
train {
  optimizer: adam(1e-3) optimizer[D]: sgd(0.1) clip[D]: 0.5 schedule: constant(1) batch: 2 stop: collapse
}`;

let text = "";

beforeAll(() => {
  const { result, diagnostics } = analyse("test.gan", sources({ "test.gan": spec }));
  if (result === undefined) throw new Error(JSON.stringify(diagnostics));
  text = printProgram(result.program);
});

/** What is wrong with the program once a part of its text, or every such part, is another. */
const problemsOf = (from: string | RegExp, to: string): readonly string[] => {
  const broken = text.replace(from, to);
  expect(broken).not.toBe(text);
  const back = parseProgram(broken);
  if (isLeft(back)) throw new Error(back.left);
  return verifyProgram(back.right);
};

test("nothing is wrong with it as it is", () => {
  const back = parseProgram(text);
  expect(isLeft(back) ? back.left : verifyProgram(back.right)).toEqual([]);
});

const broken: readonly (readonly [
  what: string,
  from: string | RegExp,
  to: string,
  says: string,
])[] = [
  ["a param twice", /(\(set k Int 4 .*\n)/, "$1$1", "two params are k"],
  ["a domain twice", /(\(domain \(X image.*\n)/, "$1$1", "two domains are X"],
  [
    "a domain of another shape",
    "(X image 8x8x3",
    "(X image 8x8x4",
    "network G: X is 8 x 8 x 4, not 8 x 8 x 3",
  ],
  ["a domain that is none", "G from: (X)", "G from: (Z)", "network G: there is no domain Z"],
  [
    "an input too many",
    "G from: (X)",
    "G from: (X Y)",
    "network G: it has not one input for each domain",
  ],
  [
    "a layer that is none",
    "c.relu relu",
    "c.relu rely",
    "network G: layer c.relu: there is no layer rely",
  ],
  [
    "a layer's shape",
    "8x8x4 parameters",
    "8x8x5 parameters",
    "network G: layer c.conv: its shape should be 8 x 8 x 4, not 8 x 8 x 5",
  ],
  [
    "a weight's shape",
    "(weight (3 3 3 4))",
    "(weight (3 3 3 5))",
    "network G: layer c.conv: it has other weights than its options say",
  ],
  [
    "a weight's name",
    "(weight (3 3 3 4))",
    "(wait (3 3 3 4))",
    "network G: layer c.conv: it has other weights than its options say",
  ],
  [
    "an option too few",
    "pad: 1 groups: 1 bias: true dilation: 1) (0)",
    "pad: 1 groups: 1 dilation: 1) (0)",
    "network G: layer c.conv: its option bias is no Bool",
  ],
  [
    "an option of another type",
    "kernel: 3 filters: 4",
    "kernel: true filters: 4",
    "network G: layer c.conv: its option kernel is no Int",
  ],
  [
    "an option too many",
    "c.relu relu ()",
    "c.relu relu (slope: 1)",
    "network G: layer c.relu: it has no option slope",
  ],
  [
    "a layer read too early",
    "c.relu relu () (1)",
    "c.relu relu () (5)",
    "network G: layer c.relu: it reads 5, which stands behind it",
  ],
  [
    "two inputs of one",
    "c.relu relu () (1)",
    "c.relu relu () (1 1)",
    "network G: layer c.relu: it takes one value, not 2",
  ],
  ["a layer's number", "(2 c.relu", "(7 c.relu", "network G: layer c.relu: its number should be 2"],
  ["two layers of one name", "c_2.relu", "c.relu", "network G: two layers are c.relu"],
  ["two parameters of one name", "c_2.conv", "c.conv", "two parameters are G.c.conv.weight"],
  [
    "another output",
    "output: 8x8x3",
    "output: 8x8x2",
    "network G: its output should be 8 x 8 x 3, not 8 x 8 x 2",
  ],
  [
    "another receptive field",
    "receptiveField: 7",
    "receptiveField: 9",
    "network G: its receptive field should be 7",
  ],
  [
    "what joins other sizes",
    "concat concat () (0 0) 8x8x6",
    "concat concat () (0 0) 8x8x3",
    "network D: layer concat: its shape should be 8 x 8 x 6, not 8 x 8 x 3",
  ],
  ["a network twice", /\(D from: \(Y\)/, "(G from: (Y)", "two networks are G"],
  [
    "a network without a definition",
    "(network G text:",
    "(network H text:",
    "network G: no definition says how it is written",
  ],
  ["a definition twice", /\(let twice /, "(let c ", "two definitions are c"],
  [
    "a local that nothing binds",
    "3 (local %n type: number)",
    "3 (local %m type: number)",
    "let c: nothing binds %m",
  ],
  [
    "a definition that is none",
    "(definition twice ",
    "(definition thrice ",
    "network G: there is no definition thrice",
  ],
  [
    "a built-in that is none",
    "(builtin relu ",
    "(builtin rely ",
    "let c: there is no built-in rely",
  ],
  [
    "a domain among definitions that is none",
    "(domain X text:",
    "(domain Z text:",
    "domain Z: there is no domain Z",
  ],
  ["a player's network", "maxD max (D)", "maxD max (E)", "player maxD: there is no network E"],
  ["a player twice", "maxD max", "minG max", "two players are minG"],
  ["a phase of no times", "(phase 1", "(phase 0", "a phase runs 0 times"],
  [
    "summands that there are not",
    '("L" 0 1',
    '("L" 0 4',
    "player minG: L is made of summands that there are not",
  ],
  [
    "networks that a summand reaches",
    "(D G)\n",
    "(G)\n",
    "player minG: gan(G, D, 1) reaches other networks than is said",
  ],
  [
    "a draw of what is no domain",
    "(draw y Y slot",
    "(draw y Z slot",
    "player minG: there is no domain Z",
  ],
  [
    "a network that is applied and is none",
    "(apply D (draw y Y",
    "(apply E (draw y Y",
    "player minG: there is no network E",
  ],
  [
    "a value of another domain",
    "(apply D (draw y Y",
    "(apply D (draw y X",
    "player minG: a draw should be X 8 x 8 x 3, not Y 8 x 8 x 3",
  ],
  [
    "a term's shape",
    "type: (tensor 6x6x1)",
    "type: (tensor 6x6x2)",
    "player minG: a pointwise should be 6 x 6 x 1, not 6 x 6 x 2",
  ],
  [
    "a term's kind of type",
    "type: (tensor 6x6x1)",
    "type: loss",
    "player minG: a pointwise should be 6 x 6 x 1, not a loss",
  ],
  [
    "a function that is none",
    "(pointwise log",
    "(pointwise lag",
    "player minG: there is no function lag",
  ],
  [
    "a function of another kind",
    "(pointwise log",
    "(pointwise l1",
    "player minG: l1 is no pointwise",
  ],
  [
    "a history of half an image",
    "(replay 2",
    "(replay 0.5",
    "player minG: a history holds a whole number of images",
  ],
  [
    "a variable of no gradient",
    "(variable 0 ",
    "(variable 1 ",
    "player maxD: a variable stands outside of its gradient",
  ],
  [
    "a number too few of a function",
    /\(constant 1 value: 1 type: loss\s+span: [^)]*\)(?=\s+type: \(tensor 8x8x3)/,
    "",
    "player maxD: clamp takes 1 values and 2 numbers",
  ],
  ["a loss that is none", "of: gan args", "of: gang args", "player minG: there is no loss gang"],
  [
    "a loss without its number",
    "numbers: (w: (1 value: 1))",
    "numbers: ()",
    "player minG: gan takes other numbers than it is given",
  ],
  [
    "a loss with another network",
    "networks: (G: G D: D)",
    "networks: (G: G D: E)",
    "player minG: there is no network E",
  ],
  [
    "a formal that is none",
    /\(apply D (\(draw y b)/,
    "(apply E $1",
    "loss gan: there is no network E",
  ],
  ["an optimizer that is none", "(adam 0.001", "(adum 0.001", "recipe: there is no optimizer adum"],
  ["an optimizer's option", "beta1: 0.9 ", "", "recipe: adam: its option beta1 is no Real"],
  [
    "a schedule that is none",
    "(constant 1 (epochs: 1))",
    "(constantly 1 (epochs: 1))",
    "recipe: there is no schedule constantly",
  ],
  ["a network of the recipe", "clip: (D: 0.5)", "clip: (E: 0.5)", "recipe: there is no network E"],
  ["a domain of the recipe", "augment: (X:", "augment: (Z:", "recipe: there is no domain Z"],
  [
    "a monitor that is none",
    "stop: (collapse)",
    "stop: (collapsed)",
    "recipe: there is no monitor collapsed",
  ],
  ["half a batch", "batch: 2", "batch: 0.5", "recipe: batch is 0.5"],
  ["an average of 1", "average: 0", "average: 1", "recipe: average is 1"],
];

test.each(broken)("%s is found", (_, from, to, says) => {
  expect(problemsOf(from, to)).toEqual(expect.arrayContaining([says]));
});

test("a definition that stands behind what needs it is found", () => {
  const back = parseProgram(text);
  if (isLeft(back)) throw new Error(back.left);
  const { model, definitions } = back.right;
  expect(verifyProgram({ model, definitions: definitions.toReversed() })).toContain(
    "let twice: c is defined behind what needs it",
  );
});

test("what is said beside the layers must follow from them", () => {
  const back = parseProgram(text);
  if (isLeft(back)) throw new Error(back.left);
  const { model, definitions } = back.right;
  const networks = model.networks.map((network) => ({ ...network, size: 1, buffers: [] }));
  const problems = verifyProgram({ model: { ...model, networks }, definitions });
  expect(problems).toEqual([
    "network G: what is said of its size does not follow from its layers",
    "network D: what is said of its buffers does not follow from its layers",
    "network D: what is said of its size does not follow from its layers",
  ]);
});
