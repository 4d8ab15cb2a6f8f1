/** Norms of channels that are the same at every place are refused, and those of others are not. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { analyseText, sources, specNames } from "../support/specs.js";

/** What is underlined by each refusal; other diagnostics by their codes. */
const found = (g: string): readonly string[] => {
  const text = `import std.losses (lsgan)
domain X = image(8)
net G : X -> X = ${g} >> conv(3, 3, pad: 1) >> tanh
net D : X -> Scores = conv(3, 1)
solve { min[G] lsgan.fool(G, D) min[D] lsgan.judge(D, G) }
train { optimizer: adam(2e-4) schedule: constant(2) }`;
  return analyseText(text).diagnostics.map(({ code, span }) =>
    code === "GAN303" ? text.slice(span.start, span.end) : code,
  );
};

test("one place, repeated", () => {
  expect(found("dense(16) >> upsample(8) >> instance_norm")).toEqual(["instance_norm"]);
  expect(found("dense(16) >> relu >> upsample(8) >> tanh >> instance_norm(affine: true)")).toEqual([
    "instance_norm(affine: true)",
  ]);
  expect(found("dense(16) >> upsample(8) >> (x => concat(x, relu(x))) >> instance_norm")).toEqual([
    "instance_norm",
  ]);
});

test("norms of what differs between places or channels", () => {
  for (const g of [
    "conv(3, 16, pad: 1) >> instance_norm",
    "dense(1024) >> reshape(8, 8, 16) >> instance_norm",
    "dense(16) >> upsample(8) >> layer_norm",
    "dense(16) >> upsample(8) >> group_norm(4)",
    "dense(16) >> upsample(8) >> batch_norm",
    "dense(16) >> upsample(8) >> conv(3, 8, pad: 1) >> instance_norm",
    "dense(16) >> upsample(8) >> dropout >> instance_norm",
    "(x => concat(x, upsample(8)(dense(16)(x)))) >> instance_norm",
  ])
    expect(found(g)).toEqual([]);
});

test("the gallery has none", () => {
  for (const name of specNames)
    expect(analyse(name, sources()).diagnostics.filter(({ code }) => code === "GAN303")).toEqual(
      [],
    );
});
