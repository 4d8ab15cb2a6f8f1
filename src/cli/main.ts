/** The command line: the only room that touches the terminal. Exit codes: 0 done, 1 a reported failure, 2 wrong usage, 70 an error inside ganc, 130 interrupted. */
import { Command, CommanderError } from "commander";
import { registerEngine } from "./commands/engine.js";
import { registerSpec } from "./commands/spec.js";

export const run = async (args: readonly string[]): Promise<number> => {
  const program = new Command("ganc")
    .description(
      "A functional, declarative language for generative adversarial models, and its compiler.",
    )
    .exitOverride();
  registerSpec(program);
  registerEngine(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
};
