/** `ganc diff`: compares two specs in meaning. */

import { type Command, Option } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import { oneLine } from "../../../base/source.js";
import { difference, isSame, type Side } from "../../../report/specs/difference.js";
import { differenceText } from "../../../report/specs/difference-text.js";
import { describe } from "../../../training/files/errors.js";
import { isRunDirectory, openRun } from "../../../training/run-directory/run-directory.js";
import { setsOf } from "../../../training/run-directory/spec-change.js";
import { standardSources } from "../../specs/spec-files.js";
import {
  analysed,
  analysedIn,
  fail,
  type Sound,
  type SpecOptions,
  withSets,
} from "../spec-command.js";

interface DiffOptions extends SpecOptions {
  readonly format: "text" | "json";
}

/** Analyses the spec in a run's folder, with the values that the run was given. */
const ofRun = async (folder: string, options: DiffOptions): Promise<Sound | undefined> => {
  const run = await openRun(folder);
  if (isLeft(run)) {
    fail(describe(run.left));
    return undefined;
  }
  const { entry, sources } = run.right.manifest.spec;
  const texts = new Map(sources.map(({ name, text }) => [name, text]));
  const read = (name: string): string | undefined => texts.get(name) ?? standardSources.read(name);
  const set = { ...setsOf(run.right.manifest), ...options.set };
  return analysedIn(entry, { libraries: standardSources.libraries, read }, { set });
};

const sideOf = async (spec: string, options: DiffOptions): Promise<Side | undefined> => {
  const isRun = await isRunDirectory(spec);
  const sound = isRun ? await ofRun(spec, options) : analysed(spec, options);
  if (sound === undefined) return undefined;
  const { model, sourceSet } = sound;
  return {
    model,
    quote: (span) => oneLine(sourceSet.files.get(span.file)?.text ?? "", span),
  };
};

const diffCommand = async (first: string, second: string, options: DiffOptions): Promise<void> => {
  const [before, after] = [await sideOf(first, options), await sideOf(second, options)];
  if (before === undefined || after === undefined) {
    process.exitCode = 2;
    return;
  }
  const found = difference(before, after);
  const isEqual = isSame(found);
  process.exitCode = isEqual ? 0 : 1;
  process.stdout.write(
    options.format === "json"
      ? `${JSON.stringify({ same: isEqual, ...found }, undefined, 2)}\n`
      : differenceText(found),
  );
};

export const registerDiff = (program: Command): void => {
  withSets(
    program
      .command("diff")
      .argument("<before>", "a .gan file, or the folder of a run")
      .argument("<after>", "another one"),
  )
    .description("Compare two specs in meaning: params, domains, networks, objectives, recipe.")
    .addOption(
      new Option("--format <how>", "text or json").choices(["text", "json"]).default("text"),
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 the same in meaning, 1 different, 2 one of them has errors.",
    )
    .action(diffCommand);
};
