/** Values of a network that meet: docs/language.md says which shapes do. */
import { expect, test } from "@jest/globals";
import { analyseText } from "../../support/specs.js";

/**
 * The codes of a network of two inputs, 8 x 8 with 4 channels each, whose body is the expression.
 */
const codes = (body: string): readonly string[] =>
  analyseText(`domain X = image(8, 8, 4)
domain Y = image(8, 8, 4)
net G : (X, Y) -> Scores = (x, y) => ${body}
solve { min[G] E[(x, y) ~ pairs(X, Y)] l2(G(x, y), 1) }
train { optimizer: adam(2e-4) schedule: constant(1) }`)
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ code }) => code);

const one = "conv(3, 1, pad: 1)";

test.each([
  ["equal shapes", `${one}(x + y)`],
  ["one number for each channel", `${one}(x + global_avg_pool(y))`],
  ["one number for all", `${one}(x - conv(1, 1)(global_avg_pool(y)))`],
  ["a mask is multiplied with every channel", `${one}(x * conv(1, 1)(y))`],
  ["a map of noise is added to every channel", `${one}(x + conv(1, 1)(y))`],
  ["numbers on either side", `${one}(1 - 0.5 * x + y / 2)`],
  ["channels in a row", `${one}(concat(x, y))`],
  ["what is 1 x 1 in a row with the rest", `${one}(concat(x, global_avg_pool(y)))`],
])("these meet: %s", (_, body) => {
  expect(codes(body)).toEqual([]);
});

test.each([
  ["other sizes", `${one}(x + conv(4, 4, stride: 2, pad: 1)(y))`, "GAN306"],
  ["other channels", `${one}(x + conv(1, 3)(y))`, "GAN306"],
  ["other sizes in a row", `${one}(concat(x, conv(4, 4, stride: 2, pad: 1)(y)))`, "GAN306"],
  ["a quotient of values", `${one}(x / y)`, "GAN305"],
  ["a number divided by a value", `${one}(1 / x)`, "GAN305"],
  ["a power", `${one}(x ^ 2)`, "GAN305"],
  ["nothing is divided by 0", `${one}(x / 0)`, "GAN408"],
])("these do not: %s", (_, body, code) => {
  expect(codes(body)).toEqual([code]);
});
