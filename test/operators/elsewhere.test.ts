/** Names of other libraries: none is mended into another operation, and what is said of each is true. */
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { mendings } from "../../src/diagnostics/mend.js";
import {
  elsewhere,
  knownElsewhere,
  settingElsewhere,
  settingsKnownElsewhere,
} from "../../src/operators/elsewhere.js";
import { builtinNames } from "../../src/operators/index.js";
import { sources } from "../support/specs.js";

test("a name of the language is not known from elsewhere, and what stands instead is of the language", () => {
  expect(builtinNames.filter((name) => elsewhere(name) !== undefined)).toEqual([]);
  const letters = new Set(["n", "z"]);
  for (const name of knownElsewhere) {
    const quoted = [...(elsewhere(name) ?? "").matchAll(/`-?(\w+)/g)].map(([, word = ""]) => word);
    expect([
      name,
      quoted.filter((word) => !builtinNames.includes(word) && !letters.has(word)),
    ]).toEqual([name, []]);
  }
});

/** A spec with the name as an optimizer, a stage of a schedule, a layer, or a function of a loss. */
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
