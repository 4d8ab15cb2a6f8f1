/** `ganc explain`: explains a code in more detail than a diagnostic. */
import type { Command } from "commander";
import { editDistance } from "../../../base/suggest.js";
import { type Code, catalogue } from "../../../diagnostics/catalogue.js";
import { explain, listCodes } from "../../../diagnostics/explain.js";
import { reportWidth } from "../../terminal/terminal.js";
import { fail } from "../spec-command.js";

const codes = Object.keys(catalogue) as readonly Code[];

/** Normalises a code as people write it: `GAN301`, `gan301`, `301`. */
const normal = (text: string): string => {
  const upper = text.trim().toUpperCase();
  return /^\d+$/.test(upper) ? `GAN${upper}` : upper;
};

const nearestCode = (text: string): Code | undefined =>
  [...codes].sort((a, b) => editDistance(text, a) - editDistance(text, b))[0];

const explainCommand = (given?: string): void => {
  if (given === undefined) {
    process.stdout.write(listCodes());
    return;
  }
  const text = normal(given);
  const code = codes.find((one) => one === text);
  if (code === undefined) {
    fail(
      `there is no code ${given}; the nearest is ${nearestCode(text)}. \`ganc explain\` lists all.`,
    );
    return;
  }
  process.stdout.write(explain(code, reportWidth(process.stdout)));
};

export const registerExplain = (program: Command): void => {
  program
    .command("explain")
    .argument("[code]", "such as GAN301; without one, all are listed")
    .description("Explain what a diagnostic's code means, what it would cost, and how to fix it.")
    .addHelpText("after", "\nExit codes: 0 explained, 1 no such code, 2 wrong usage.")
    .action(explainCommand);
};
