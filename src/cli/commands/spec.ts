/** `ganc check` and `ganc summary`: what can be said of a spec. */
import type { Command } from "commander";
import { summary } from "../../report/summary.js";
import { displayName } from "../spec-files.js";
import { analysed, type SpecOptions, withSets } from "./spec-command.js";

const checkCommand = (specs: readonly string[], options: SpecOptions): void => {
  for (const spec of specs)
    if (analysed(spec, options) !== undefined)
      process.stdout.write(`${displayName(spec)}: sound\n`);
};

const summaryCommand = (spec: string, options: SpecOptions): void => {
  const sound = analysed(spec, options);
  if (sound !== undefined) process.stdout.write(summary(sound.model));
};

export const registerSpec = (program: Command): void => {
  withSets(program.command("check").argument("<specs...>", ".gan files"))
    .description("Say what is wrong with a spec, and how to mend it.")
    .action(checkCommand);
  withSets(program.command("summary").argument("<spec>", "a .gan file"))
    .description("Show networks, players, and which term reaches which network.")
    .action(summaryCommand);
};
