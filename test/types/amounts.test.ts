/** What no machine could hold is refused, at once, with where it comes from. */
import { expect, test } from "@jest/globals";
import { inWords } from "../../src/types/values/words.js";
import { analyseText, type Set as Settings } from "../support/specs.js";

interface Parts {
  readonly before: string;
  readonly x: string;
  readonly g: string;
  readonly batch: string;
  readonly solve: string;
  readonly schedule: string;
}

const usual: Parts = {
  before: "",
  x: "image(8)",
  g: "conv(3, 3, pad: 1) >> tanh",
  batch: "1",
  solve: "min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G)",
  schedule: "constant(2)",
};

/** Codes, and what each diagnostic underlines. */
const found = (parts: Partial<Parts>, set: Settings = {}): readonly string[] => {
  const { before, x, g, batch, solve, schedule } = { ...usual, ...parts };
  const text = `import std.losses (lsgan)
${before}
domain X = ${x}
domain Y = image(8)
net G : X -> Y = ${g}
net D : Y -> Scores = conv(3, 1)
solve { ${solve} }
train { optimizer: adam(1e-4) schedule: ${schedule} batch: ${batch} }`;
  return analyseText(text, set).diagnostics.map(
    ({ code, span }) => `${code} ${text.slice(span.start, span.end)}`,
  );
};

const end = "conv(3, 3, pad: 1) >> tanh";

test("a value of more than 2^32 numbers is refused where it is made", () => {
  expect(found({})).toEqual([]);
  expect(found({ x: "image(2_000_000)", g: `avg_pool(250_000) >> ${end}` })).toEqual(["GAN319 X"]);
  expect(found({ x: "noise(10^12)", g: `dense(192) >> reshape(8, 8, 3) >> ${end}` })).toEqual([
    "GAN319 X",
  ]);
  expect(found({ g: `conv(3, 10^9, pad: 1) >> relu >> ${end}` })).toEqual([
    "GAN319 conv(3, 10^9, pad: 1)",
  ]);
  expect(found({ g: `upsample(10^6) >> avg_pool(10^6) >> ${end}` })).toEqual([
    "GAN319 upsample(10^6)",
  ]);
});

test("2^32 numbers are the most, the batch counted", () => {
  const noise = (batch: number) =>
    found({ x: "noise(2^16)", g: `dense(192) >> reshape(8, 8, 3) >> ${end}`, batch: `${batch}` });
  expect(noise(2 ** 16)).toEqual([]);
  expect(noise(2 ** 16 + 1)).toEqual(["GAN319 65537"]);
  expect(found({ batch: "10^9" })).toEqual(["GAN319 10^9"]);
  expect(found({ g: `conv(3, 2^20, pad: 1) >> relu >> ${end}`, batch: "128" })).toEqual([
    "GAN319 128",
  ]);
});

test("attention weighs each place against each other", () => {
  const attention = (side: number) =>
    found({ x: `image(${side})`, g: `self_attention >> avg_pool(${side / 8}) >> ${end}` });
  expect(attention(256)).toEqual([]);
  expect(attention(512)).toEqual(["GAN319 self_attention"]);
});

test("a network of more than 2^36 parameters is refused, at its one layer or as a whole", () => {
  const deep = (wide: string) => `${wide} >> dense(192) >> reshape(8, 8, 3) >> ${end}`;
  expect(found({ g: deep("(dense(10^5) >> relu) * 6") })).toEqual([]);
  expect(found({ g: deep("(dense(10^5) >> relu) * 8") })).toEqual(["GAN319 G"]);
  expect(found({ g: deep("(dense(10^6) >> relu) * 2") })).toEqual(["GAN319 dense(10^6)"]);
});

test("a history is held too", () => {
  const judged = (history: string) =>
    found({ solve: `min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G, history: ${history})` });
  expect(judged("50")).toEqual([]);
  expect(judged("10^12")).toEqual(["GAN319 lsgan.judge(D, G, history: 10^12)"]);
});

