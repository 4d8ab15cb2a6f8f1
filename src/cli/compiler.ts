/** The compiler and the engines, as runs need them. */

import { type Either, left, right } from "fp-ts/lib/Either.js";
import pc from "picocolors";
import { type Compilation, compile } from "../compiler/index.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../diagnostics/render.js";
import type { Session } from "../engines/session.js";
import { loadTensorFlow } from "../engines/tensorflow/load.js";
import type { Model } from "../model/model.js";
import type { Sources } from "../names/program.js";
import type { CompiledSpec, Compiler, EngineName, Sets } from "../training/compiled.js";
import type { NetworkInfo, SpecProgram } from "../training/program.js";
import { diskSources, displayName, standardSources } from "./spec-files.js";

const rendered = (diagnostics: readonly Diagnostic[], sources: Sources): string =>
  renderDiagnostics(diagnostics, {
    colour: process.stderr.isTTY === true && pc.isColorSupported,
    width: Math.min(process.stderr.columns ?? 80, 100),
    textOf: sources.read,
  }).trimEnd();

const networkInfo = (model: Model): readonly NetworkInfo[] => {
  const { mean, std } = model.recipe.init;
  return model.networks.map((network) => ({
    name: network.name,
    from: network.from,
    to: network.to,
    parameters: network.parameters.map(({ name, shape }) => ({
      name,
      shape,
      init: name.endsWith(".bias")
        ? { kind: "constant", mean: 0, std: 0 }
        : { kind: "normal", mean, std },
    })),
  }));
};

const programOf = ({ model, files }: NonNullable<Compilation["output"]>): SpecProgram => ({
  name: model.name,
  entry: model.file,
  sources: files,
  params: Object.fromEntries(model.params.map((param) => [param.name, param.value])),
  domains: model.domains,
  networks: networkInfo(model),
  recipe: model.recipe,
});

/** The backend that tfjs computes on, by its label; the error says what is missing and how to get it. */
const startEngine = async (name: EngineName): Promise<Either<string, string>> => {
  if (name !== "cpu") {
    const loaded = await loadTensorFlow();
    if (loaded._tag === "Right") {
      const { version, gpu } = loaded.right;
      return right(`tfjs on tensorflow ${version}${gpu ? " (GPU)" : ""}`);
    }
    const { reason, remedy } = loaded.left;
    const plain = "Plain JavaScript works too, for tiny sizes: --engine cpu";
    return left(`${reason}\n${remedy}\n${plain}`);
  }
  const tf = await import("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  // Its first use would advise to install tfjs-node; whoever asks for this engine knows of the other.
  Object.assign(tf.backend(), { firstUse: false });
  return right("tfjs in plain JavaScript");
};

const openSession = async (
  text: string,
  model: Model,
  name: EngineName,
  seed: number,
): Promise<Either<string, Session>> => {
  const started = await startEngine(name);
  if (started._tag === "Left") return started;
  const { loadGenerated } = await import("../engines/tfjs/load.js");
  const { tfjsSession } = await import("../engines/tfjs/session.js");
  const generated = await loadGenerated(text);
  return right(
    tfjsSession(generated, {
      engine: started.right,
      seed,
      init: model.recipe.init,
      average: model.recipe.average,
    }),
  );
};

const compiled = async (
  entry: string,
  sources: Sources,
  sets: Sets,
): Promise<Either<string, CompiledSpec>> => {
  const { diagnostics, output } = await compile(entry, sources, new Map(Object.entries(sets)));
  if (output === undefined) return left(rendered(diagnostics, sources));
  return right({
    program: programOf(output),
    open: (engine, seed) => openSession(output.text, output.model, engine, seed),
  });
};

export const compiler: Compiler = {
  fromFile: (path, sets) => compiled(displayName(path), diskSources, sets),
  fromSources: (sources, entry, sets) => {
    const texts = new Map(sources.map(({ name, text }) => [name, text]));
    // A run holds the texts of all its files, those of the library as it was among them.
    const read = (name: string): string | undefined =>
      texts.get(name) ?? standardSources.read(name);
    return compiled(entry, { libraries: standardSources.libraries, read }, sets);
  },
};
