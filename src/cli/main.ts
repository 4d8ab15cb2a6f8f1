/**
 * The command line: the only room that touches the terminal. Exit codes: 0 done, 1 a reported
 * failure, 2 wrong usage, 70 an internal error, 128 + n after signal n (130 is Ctrl-C).
 */
import { setImmediate } from "node:timers/promises";
import { Command, CommanderError } from "commander";
import { printable } from "../base/printable.js";
import { packageVersion } from "./specs/spec-files.js";
import { withoutSwallowed } from "./swallowed.js";
import { type Unshown, type Watched, watchStreams } from "./terminal/streams.js";

interface Group {
  readonly commands: readonly string[];
  /** What to do if output cannot be shown: commands that write files or compute for long go on. */
  readonly whenUnshown: Unshown;
  /** Loads what the commands need, which takes up to a second, and adds them. */
  readonly add: (program: Command) => Promise<void>;
}

const trainingGroup = async (program: Command): Promise<void> => {
  const [{ compiler }, { processTerminal }, run, translate, evaluate, ablate] = await Promise.all([
    import("./compiler/compiler.js"),
    import("./terminal/terminal.js"),
    import("./commands/runs/run.js"),
    import("./commands/networks/translate.js"),
    import("./commands/runs/evaluate.js"),
    import("./commands/runs/ablate.js"),
  ]);
  run.registerRun(program, compiler, processTerminal);
  translate.registerTranslate(program, compiler, processTerminal);
  evaluate.registerEvaluate(program, compiler, processTerminal);
  ablate.registerAblate(program, compiler, processTerminal);
};

const useGroup = async (program: Command): Promise<void> => {
  const [{ compiler }, { processTerminal }, importing, exporting, serving] = await Promise.all([
    import("./compiler/compiler.js"),
    import("./terminal/terminal.js"),
    import("./commands/networks/import.js"),
    import("./commands/networks/export.js"),
    import("./commands/networks/serve.js"),
  ]);
  importing.registerImport(program, compiler, processTerminal);
  exporting.registerExport(program, compiler, processTerminal);
  serving.registerServe(program, compiler, processTerminal);
};

const reportGroup = async (program: Command): Promise<void> => {
  const [{ compiler }, { processTerminal }, report] = await Promise.all([
    import("./compiler/compiler.js"),
    import("./terminal/terminal.js"),
    import("./commands/runs/report.js"),
  ]);
  report.registerReport(program, compiler, processTerminal);
};

const groups: readonly Group[] = [
  {
    commands: ["check"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/spec/check.js")).registerCheck(program),
  },
  {
    commands: ["summary"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/spec/summary.js")).registerSummary(program),
  },
  {
    commands: ["explain"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/spec/explain.js")).registerExplain(program),
  },
  {
    commands: ["fmt"],
    whenUnshown: "go on",
    add: async (program) => (await import("./commands/spec/format.js")).registerFormat(program),
  },
  {
    commands: ["diff"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/spec/diff.js")).registerDiff(program),
  },
  {
    commands: ["compile"],
    whenUnshown: "go on",
    add: async (program) => (await import("./commands/spec/compile.js")).registerCompile(program),
  },
  {
    commands: ["graph"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/spec/graph.js")).registerGraph(program),
  },
  {
    commands: ["run", "translate", "evaluate", "ablate"],
    whenUnshown: "go on",
    add: trainingGroup,
  },
  {
    commands: ["import", "export", "serve"],
    whenUnshown: "go on",
    add: useGroup,
  },
  {
    commands: ["report"],
    whenUnshown: "go on",
    add: reportGroup,
  },
  {
    commands: ["runs"],
    whenUnshown: "end",
    add: async (program) => {
      const [{ registerRuns }, { processTerminal }] = await Promise.all([
        import("./commands/runs/runs.js"),
        import("./terminal/terminal.js"),
      ]);
      registerRuns(program, processTerminal);
    },
  },
  {
    commands: ["init"],
    whenUnshown: "go on",
    add: async (program) => (await import("./commands/setup/init.js")).registerInit(program),
  },
  {
    commands: ["data"],
    whenUnshown: "go on",
    add: async (program) => (await import("./commands/setup/data.js")).registerData(program),
  },
  {
    commands: ["doc"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/spec/doc.js")).registerDoc(program),
  },
  {
    commands: ["plan"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/spec/plan.js")).registerPlan(program),
  },
  {
    commands: ["doctor"],
    whenUnshown: "end",
    add: async (program) => (await import("./commands/setup/doctor.js")).registerDoctor(program),
  },
  {
    commands: ["engine"],
    whenUnshown: "go on",
    add: async (program) => (await import("./commands/setup/engine.js")).registerEngine(program),
  },
  {
    commands: ["weights"],
    whenUnshown: "go on",
    add: async (program) => (await import("./commands/setup/weights.js")).registerWeights(program),
  },
];

/**
 * Registers the group of the requested command, or all groups if there is none, so that `--help`
 * lists everything.
 */
const register = async (
  program: Command,
  args: readonly string[],
  streams: Watched,
): Promise<void> => {
  const asked = groups.filter((group) => group.commands.includes(args[0] ?? ""));
  streams.whenUnshown(asked[0]?.whenUnshown ?? "end");
  for (const group of asked.length > 0 ? asked : groups) await group.add(program);
};

/**
 * Reports an internal error. Most users do not need the stack; the message says how to get it for a
 * report.
 */
const reportInternal = (error: unknown): void => {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  const isDebugging = Boolean(process.env.GANC_DEBUG);
  process.stderr.write(
    `error: this is a bug in ganc ${packageVersion()}, not in your input:\n  ${message}\n` +
      "Please report it with the command that you ran and the spec" +
      (isDebugging
        ? `, and these lines:\n\n${stack}\n`
        : ", and with what the same command says after\n`GANC_DEBUG=1` is set, which shows where it happened.\n"),
  );
};

/** Handles errors that nobody awaits. */
const leaveUncaught = (error: unknown): void => {
  reportInternal(error);
  process.exit(70);
};

/** Makes text printable but keeps its line breaks. */
const onItsLines = (text: string): string => text.split("\n").map(printable).join("\n");

/** Runs one command and returns the exit code. */
export const run = async (args: readonly string[]): Promise<number> => {
  const streams = watchStreams();
  process.on("uncaughtException", leaveUncaught);
  const program = new Command("ganc")
    .description(
      "A functional, declarative language for generative adversarial models, and its compiler.",
    )
    .version(packageVersion(), "-v, --version")
    .showSuggestionAfterError()
    // The message quotes what the user typed.
    .configureOutput({ writeErr: (text) => void process.stderr.write(onItsLines(text)) })
    .exitOverride();
  try {
    await register(program, args, streams);
    for (const command of program.commands) command.exitOverride();
    if (args.length === 0) program.help();
    await program.parseAsync(withoutSwallowed(program, args), { from: "user" });
    // Failed writes are reported one turn later.
    await setImmediate();
    return streams.codeOf(Number(process.exitCode ?? 0));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 || args.length === 0 ? 0 : 2;
    reportInternal(error);
    return 70;
  }
};
