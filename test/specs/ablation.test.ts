/**
 * The paper's ablation on emoji: five specs that differ by the cycle and the adversaries, and by
 * nothing else.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import type { Model } from "../../src/program/model.js";
import { modelOfSpec, root, sources } from "../support/specs.js";

/** The summands of all objectives, as written. */
const summandsOf = ({ phases }: Model): readonly string[] =>
  phases.flatMap(({ players }) =>
    players.flatMap(({ summands }) => summands.map(({ text }) => text)),
  );

const adversaries = ["lsgan.fool(G, D_Fluent)", "lsgan.fool(F, D_Noto)"];
const judges = ["lsgan.judge(D_Fluent, G, history: 50)", "lsgan.judge(D_Noto, F, history: 50)"];

const specs: Readonly<Record<string, readonly string[]>> = {
  "cycle-alone": ["lambda * cycle(G, F)"],
  "gan-alone": [...adversaries, ...judges],
  "gan-backward": [...adversaries, "lambda * backward(G, F)", ...judges],
  "gan-forward": [...adversaries, "lambda * forward(G, F)", ...judges],
  full: [...adversaries, "lambda * cycle(G, F)", ...judges],
};

test("the folder has these five", () => {
  const found = readdirSync(join(root, "specs/ablation")).map((name) => name.replace(/\.gan$/, ""));
  expect(found.sort()).toEqual(Object.keys(specs).sort());
});

test.each(Object.entries(specs))("%s is sound, and plays with %j", (name, summands) => {
  const entry = `specs/ablation/${name}.gan`;
  expect(analyse(entry, sources()).diagnostics).toEqual([]);
  const [model, full] = [modelOfSpec(entry), modelOfSpec("specs/ablation/full.gan")];
  expect(summandsOf(model)).toEqual(summands);
  expect(model.recipe).toEqual(full.recipe);
  // Who judges nothing is not computed
  expect(model.networks.slice(0, 2).map(({ name: of }) => of)).toEqual(["G", "F"]);
});
