/** What commands write to, so that they can be run without a terminal. Results go to `out`, everything else to `err`. */
import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** The part of a standard stream that is used. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
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

/** Colours only on a terminal, and never where NO_COLOR is set (https://no-color.org) or the terminal is `dumb`. */
export const colorsOf = ({ isTTY }: Output, env: Terminal["env"]): Colors =>
  pc.createColors(isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");

export const say = ({ out }: Terminal, text: string): void => void out.write(`${text}\n`);

/** An error, its first line marked. */
export const complain = ({ err, env }: Terminal, text: string): void =>
  void err.write(`${colorsOf(err, env).red("error:")} ${text}\n`);

/** A word on the way that is no error. */
export const note = ({ err, env }: Terminal, text: string): void =>
  void err.write(`${colorsOf(err, env).yellow("note:")} ${text}\n`);
