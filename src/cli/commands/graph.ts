/** `ganc graph`: a spec as a picture. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import pc from "picocolors";
import { nearest } from "../../base/suggest.js";
import { type Analysis, analyse } from "../../compiler/frontend.js";
import { renderDiagnostics } from "../../diagnostics/render.js";
import type { Model } from "../../model/model.js";
import type { Picture } from "../../report/drawing/picture.js";
import { type PlaceOf, placesIn } from "../../report/drawing/places.js";
import { diskSources, displayName } from "../spec-files.js";
import { addSet } from "./options.js";

interface GraphOptions {
  readonly set: Readonly<Record<string, string>>;
  readonly program: string;
  readonly out: string;
}

const fail = (message: string): void => {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
};

const show = (diagnostics: Analysis["diagnostics"]): void => {
  const colour = process.stderr.isTTY === true && pc.isColorSupported;
  const width = Math.min(process.stderr.columns ?? 80, 100);
  process.stderr.write(renderDiagnostics(diagnostics, { colour, width, textOf: diskSources.read }));
};

type Draw = (placeOf: PlaceOf, textOf: (file: string) => string | undefined) => Promise<Picture>;

const game =
  (model: Model): Draw =>
  async (placeOf, textOf) => {
    const { modelPicture } = await import("../../report/drawing/model-picture.js");
    return modelPicture(model, placeOf, textOf);
  };

const step =
  (model: Model): Draw =>
  async (placeOf) => {
    const { stepProgram } = await import("../../lowering/programs.js");
    const { stepPicture } = await import("../../report/drawing/step-picture.js");
    return stepPicture(model, stepProgram(model), placeOf);
  };

/** How to draw the program of that name, or why there is none. */
const programOf = (model: Model, name: string): Either<string, Draw> => {
  if (name === "model") return right(game(model));
  if (name === "step") return right(step(model));
  const network = model.networks.find((one) => one.name === name);
  if (network !== undefined)
    return right(async (placeOf) => {
      const { networkPicture } = await import("../../report/drawing/network-picture.js");
      return networkPicture(model, network, placeOf);
    });
  const names = ["model", "step", ...model.networks.map((one) => one.name)];
  const near = nearest(name, names);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return left(`no program is called ${name}: there are ${names.join(", ")}${hint}`);
};

/** Replaces a file whole, or leaves the old one; folders are made. */
const write = (path: string, content: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
};

const graphCommand = async (spec: string, options: GraphOptions): Promise<void> => {
  const entry = displayName(spec);
  const settings = new Map(Object.entries(options.set));
  const { diagnostics, program, result } = analyse(entry, diskSources, settings);
  show(diagnostics);
  if (result === undefined) {
    process.exitCode = 1;
    return;
  }
  const draw = programOf(result.model, options.program);
  if (isLeft(draw)) {
    fail(draw.left);
    return;
  }
  const textOf = (file: string): string | undefined => program.files.get(file)?.text;
  const picture = await draw.right(placesIn(textOf), textOf);
  const { drawing } = await import("../../report/drawing/svg.js");
  const name = `${basename(entry, ".gan")}.${options.program}.svg`;
  const path = options.out.endsWith(".svg") ? options.out : join(options.out, name);
  try {
    write(path, await drawing(picture));
  } catch (error) {
    fail(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  process.stdout.write(`${path}: ${picture.boxes.length} boxes, ${picture.arrows.length} arrows\n`);
};

export const registerGraph = (program: Command): void => {
  program
    .command("graph")
    .description("Draw a spec as SVG: the game, a network, or the training step with derivatives.")
    .argument("<spec>", "a .gan file")
    .option("--set <name=value>", "give a param another value; may be repeated", addSet, {})
    .option("--program <what>", "model, step, or the name of a network", "model")
    .option("-o, --out <path>", "a folder, or a file that ends in .svg", "generated")
    .action(graphCommand);
};
