/** `ganc compile --project`: writes a spec as a package that trains on its own. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isLeft } from "fp-ts/lib/Either.js";
import { quote } from "../../../base/shell.js";
import { compile } from "../../../compiler/index.js";
import { Bookkeeping } from "../../../engines/sessions/bookkeeping.js";
import { startsIn } from "../../../engines/sessions/starts.js";
import { without } from "../../../engines/tfjs/explicit.js";
import { stepPrograms } from "../../../lowering/programs.js";
import { type ProjectFacts, stateFacts } from "../../../project/facts.js";
import { projectFiles, type Versions } from "../../../project/files.js";
import { writeProject } from "../../../project/folder.js";
import { nextCommands } from "../../../project/programs.js";
import { reasonOfDisk } from "../../../training/files/disk.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { programOf } from "../../compiler/compiler.js";
import { displayName, packageRoot, packageVersion, sourcesWithin } from "../../specs/spec-files.js";
import { analysed, fail, type SpecOptions, settings } from "../spec-command.js";

/** The build's files for projects: the runtime and the library of training, with their types. */
const built = join(packageRoot, "dist/src/project/vendored");

const versionsFile = "versions.json";

/** Reads these files, by their names in a project. */
const vendored = (): ReadonlyMap<string, Uint8Array> => {
  const names = readdirSync(built, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(js|d\.ts)$/.test(name))
    .map((name) => name.replaceAll("\\", "/"))
    .sort();
  return new Map([
    ["vendor/ganc/LICENSE", readFileSync(join(packageRoot, "LICENSE"))],
    ...names.map((name) => [`vendor/ganc/${name}`, readFileSync(join(built, name))] as const),
  ]);
};

const versions = (): Versions => JSON.parse(readFileSync(join(built, versionsFile), "utf8"));

/** Writes the project. Reports its files and what to type next. */
export const emitProject = async (
  spec: string,
  folder: string,
  options: SpecOptions,
): Promise<void> => {
  const sound = analysed(spec, options);
  if (sound === undefined) return;
  const { model, sourceSet } = sound;
  const { output } = await compile(
    displayName(spec),
    sourcesWithin(options.root),
    settings(options),
  );
  if (output === undefined) return;
  const books = new Bookkeeping(model, 0, stepPrograms(model, { exact: true, without }));
  const facts: ProjectFacts = {
    format: 1,
    ganc: packageVersion(),
    program: programOf(model, sourceSet),
    streams: books.streams(),
    state: stateFacts(books.form()),
    starts: startsIn(model),
  };
  const own = projectFiles({ facts, text: output.text, versions: versions() });
  try {
    const written = writeProject(
      folder,
      new Map<string, string | Uint8Array>([...own, ...vendored()]),
    );
    if (isLeft(written)) {
      fail(written.left);
      return;
    }
  } catch (error) {
    fail(`cannot write ${folder}: ${reasonOfDisk(error)}`);
    return;
  }
  const shown = [...own.keys()].filter((name) => !name.startsWith("vendor/"));
  const lines = [
    ...shown.map((name) => `${shownPath(join(folder, name))}`),
    `${shownPath(join(folder, "vendor/ganc"))}: the runtime and the library of training`,
    "",
    `cd ${quote(folder)} && npm install`,
    ...nextCommands(facts.program),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
};
