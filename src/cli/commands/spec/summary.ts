/** `ganc summary`: prints a correct spec as tables. */
import type { Command } from "commander";
import { summary } from "../../../report/specs/summary.js";
import { analysed, type SpecOptions, withSets } from "../spec-command.js";

const summaryCommand = (spec: string, options: SpecOptions): void => {
  const sound = analysed(spec, options);
  if (sound !== undefined) process.stdout.write(summary(sound.model));
};

export const registerSummary = (program: Command): void => {
  withSets(program.command("summary").argument("<spec>", "a .gan file"))
    .description("Show networks, players, and which term reaches which network.")
    .action(summaryCommand);
};
