/** `ganc diff`: how two specs differ in meaning. */

import { type Command, Option } from "commander";
import { oneLine } from "../../base/source.js";
import { difference, isSame, type Side } from "../../report/difference.js";
import { differenceText } from "../../report/difference-text.js";
import { analysed, type SpecOptions, withSets } from "./spec-command.js";

interface DiffOptions extends SpecOptions {
  readonly format: "text" | "json";
}

const sideOf = (spec: string, options: DiffOptions): Side | undefined => {
  const sound = analysed(spec, options);
  if (sound === undefined) return undefined;
  const { model, program } = sound;
  return {
    model,
    quote: (span) => oneLine(program.files.get(span.file)?.text ?? "", span),
  };
};

const diffCommand = (first: string, second: string, options: DiffOptions): void => {
  const [before, after] = [sideOf(first, options), sideOf(second, options)];
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
    program.command("diff").argument("<before>", "a .gan file").argument("<after>", "another one"),
  )
    .description(
      "Say how two specs differ in meaning: params, domains, networks, objectives, recipe.",
    )
    .addOption(
      new Option("--format <how>", "text or json").choices(["text", "json"]).default("text"),
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 the same in meaning, 1 different, 2 one of them is in error.",
    )
    .action(diffCommand);
};
