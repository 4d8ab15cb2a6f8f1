/** `ganc compile --target torch --project`: writes a spec as a project that trains with PyTorch. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isLeft } from "fp-ts/lib/Either.js";
import { recordOf } from "../../../base/record.js";
import { quote } from "../../../base/shell.js";
import type { Program } from "../../../compiler/index.js";
import type { State } from "../../../contracts/tensor.js";
import { Bookkeeping, firstState } from "../../../engines/sessions/bookkeeping.js";
import { stepPrograms } from "../../../lowering/programs.js";
import { writeProject } from "../../../project/folder.js";
import { torchFacts } from "../../../project/torch/facts.js";
import { torchProjectFiles } from "../../../project/torch/files.js";
import { nextCommands } from "../../../project/torch/programs.js";
import { emitTorch } from "../../../targets/torch/emit.js";
import { reasonOfDisk } from "../../../training/files/disk.js";
import { describe } from "../../../training/files/errors.js";
import { encode } from "../../../training/files/safetensors.js";
import { loadWeights } from "../../../training/opening/weights.js";
import type { SpecProgram } from "../../../training/program/program.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { programOf } from "../../compiler/compiler.js";
import { packageRoot, packageVersion } from "../../specs/spec-files.js";
import { analysed, fail, type SpecOptions } from "../spec-command.js";

/** Packages of a project: those of the engine's list that it imports, and what reads files. */
const imported = ["torch", "numpy"];

/** What only projects need, in the versions that the tests run. */
const beside = { pillow: "13.0.0", safetensors: "0.8.0" };

/** The versions of the engine's list. */
const versions = (): Readonly<Record<string, string>> => {
  const list = readFileSync(join(packageRoot, "requirements/torch.txt"), "utf8");
  const found = [...list.matchAll(/^([\w-]+)==([\w.]+)/gm)].filter(([, name = ""]) =>
    imported.includes(name),
  );
  return {
    ...recordOf(found.map(([, name = "", version = ""]) => [name, version] as const)),
    ...beside,
  };
};

/** Reads the library's files, by their names in a project. */
const library = (): ReadonlyMap<string, Uint8Array> => {
  const folders = ["engines/torch/ganc_run", "project/torch/ganc_run"];
  const files = folders.flatMap((folder) => {
    const path = join(packageRoot, "dist/src", folder);
    return readdirSync(path)
      .filter((name) => name.endsWith(".py"))
      .map((name) => [`ganc_run/${name}`, readFileSync(join(path, name))] as const);
  });
  return new Map([["ganc_run/LICENSE", readFileSync(join(packageRoot, "LICENSE"))], ...files]);
};

/** The weights that the spec takes from files, or what is wrong with one; none if it takes none. */
const startWeights = async (
  { model }: Program,
  spec: SpecProgram,
): Promise<State | string | undefined> => {
  const given = spec.networks.filter(
    ({ weights, published }) => weights !== undefined || published !== undefined,
  );
  if (given.length === 0) return undefined;
  let state: State = await firstState(model, new Bookkeeping(model, 0, stepPrograms(model, {})), 0);
  const session = {
    getState: async () => state,
    setState: async (loaded: State) => {
      state = loaded;
    },
  };
  const loaded = await loadWeights(spec, session);
  if (isLeft(loaded)) return describe(loaded.left);
  const own = new Set(
    given.flatMap(({ parameters, statistics = [] }) => [
      ...parameters.map(({ name }) => `param/${name}`),
      ...statistics.map(({ name }) => `buffer/${name}`),
    ]),
  );
  return new Map([...state].filter(([name]) => own.has(name)));
};

/** Joins the pieces of a file. */
const fileOf = (state: State): Uint8Array => Buffer.concat(encode(state));

/**
 * Writes the project of a program. Reports its files and what to type next.
 * @param weights what was trained, by the names of the state, to lie beside the code
 * @returns whether it was written
 */
export const writeTorchProject = async (
  program: Program,
  spec: SpecProgram,
  folder: string,
  weights?: State,
): Promise<boolean> => {
  const start = await startWeights(program, spec);
  if (typeof start === "string") {
    fail(start);
    return false;
  }
  const facts = torchFacts(program, spec, packageVersion());
  const text = emitTorch(program);
  const isTrained = weights !== undefined;
  const own = torchProjectFiles({ facts, text, versions: versions(), isTrained });
  const tensors: readonly (readonly [string, Uint8Array])[] = [
    ...(start === undefined ? [] : [["start.safetensors", fileOf(start)] as const]),
    ...(weights === undefined ? [] : [["weights.safetensors", fileOf(weights)] as const]),
  ];
  try {
    const all = new Map<string, string | Uint8Array>([...own, ...tensors, ...library()]);
    const written = writeProject(folder, all);
    if (isLeft(written)) {
      fail(written.left);
      return false;
    }
  } catch (error) {
    fail(`cannot write ${folder}: ${reasonOfDisk(error)}`);
    return false;
  }
  const [train = "", ...use] = nextCommands(facts);
  const used = use.map((one) =>
    isTrained ? one.replace("runs/first", "weights.safetensors") : one,
  );
  const lines = [
    ...[...own.keys(), ...tensors.map(([name]) => name)].map((name) =>
      shownPath(join(folder, name)),
    ),
    `${shownPath(join(folder, "ganc_run"))}: runs, images and random numbers`,
    "",
    `cd ${quote(folder)} && python -m venv .venv && . .venv/bin/activate && pip install -r requirements.txt`,
    ...(isTrained ? [...used, train] : [train, ...used]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return true;
};

export const emitTorchProject = async (
  spec: string,
  folder: string,
  options: SpecOptions,
): Promise<void> => {
  const sound = analysed(spec, options);
  if (sound === undefined) return;
  const { program, model, sourceSet } = sound;
  await writeTorchProject(program, programOf(model, sourceSet), folder);
};
