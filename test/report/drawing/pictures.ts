/**
 * The pictures of the project's specs and of every construct of the language, for tests of
 * drawings.
 */
import type { Graph } from "../../../src/graph/graph.js";
import { phaseProgram } from "../../../src/lowering/programs.js";
import type { Model } from "../../../src/program/model.js";
import { modelPicture } from "../../../src/report/drawing/model-picture.js";
import { networkPicture } from "../../../src/report/drawing/network-picture.js";
import type { Picture } from "../../../src/report/drawing/picture.js";
import { placesIn } from "../../../src/report/drawing/places.js";
import { stepPicture } from "../../../src/report/drawing/step-picture.js";
import { constructs } from "../../support/constructs.js";
import { modelOf, modelOfSpec, readProject } from "../../support/specs.js";

export interface Sample {
  readonly model: Model;
  readonly textOf: (file: string) => string;
}

const ofProject = (entry: string): (() => Sample) => {
  const standard = (file: string): string => (file.startsWith("std/") ? `specs/${file}` : file);
  return () => ({ model: modelOfSpec(entry), textOf: (file) => readProject(standard(file)) });
};

/** Models by what they are models of; each is made when it is asked for. */
export const samples: Readonly<Record<string, () => Sample>> = {
  cyclegan: ofProject("specs/cyclegan.gan"),
  "cyclegan-lsgan": ofProject("specs/cyclegan-lsgan.gan"),
  emoji: ofProject("specs/emoji.gan"),
  ...Object.fromEntries(
    Object.entries(constructs).map(([name, text]) => [
      name,
      () => ({ model: modelOf(text), textOf: () => text }),
    ]),
  ),
};

export const sample = (name: string): Sample => {
  const make = samples[name];
  if (make === undefined) throw new Error(`there is no sample ${name}`);
  return make();
};

export const gameOf = ({ model, textOf }: Sample): Picture =>
  modelPicture(model, placesIn(textOf), textOf);

/** A sample for each phase of the step, as `--program step_2` draws it. */
export const phasesOf = ({
  model,
  textOf,
}: Sample): readonly (Sample & { readonly graph: Graph })[] =>
  model.phases.map((phase, i) => ({
    model: { ...model, players: phase.players },
    graph: phaseProgram(model, i, { without: ["memory-scheduling"] }),
    textOf,
  }));

export const stepOf = (of: Sample): Picture => {
  const [first] = phasesOf(of);
  if (first === undefined) throw new Error("a game without a phase");
  return stepPicture(first.model, first.graph, placesIn(first.textOf));
};

export const networkOf = ({ model, textOf }: Sample, name: string): Picture => {
  const network = model.networks.find((n) => n.name === name);
  if (network === undefined) throw new Error(`there is no network ${name}`);
  return networkPicture(model, network, placesIn(textOf));
};

/** All that can be drawn of a model. */
export const allOf = (of: Sample): readonly Picture[] => [
  gameOf(of),
  stepOf(of),
  ...of.model.networks.map(({ name }) => networkOf(of, name)),
];
