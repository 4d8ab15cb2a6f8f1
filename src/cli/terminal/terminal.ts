/**
 * The streams that commands write to, so that they run without a terminal. Results go to `out`,
 * everything else to `err`.
 */
import pc from "picocolors";
import { printable } from "../../base/printable.js";

export type Colors = ReturnType<typeof pc.createColors>;

/** The part of a standard stream that is used. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const processTerminal: Terminal = {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
};

/**
 * Tells whether to use colours: only on a terminal, never if NO_COLOR is set (https://no-color.org)
 * or the terminal is `dumb`; FORCE_COLOR (https://force-color.org) asks for them elsewhere too.
 */
export const wantsColour = ({ isTTY }: Output, env: Terminal["env"]): boolean => {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !["0", "false"].includes(env.FORCE_COLOR);
  return isTTY === true && env.TERM !== "dumb";
};

export const colorsOf = (output: Output, env: Terminal["env"]): Colors =>
  pc.createColors(wantsColour(output, env));

/** Returns the command for ganc: through npm it is not on the path. */
export const commandName = ({ env }: Terminal): string =>
  env.npm_command === undefined ? "ganc" : "npx ganc";

/** Returns the columns for reports: the terminal's, up to a readable width. */
export const reportWidth = ({ columns }: Output): number => Math.min(columns ?? 80, 100);

export const say = ({ out }: Terminal, text: string): void => void out.write(`${text}\n`);

/** Makes text printable but keeps its line breaks, whatever names it contains. */
const lines = (text: string): string => text.split("\n").map(printable).join("\n");

/** Prints an error, its first line marked. */
export const complain = ({ err, env }: Terminal, text: string): void =>
  void err.write(`${colorsOf(err, env).red("error:")} ${lines(text)}\n`);

/** Prints a note that is not an error. */
export const note = ({ err, env }: Terminal, text: string): void =>
  void err.write(`${colorsOf(err, env).yellow("note:")} ${lines(text)}\n`);
