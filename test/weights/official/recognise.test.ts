/** Official networks are recognised by their tensors, and the specs that are written of them. */
import { expect, test } from "@jest/globals";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { analyse } from "../../../src/compiler/frontend.js";
import { guessed, unlike } from "../../../src/weights/official/alike.js";
import {
  type Architecture,
  blurFilter,
  describe as described,
  modulesOf,
  type Norm,
} from "../../../src/weights/official/architecture.js";
import { officialName, type Part, partsOf } from "../../../src/weights/official/parts.js";
import { recognise, type Shapes } from "../../../src/weights/official/recognise.js";
import { type Networks, specOf } from "../../../src/weights/official/spec.js";
import { patch, resnet, unet } from "../../support/official.js";
import { modelOf, modelOfSpec, sources } from "../../support/specs.js";

const shapesOf = (net: Architecture): Map<string, readonly number[]> =>
  new Map(modulesOf(net).flatMap(({ tensors }) => tensors.map(({ name, shape }) => [name, shape])));

const norms: readonly (readonly [Norm, boolean])[] = [
  [{ kind: "instance", affine: false, running: false }, true],
  [{ kind: "instance", affine: true, running: false }, true],
  [{ kind: "batch", affine: true, running: true }, false],
  [{ kind: "none", affine: false, running: false }, false],
];

const nets: readonly Architecture[] = norms.flatMap(([norm, biased]): readonly Architecture[] => {
  const common = { norm, biased, filters: 8 };
  return [
    { ...resnet, ...common, blocks: 9 },
    { ...resnet, ...common, inputs: 1, outputs: 4, blocks: 0 },
    { ...resnet, ...common, dropout: true, blocks: 6 },
    { ...resnet, ...common, blurs: { down: true, up: true } },
    { ...resnet, ...common, blurs: { down: true, up: false } },
    { ...resnet, ...common, blurs: { down: false, up: true } },
    { ...unet, ...common, levels: 7 },
    { ...unet, ...common, levels: 8, inputs: 2 },
    { ...patch, ...common },
    { ...patch, ...common, layers: 1 },
    { ...patch, ...common, layers: 6, inputs: 6 },
    { ...patch, ...common, blurs: true },
    { kind: "pixel", ...common, inputs: 3 },
  ];
});

const names = (net: Architecture): string => `${described(net)}, ${net.inputs} channels`;

test.each(nets.map((net) => [names(net), net] as const))("recognised: %s", (_, net) => {
  const found = recognise(shapesOf(net));
  if (isLeft(found)) throw new Error(found.left);
  // Without blocks nobody can see whether there is dropout in them.
  expect(found.right).toEqual(net);
});

/** A map with one entry changed, taken out or put in. */
const changed = (net: Architecture, name: string, shape: readonly number[] | undefined): Shapes => {
  const shapes = shapesOf(net);
  if (shape === undefined) shapes.delete(name);
  else shapes.set(name, shape);
  return shapes;
};

test.each([
  [
    changed(resnet, "model.4.weight", [8, 4, 5, 5]),
    /its model\.4\.weight is \[8, 4, 5, 5\], and would be \[8, 4, 3, 3\]/,
  ],
  [changed(resnet, "model.4.bias", undefined), /it lacks model\.4\.bias \[8\]/],
  [changed(resnet, "model.40.bias", [8]), /its model\.40\.bias \[8\] has no place there/],
  [changed(resnet, "model.11.conv_block.1.weight", undefined), /looks like resnet_1blocks/],
  [changed(unet, "model.model.3.weight", [9, 3, 4, 4]), /model\.model\.3\.weight/],
  [changed(patch, "model.11.weight", [2, 32, 4, 4]), /model\.11\.weight/],
  [new Map([["mlp_0.0.weight", [256, 64]]]), /network F of CUT/],
  [
    new Map([["fc.weight", [10, 10]]]),
    /of no network of pytorch-CycleGAN-and-pix2pix or CUT: fc\.weight \[10, 10\]/,
  ],
  [new Map(), /of no network/],
])("not recognised", (shapes, words) => {
  const found = recognise(shapes);
  expect(isLeft(found) && found.left).toMatch(words);
});

