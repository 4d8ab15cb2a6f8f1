/**
 * Names of other libraries: none is mended into another operation, and what is said of each is
 * true.
 */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { mendings } from "../../src/diagnostics/mend.js";
import {
  elsewhere,
  knownElsewhere,
  settingElsewhere,
  settingsKnownElsewhere,
} from "../../src/operators/elsewhere.js";
import { callsKnownElsewhere, optionElsewhere } from "../../src/operators/elsewhere-calls.js";
import { lossFunctions } from "../../src/operators/functions.js";
import { builtinNames } from "../../src/operators/index.js";
import { layers } from "../../src/operators/layers.js";
import { recipeWords } from "../../src/operators/recipe.js";
import { sources } from "../support/specs.js";

test("a name of the language is not known from elsewhere, and what stands instead is of the language", () => {
  expect(builtinNames.filter((name) => elsewhere(name) !== undefined)).toEqual([]);
  const letters = new Set(["n", "z", "v"]);
  for (const name of knownElsewhere) {
    const quoted = [...(elsewhere(name) ?? "").matchAll(/`-?(\w+)/g)].map(([, word = ""]) => word);
    expect([
      name,
      quoted.filter((word) => !builtinNames.includes(word) && !letters.has(word)),
    ]).toEqual([name, []]);
  }
});

/**
 * A spec with the name as an optimizer, a stage of a schedule, a layer, or a function of a loss.
 */
const spec = (name: string, place: number): string => {
  const at = (i: number, usual: string): string => (i === place ? name : usual);
  return `domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> ${at(0, "relu")} >> conv(1, 3) >> tanh
net D : X -> Scores = conv(3, 1)
solve {
  min[G] E[x ~ X] ${at(1, "softplus")}(-D(G(x)))
  min[D] E[x ~ X] softplus(-D(x)) + E[x ~ X] softplus(D(stop(G(x))))
}
train { optimizer: ${at(2, "adam")}(1e-3) schedule: ${at(3, "constant")}(5) augment: ${at(4, "random_flip")} }
`;
};

test("nothing is written in place of such a name, wherever it stands", () => {
  expect(analyse("a.gan", sources({ "a.gan": spec("", 9) })).diagnostics).toEqual([]);
  for (const name of knownElsewhere)
    for (const place of [0, 1, 2, 3, 4]) {
      const { diagnostics } = analyse("a.gan", sources({ "a.gan": spec(name, place) }));
      expect([name, diagnostics.map(({ code }) => code)]).toEqual([name, ["GAN201"]]);
      expect([name, mendings(diagnostics, () => true)]).toEqual([name, []]);
      expect(diagnostics[0]?.notes.join()).toContain(elsewhere(name));
    }
});

test("a setting of training scripts is no field, and where it belongs is told", () => {
  for (const name of settingsKnownElsewhere) {
    const text = spec("", 9).replace("train {", `train { ${name}: 1`);
    const { diagnostics } = analyse("a.gan", sources({ "a.gan": text }));
    expect([name, diagnostics.map(({ code }) => code)]).toEqual([name, ["GAN401"]]);
    expect([name, mendings(diagnostics, () => true)]).toEqual([name, []]);
    expect(diagnostics[0]?.notes).toContain(settingElsewhere(name));
  }
});

const signatures = [
  ...[...layers.values(), ...recipeWords.values()].map(({ options }) => options),
  ...[...lossFunctions.values()].map(({ numbers }) => numbers),
].map((options) => options.map(({ name }) => name));

test("an option of another library is one that there is, two of them, or none", () => {
  for (const name of callsKnownElsewhere.options) {
    const found = signatures.map((formals) => optionElsewhere(name, formals));
    const owns = found.flatMap(({ own, two = [], says }) => [own ?? [], two, says ?? []].flat());
    expect([name, owns.length > 0]).toEqual([name, true]);
    // Where it is an option, it is no other library's.
    const has = signatures.filter((formals) => formals.includes(name));
    expect(has.map((formals) => optionElsewhere(name, formals))).toEqual(has.map(() => ({})));
  }
  // `groups` is an option of one layer, and foreign to windows.
  const own = callsKnownElsewhere.options.filter((name) =>
    signatures.some((formals) => formals.includes(name)),
  );
  expect(own).toEqual(["sigma", "groups", "dilation"]);
  expect(optionElsewhere("sigma", ["mean", "std"]).own).toEqual("std");
  expect(optionElsewhere("groups", ["kernel", "filters"]).says).toContain("all channels");
  expect(optionElsewhere("betas", ["rate", "momentum"])).toEqual({});
  expect(optionElsewhere("lr", ["kernel"])).toEqual({});
});

const whole = (layer: string, optimizer = "adam(1e-3)", before = ""): string => `${before}
domain X = image(8)
net G : X -> X = conv(3, 3, pad: 1) >> ${layer} >> conv(1, 3) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: ${optimizer} schedule: constant(5) }
`;

const said = (text: string) => {
  const { diagnostics } = analyse("a.gan", sources({ "a.gan": text }));
  return diagnostics.map(({ code, span, notes, fix, suggestion }) => {
    const [edit] = (fix ?? suggestion)?.edits ?? [];
    return [code, text.slice(span.start, span.end), notes[0], edit?.text];
  });
};

test("members of what other languages have are told by the names that stand here by themselves", () => {
  const own = (name: string) => `ganc's own stands by itself: \`${name}\`.`;
  expect(said(whole("nn.ReLU()"))).toEqual([["GAN201", "nn.ReLU", own("relu"), "relu"]]);
  expect(said(whole("tf.keras.layers.Conv2D(8, 3)"))).toEqual([
    ["GAN201", "tf.keras.layers.Conv2D", own("conv(kernel, filters)"), undefined],
  ]);
  expect(said(whole("self.relu"))).toEqual([["GAN201", "self.relu", own("relu"), "relu"]]);
  expect(said(whole("relu", "torch.optim.Adam(1e-3)"))).toEqual([
    ["GAN201", "torch.optim.Adam", own("adam(rate)"), "adam"],
  ]);
  expect(said(whole("nn.Linear(3, 4)"))[0]?.[2]).toBe(`ganc has no \`Linear\`. ${elsewhere("fc")}`);
  expect(said(whole("nn.foo"))[0]?.[1]).toBe("nn.foo");
  // A module of that name is the spec's own.
  expect(said(whole("nn.f", "adam(1e-3)", "module nn {\n  let f = relu\n}"))).toEqual([]);
});

test("options of other libraries are written as ganc's, where they are the same", () => {
  expect(said(whole("relu", "adam(lr: 1e-3)"))[0]?.[3]).toBe("rate");
  expect(said(whole("relu", "adam(1e-3, betas: (0.5, 0.999))"))[0]?.slice(1)).toEqual([
    "betas",
    "These are two options: `beta1: …, beta2: …`.",
    "beta1: 0.5, beta2: 0.999",
  ]);
  expect(said(whole("leaky_relu(negative_slope: 0.2)"))[0]?.[3]).toBe("slope");
  expect(said(whole("gaussian_blur((3, 3), 1.5, pad: 1)"))[0]?.slice(1)).toEqual([
    "(3, 3)",
    "One number is of both sides.",
    "3",
  ]);
  expect(said(whole("conv((3, 5), 3, pad: 1) >> relu"))[0]?.[3]).toBeUndefined();
  expect(said(whole("relu").replace("constant(5)", "linear_to_zero(0.5)"))[0]?.[2]).toBe(
    "`epochs`: how many epochs of decay.",
  );
});

test("methods of values are told as what is done to a value", () => {
  const loss = (made: string) => whole("relu").replace("l1(G(x), x)", `l1(${made}, x)`);
  expect(said(loss("G(x).detach()"))[0]?.[2]).toMatch(/`stop\(v\)`/);
  expect(said(loss("G(x).abs()"))[0]?.[2]).toBe(
    "What is done to a value stands before it: `abs(v)`.",
  );
  expect(said(whole("(v => conv(3, v.size(0), pad: 1)(v)) >> relu"))[0]?.[2]).toMatch(/^Sizes/);
});

test("comments of C are told as such, also where they could be divisions", () => {
  const text = whole("relu", "adam(1e-3)", "let _n = 3\n// width\n// block\n");
  expect(said(text).map(([code, at, , edit]) => [code, at, edit])).toEqual([
    ["GAN101", "//", "--"],
    ["GAN101", "//", "--"],
  ]);
});
