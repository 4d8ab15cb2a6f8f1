/** `ganc export --to torch`: the project of a run's spec for PyTorch, with what was trained. */
import { analyse } from "../../../compiler/frontend.js";
import type { State } from "../../../contracts/tensor.js";
import type { OpenedRun } from "../../../training/opening/open-run.js";
import { setsOf } from "../../../training/run-directory/spec-change.js";
import { standardSources } from "../../specs/spec-files.js";
import { complain, type Terminal } from "../../terminal/terminal.js";
import { writeTorchProject } from "../spec/torch-project.js";

/** The weights that translation uses, by the names that a file of weights has. */
const weightsOf = (state: State): State =>
  new Map(
    [...state].map(([name, tensor]) => [name.replace(/^average\//, "param/"), tensor] as const),
  );

/** Writes the project into a folder. Returns the exit code. */
export const exportTorch = async (
  { run: { manifest }, compiled, session }: OpenedRun,
  folder: string,
  terminal: Terminal,
): Promise<number> => {
  const { sources, entry } = manifest.spec;
  const texts = new Map(sources.map(({ name, text }) => [name, text]));
  const read = (name: string) => texts.get(name) ?? standardSources.read(name);
  const { libraries } = standardSources;
  const { result } = analyse(entry, { libraries, read }, new Map(Object.entries(setsOf(manifest))));
  if (result === undefined) {
    complain(terminal, "The run's spec cannot be compiled any more.");
    return 1;
  }
  const weights = weightsOf(await session.getState());
  return (await writeTorchProject(result.program, compiled.program, folder, weights)) ? 0 : 1;
};
