/**
 * Networks may be called as what every JavaScript object inherits: no table answers for such a
 * name.
 */
import { expect, test } from "@jest/globals";
import { optimizerOf } from "../../src/program/model.js";
import { modelOf } from "../support/specs.js";

const inherited = Object.getOwnPropertyNames(Object.prototype);

const spec = (net: string) => `
domain X = image(24)
domain Y = image(24)
net ${net} : X -> Y = conv(3, 3, pad: 1) >> tanh
solve { min[${net}] E[(x, y) ~ pairs(X, Y)] l1(${net}(x), y) }
train { optimizer: adam(2e-4) schedule: constant(1) }
`;

test.each(inherited)("a network called `%s` has the recipe's optimizer and no clip", (net) => {
  const { recipe } = modelOf(spec(net));
  expect(optimizerOf(recipe, net)).toMatchObject({ kind: "adam", rate: 2e-4 });
  expect(recipe.clip[net]).toBeUndefined();
  expect(recipe.augment[net]).toBeUndefined();
});
