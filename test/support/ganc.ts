/** `ganc` as a user calls it: the built program in a process of its own. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./specs.js";

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Call {
  /** The project's folder unless given. */
  readonly cwd?: string;
  /** What stands on standard input; nothing unless given. */
  readonly input?: string;
  /** Milliseconds; whoever waits for ever is ended then. */
  readonly timeout?: number;
  /** Variables besides those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

export const ganc = (
  args: readonly string[],
  { cwd = root, input = "", timeout, env = {} }: Call = {},
): Answer => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/ganc.js"), ...args],
    {
      cwd,
      input,
      timeout,
      env: { ...process.env, ...env },
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    },
  );
  return { status, stdout, stderr };
};