const specFor = (networks: Networks): string => specOf(networks) ?? "";

test.each(nets.map((net) => [names(net), net] as const))("the spec of %s", (_, net) => {
  const isJudge = net.kind === "patch" || net.kind === "pixel";
  const given: Networks = isJudge
    ? new Map<Part, Architecture>([
        ["G", { ...resnet, outputs: net.inputs }],
        ["D", net],
      ])
    : new Map([["G", net]]);
  const text = specFor(given);
  const { diagnostics, result } = analyse("a.gan", sources({ "a.gan": text }), new Map());
  // Channels that PNG has not are no mistake.
  const found = diagnostics.filter(({ code }) => code !== "GAN510");
  expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  const model = result?.model;
  if (model === undefined) throw new Error("it does not compile");
  const network = model.networks.find(({ name }) => name === (isJudge ? "D" : "G"));
  if (network === undefined) throw new Error("it lacks the network");
  // What the language computes is what it was written for.
  expect(guessed(network)).toEqual({ ...net });
  expect(unlike(network, network)).toBeUndefined();
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("two directions, one of which is in no file; channels may differ", () => {
  const there: Architecture = { ...resnet, outputs: 1 };
  const text = specFor(
    new Map<Part, Architecture>([
      ["G_A", there],
      ["D_B", { ...patch, layers: 2 }],
    ]),
  );
  const model = modelOf(text);
  expect(model.networks.map(({ name, from, to }) => [name, from, to])).toEqual([
    ["G_A", ["A"], "B"],
    ["G_B", ["B"], "A"],
    ["D_A", ["B"], "Scores"],
    ["D_B", ["A"], "Scores"],
  ]);
  expect(model.domains.map(({ shape }) => shape[2])).toEqual([3, 1]);
  expect(text).toContain("in no file, it begins anew");
  expect(text).not.toContain("identity(");
  expect([...partsOf(model)].map(([part, { name }]) => [part, name])).toEqual([
    ["G_A", "G_A"],
    ["G_B", "G_B"],
    ["D_A", "D_A"],
    ["D_B", "D_B"],
  ]);
});

test("no generator, no spec", () => {
  expect(specOf(new Map([["D_A", patch]]))).toBeUndefined();
});

test("a network that differs is told, by its first difference", () => {
  const text = specFor(new Map([["G", resnet]]));
  const other = text.replace("tanh", "hard_sigmoid").replace("hard_sigmoid", "sigmoid");
  const [a, b] = [
    text,
    other.replaceAll("image(size, size, 3)", "image(size, size, 3, low: 0, high: 1)"),
  ].map((one) => modelOf(one).networks[0]);
  if (a === undefined || b === undefined) throw new Error("a spec lacks its network");
  expect(unlike(b, a)).toMatch(/sigmoid.*where the official one has tanh/);
});

test("parts by the names of files", () => {
  expect(officialName("latest_net_G_A.pth")).toEqual({ part: "G_A", epoch: Infinity });
  expect(officialName("200_net_D.pth")).toEqual({ part: "D", epoch: 200 });
  expect(officialName("latest_net_F.pth")?.part).toBe("F");
  for (const name of ["horse2zebra.pth", "latest_net_F_C.pth", "net_G_C.pth"])
    expect(officialName(name)).toBeUndefined();
});

test("parts of the library's CycleGAN", () => {
  const model = modelOfSpec("specs/cyclegan.gan");
  expect([...partsOf(model)].map(([part, { name }]) => [part, name])).toEqual([
    ["G_A", "G"],
    ["G_B", "F"],
    ["D_A", "D_Y"],
    ["D_B", "D_X"],
  ]);
});

test("filters of blurs", () => {
  expect([...blurFilter(3, 1)]).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1].map((n) => n / 16));
  expect(blurFilter(4, 2).reduce((a, b) => a + b)).toBe(8);
});

test("a state that is recognised is right for nobody else", () => {
  expect(nets.every((net) => isRight(recognise(shapesOf(net))))).toBe(true);
  const all = nets.map((net) => JSON.stringify([...shapesOf(net)]));
  expect(new Set(all).size).toBe(nets.length);
});
