/**
 * `ganc run` over the fake program in a process that presses Ctrl-C at the steps that it is given.
 */
import { Command } from "commander";
import { registerRun } from "../../src/cli/commands/runs/run.js";
import { processTerminal } from "../../src/cli/terminal/terminal.js";
import { fakeCompiler } from "./fake-compiler.js";

const [steps = "", ...args] = process.argv.slice(2);
const pressAt = new Set(steps === "" ? [] : steps.split(",").map(Number));

const press = (step: number): void => {
  if (pressAt.has(step)) process.kill(process.pid, "SIGINT");
  // Twice in one step: the second time it is to leave at once.
  if (pressAt.has(-step)) {
    process.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
    process.kill(process.pid, "SIGINT");
  }
};

const program = new Command("ganc");
registerRun(program, fakeCompiler({}, press), processTerminal);
await program.parseAsync(args, { from: "user" });
process.disconnect?.();
