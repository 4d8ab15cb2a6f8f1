/** `ganc graph`: draws a spec. */
import type { Command } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { nearest } from "../../../base/suggest.js";
import type { Model } from "../../../program/model.js";
import type { Picture } from "../../../report/drawing/picture.js";
import { type PlaceOf, placesIn } from "../../../report/drawing/places.js";
import { analysed, deliver, delivered, fail, type SpecOptions, withSets } from "../spec-command.js";

interface GraphOptions extends SpecOptions {
  readonly program: string;
  readonly out: string;
}

type Draw = (placeOf: PlaceOf, textOf: (file: string) => string | undefined) => Promise<Picture>;

const game =
  (model: Model): Draw =>
  async (placeOf, textOf) => {
    const { modelPicture } = await import("../../../report/drawing/model-picture.js");
    return modelPicture(model, placeOf, textOf);
  };

/** Names the step's programs, one for each phase. */
const stepNames = ({ phases }: Model): readonly string[] =>
  phases.length === 1 ? ["step"] : phases.map((_, i) => `step_${i + 1}`);

const step =
  (model: Model, phase: number): Draw =>
  async (placeOf) => {
    const { phaseProgram } = await import("../../../lowering/programs.js");
    const { stepPicture } = await import("../../../report/drawing/step-picture.js");
    const players = model.phases[phase]?.players ?? [];
    // The schedule of a computation is not part of the computation.
    const graph = phaseProgram(model, phase, { without: ["memory-scheduling"] });
    return stepPicture({ ...model, players }, graph, placeOf);
  };

/** Returns how to draw the program of that name. The left side says why it cannot. */
const programOf = (model: Model, name: string): Either<string, Draw> => {
  if (name === "model") return right(game(model));
  const phase = stepNames(model).indexOf(name);
  if (phase >= 0) return right(step(model, phase));
  const network = model.networks.find((one) => one.name === name);
  if (network !== undefined)
    return right(async (placeOf) => {
      const { networkPicture } = await import("../../../report/drawing/network-picture.js");
      return networkPicture(model, network, placeOf);
    });
  const names = ["model", ...stepNames(model), ...model.networks.map((one) => one.name)];
  const near = nearest(name, names);
  const hint = near === undefined ? "" : `; did you mean ${near.name}?`;
  return left(`there is no program ${name}: there are ${names.join(", ")}${hint}`);
};

const graphCommand = async (spec: string, options: GraphOptions): Promise<void> => {
  const sound = analysed(spec, options);
  if (sound === undefined) return;
  const { model, sourceSet } = sound;
  const draw = programOf(model, options.program);
  if (isLeft(draw)) {
    fail(draw.left);
    return;
  }
  const textOf = (file: string): string | undefined => sourceSet.files.get(file)?.text;
  const picture = await draw.right(placesIn(textOf), textOf);
  const { drawing } = await import("../../../report/drawing/svg.js");
  const name = `${model.name}.${options.program}`;
  const path = deliver(options.out, ".svg", name, await drawing(picture));
  if (path === undefined) return;
  const { boxes, arrows } = picture;
  delivered(path, `${boxes.length} boxes, ${arrows.length} arrows`);
};

export const registerGraph = (program: Command): void => {
  withSets(program.command("graph").argument("<spec>", "a .gan file"))
    .description("Draw a spec as SVG: the game, a network, or the training step with derivatives.")
    .option(
      "--program <what>",
      "model, step (step_1, step_2, … of a game in phases), or a network",
      "model",
    )
    .option(
      "-o, --out <path>",
      "a folder, a file that ends in .svg, or - for standard output",
      "generated",
    )
    .action(graphCommand);
};