test("of a number all digits count", () => {
  const width = (value: string, set: Settings = {}) =>
    found({ before: `param k : Int = ${value}`, g: `conv(3, 1 + k * 0, pad: 1) >> ${end}` }, set);
  expect(width("2^53 - 1")).toEqual(["GAN408 2^53"]);
  expect(width("9_007_199_254_740_990")).toEqual([]);
  expect(width("9007199254740992")).toEqual(["GAN319 9007199254740992"]);
  expect(width("9007199254740991 + 1")).toEqual(["GAN408 9007199254740991 + 1"]);
  expect(width("8", { k: "9007199254740992" })).toEqual(["GAN402 k"]);
  expect(found({ before: "param r : Real = 1e999" })).toEqual(["GAN319 1e999"]);
});

test("what is repeated or put in a row with itself is refused at once", () => {
  const before = ["let a0 = identity * 0"];
  for (let i = 1; i <= 40; i++) before.push(`let a${i} = a${i - 1} >> a${i - 1}`);
  const begun = performance.now();
  expect(found({ before: before.join("\n"), g: `a40 >> ${end}` })).toEqual(["GAN409 identity * 0"]);
  expect(found({ g: `(identity * 0 >> identity * 0) * 10_000 >> ${end}` })).toEqual([]);
  expect(found({ g: `relu * 10^9 >> ${end}` })).toEqual(["GAN409 10^9"]);
  expect(performance.now() - begun).toBeLessThan(2000);
});

test("counts in words", () => {
  expect([999_999, 4_294_967_297, 192e12, 3e18].map(inWords)).toEqual([
    "999999",
    "4.29 billion",
    "192 trillion",
    "10^18",
  ]);
});

test("an augmentation that makes images of billions of pixels is refused where it says so", () => {
  const augmented = (stages: string): readonly string[] => {
    const text = `domain X = image(32)
net G : X -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(2e-4) schedule: constant(1) augment: ${stages} >> random_crop(32) }`;
    return analyseText(text).diagnostics.map(
      ({ code, span }) => `${code} ${text.slice(span.start, span.end)}`,
    );
  };
  expect(augmented("resize(100000)")).toEqual(["GAN319 resize(100000)"]);
  expect(augmented("resize(20000) >> random_crop(19000)")).toEqual(["GAN319 resize(20000)"]);
  expect(augmented("resize(1000)")).toEqual([]);
});

test("a schedule that nobody sees the end of is refused, however it is put together", () => {
  const epochs = (schedule: string, before = "") => found({ schedule, before });
  expect(epochs("constant(10^8)")).toEqual([]);
  expect(epochs("constant(10^8 + 1)")).toEqual(["GAN319 constant(10^8 + 1)"]);
  expect(epochs("constant(60_000_000) >> linear_to_zero(60_000_000)")).toEqual([
    "GAN319 constant(60_000_000) >> linear_to_zero(60_000_000)",
  ]);
  expect(epochs("decay(n)", "let n = 10^12\nlet decay(k) = cosine(k)")).toEqual([
    "GAN319 decay(n)",
  ]);
});

test("a phase that a step runs for ever is refused, and one whose batches nothing holds", () => {
  const repeated = (times: string, parts: Partial<Parts> = {}) =>
    found({
      solve: `repeat ${times} { min[D] lsgan.judge(D, G) } then min[G] lsgan.fool(G, D)`,
      ...parts,
    });
  expect(repeated("100_000")).toEqual([]);
  expect(repeated("100_001")).toEqual(["GAN319 100_001"]);
  expect(repeated("n", { before: "let n = 10^15" })).toEqual(["GAN319 n"]);
  const large = { x: "image(256)", g: `avg_pool(32) >> ${end}` };
  expect(repeated("10_000", large)).toEqual([]);
  expect(repeated("30_000", large)).toEqual(["GAN319 30_000"]);
  expect(repeated("10_000", { ...large, batch: "3" })).toEqual(["GAN319 10_000"]);
});
