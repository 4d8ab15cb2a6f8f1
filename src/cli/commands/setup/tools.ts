/** The tools of downloads at the command line: they ask, show progress, and end when told to. */
import { createInterface } from "node:readline";
import { Presets, SingleBar } from "cli-progress";
import { type Progress, runProgram, type Tools } from "../../../engines/tensorflow/tools.js";
import { colorsOf, processTerminal } from "../../terminal/terminal.js";

/** Colours for standard output and standard error: each asks its own stream. */
export const outColors = colorsOf(processTerminal.out, processTerminal.env);
export const errColors = colorsOf(processTerminal.err, processTerminal.env);

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
export const complain = (line: string): void => void process.stderr.write(`${line}\n`);

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

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface ToolOptions {
  /** Download without asking. */
  readonly yes?: boolean;
  /** Prints a line about what is done. Default: on standard output. */
  readonly say?: (line: string) => void;
}

/**
 * Does `work` with tools that signals interrupt. `by` returns the first signal that came. Asks at a
 * terminal only.
 */
export const withTools = async <A>(
  given: ToolOptions,
  work: (tools: Tools, by: () => NodeJS.Signals | undefined) => Promise<A>,
): Promise<A> => {
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
    say: given.say ?? say,
    progress,
    confirm: (question) => (asks ? ask(question, interrupt) : Promise.resolve(true)),
    signal,
  };
  try {
    return await work(tools, () => came);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
};
