/**
 * `ganc engine`: lists the engines of this machine; `ganc engine install` installs a missing one.
 */
import { createInterface } from "node:readline";
import { Presets, SingleBar } from "cli-progress";
import { Argument, type Command } from "commander";
import pc from "picocolors";
import { type EngineReport, listEngines } from "../../../engines/list.js";
import { installTensorFlow, type Outcome } from "../../../engines/tensorflow/install.js";
import { thisMachine } from "../../../engines/tensorflow/machine.js";
import { findPackage } from "../../../engines/tensorflow/package.js";
import { type Progress, runProgram, type Tools } from "../../../engines/tensorflow/tools.js";
import { exitCode } from "../../terminal/interrupt.js";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

const rows = ({ id, title, capabilities, found, missing }: EngineReport): readonly string[] => [
  `${found === undefined ? pc.red("✗") : pc.green("✓")} ${pc.bold(id.padEnd(11))} ${title}: ${capabilities}`,
  ...(found === undefined ? [] : [`  ${"".padEnd(11)} ${found}`]),
  ...(missing === undefined
    ? []
    : [missing.reason, missing.remedy].map((text) => `  ${"".padEnd(11)} ${text}`)),
];

const list = async (): Promise<void> => {
  for (const line of (await listEngines()).flatMap(rows)) say(line);
};

/** Shows a bar on a terminal, or one line at the beginning elsewhere. */
const progress = (label: string, bytes: number): Progress => {
  if (!process.stderr.isTTY) {
    complain(`${label} ...`);
    return { at: () => {}, end: () => {} };
  }
  const megabytes = (n: number) => Math.round(n / 1e6);
  const format = "{label} {bar} {value}/{total} MB";
  const bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  bar.start(megabytes(bytes), 0, { label });
  return { at: (n) => bar.update(megabytes(n)), end: () => bar.stop() };
};

/**
 * Asks a yes-or-no question at a terminal. The end of the input is a no; Ctrl-C interrupts, which
 * readline would swallow.
 */
const ask = (question: string, interrupt: AbortController): Promise<boolean> =>
  new Promise((resolve) => {
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    reader.on("SIGINT", () => {
      interrupt.abort();
      reader.close();
    });
    reader.on("close", () => resolve(false));
    reader.question(`${question} [Y/n] `, (answer) => {
      resolve(/^(y(es)?)?$/i.test(answer.trim()));
      reader.close();
    });
  });

/** Reports an outcome and returns the exit code. `by` is the first signal that came. */
const report = (outcome: Outcome, by: NodeJS.Signals | undefined): number => {
  switch (outcome.kind) {
    case "already":
      say(
        `${pc.green("✓")} The engine tensorflow is already installed: TensorFlow ${outcome.version}${outcome.prebuilt ? ", the package's own binary" : ""}.`,
      );
      return 0;
    case "installed":
      say(
        `${pc.green("✓")} The engine tensorflow works: TensorFlow ${outcome.version} on the ${outcome.gpu ? "GPU" : "CPU"}.`,
      );
      return 0;
    case "declined":
      complain("Nothing was downloaded or changed.");
      return 1;
    case "interrupted":
      complain("Interrupted. The engine is as it was.");
      return exitCode(by);
    case "failed":
      complain(`${pc.red("✗")} ${outcome.why.reason}\n  ${outcome.why.remedy}`);
      return 1;
  }
};

interface InstallOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly cuda?: boolean;
  readonly compiler?: string;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const install = async (given: InstallOptions): Promise<void> => {
  const interrupt = new AbortController();
  let came: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    came ??= signal;
    interrupt.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  const { signal } = interrupt;
  const asks = !given.yes && process.stdin.isTTY && process.stderr.isTTY;
  const tools: Tools = {
    run: runProgram(signal),
    say,
    progress,
    confirm: (question) => (asks ? ask(question, interrupt) : Promise.resolve(true)),
    signal,
  };
  const options = {
    force: given.force === true,
    cuda: given.cuda === true,
    compiler: given.compiler,
  };
  try {
    const outcome = await installTensorFlow(findPackage(), thisMachine(), options, tools);
    process.exitCode = report(outcome, came);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
};

/** Adds `engine` and `engine install <name>` to the program. */
export const registerEngine = (program: Command): void => {
  const engine = program
    .command("engine")
    .description("List the engines of this machine, and why others are missing.")
    .action(list);
  engine
    .command("install")
    .description("Install an engine on this machine, from package registries only.")
    .addArgument(new Argument("<name>", "the engine").choices(["tensorflow"]))
    .option("-y, --yes", "download without asking")
    .option("--force", "build again even if the engine works, and check the hashes of the cache")
    .option("--cuda", "use the TensorFlow that looks for CUDA (572 MB; not tested)")
    .option(
      "--compiler <command>",
      "the C++ compiler, or zig for the one from the package registry",
    )
    .action((_name: string, options: InstallOptions) => install(options));
};
