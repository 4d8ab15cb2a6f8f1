import { expect, test } from "@jest/globals";
import { analyseText } from "../support/specs.js";

const spec = (body: string, lets = ""): string => `
domain X = image(24, 24, 3)
${lets}
net G : X -> X = ${body}
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(2e-4) schedule: constant(1) }`;

test("what is made of networks that play is a part of the model, and nothing else that does not", () => {
  const { result, diagnostics } = analyseText(
    spec(
      "conv(1, 3) >> tanh",
      "net There : X -> X = G >> G\nnet Plain : X -> X = identity\nnet Far : X -> X = There >> There",
    ),
  );
  expect(diagnostics).toEqual([]);
  expect(result?.model.networks.map(({ name }) => name)).toEqual(["There", "Far", "G"]);
});

test("no two layers have one path, whatever blocks are called", () => {
  const lets = "let f(k) = conv(3, k, pad: 1)   let f_2(k) = conv(3, k, pad: 1)";
  const { result } = analyseText(spec("f(3) >> f(3) >> f_2(3) >> tanh", lets));
  expect(result?.model.networks[0]?.layers.map((layer) => layer.path)).toEqual([
    "f.conv",
    "f_2.conv",
    "f_2_2.conv",
    "tanh",
  ]);
});

test("repetition ends: of nothing at once, of too much with a reason", () => {
  expect(analyseText(spec("(identity * 0) * 10000 >> conv(1, 3) >> tanh")).diagnostics).toEqual([]);
  const codes = (body: string) => analyseText(spec(body)).diagnostics.map((d) => d.code);
  expect(codes("(identity * 0) * 1_000_000_000_000 >> tanh")).toEqual(["GAN409"]);
  expect(codes("(relu * 200) * 200 >> tanh")).toEqual(["GAN409"]);
});

test("the recipe's average is a decay, and 0 where nothing is said", () => {
  const withAverage = (text: string) =>
    analyseText(spec("conv(1, 3) >> tanh").replace("schedule:", `average: ${text} schedule:`));
  expect(analyseText(spec("conv(1, 3) >> tanh")).result?.model.recipe.average).toBe(0);
  expect(withAverage("0.999").result?.model.recipe.average).toBe(0.999);
  expect(withAverage("1.5").diagnostics.map((d) => d.code)).toEqual(["GAN403"]);
  expect(withAverage("true").diagnostics.map((d) => d.code)).toEqual(["GAN402"]);
});

test("a sigmoid of values in [0, 1] may be a gate; one of a sigmoid is none", () => {
  const codes = (body: string) =>
    analyseText(spec(body, "let _gate(f) = x => x * f(x)")).diagnostics.map((d) => d.code);
  const excite = (last: string) =>
    codes(
      `conv(3, 8, pad: 1) >> _gate(global_avg_pool >> dense(8) >> ${last}) >> conv(1, 3) >> tanh`,
    );
  expect(excite("softmax >> sigmoid")).toEqual([]);
  expect(excite("sigmoid >> conv(1, 8) >> sigmoid")).toEqual([]);
  expect(excite("sigmoid >> identity >> sigmoid")).toEqual(["GAN314"]);
  expect(codes("sigmoid >> max_pool(1) >> sigmoid >> conv(1, 3) >> tanh")).toEqual([]);
});

test("what a network with a mistake is made of is not known, and nothing is said of who trains it", () => {
  const text = `domain X = image(8, 8, 3)
domain Y = image(8, 8, 3)
net G : X -> Y = conv(3, 4, pad: 1) >> tanh
net Both : X -> X = x => F(G(x))
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G, F] E[x ~ X] l1(Both(x), x) }
train { optimizer: adam(2e-4) schedule: constant(1) }`;
  expect(analyseText(text).diagnostics.map(({ code }) => code)).toEqual(["GAN304"]);
});
