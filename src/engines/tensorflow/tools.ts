/**
 * The outside world of an installation, as a port: tests pass fakes, the command line the real one.
 */
import { spawn } from "node:child_process";

/** How a program ended. */
export interface Ran {
  /** Exit code; null if a signal killed it or it could not start. */
  readonly code: number | null;
  readonly signal: string | null;
  /** True if there is no such program. */
  readonly absent: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Progress {
  /** Bytes done so far. */
  at(bytes: number): void;
  end(): void;
}

export interface Tools {
  /** Runs a program to its end, without a shell. Never rejects. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Prints one line for the user. */
  say(line: string): void;
  /** Shows the progress of work of so many bytes. */
  progress(label: string, bytes: number): Progress;
  /** Asks before a download; true if nobody can be asked. */
  confirm(question: string): Promise<boolean>;
  /** Aborted if the user interrupts. */
  readonly signal: AbortSignal;
}

/** Ends a child program with its children, since a compiler's driver does not pass on signals. */
const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
};

/** Implements `Tools.run`. */
export const runProgram =
  (signal?: AbortSignal): Tools["run"] =>
  (command, env) =>
    new Promise((resolve) => {
      const [file = "", ...args] = command;
      const child = spawn(file, args, {
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: process.platform !== "win32",
        windowsHide: true,
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      const onAbort = () => endGroup(child.pid);
      const end = (code: number | null, killed: string | null, absent: boolean) => {
        signal?.removeEventListener("abort", onAbort);
        resolve({
          code,
          signal: killed,
          absent,
          stdout: Buffer.concat(out).toString(),
          stderr: Buffer.concat(err).toString(),
        });
      };
      child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
      child.on("error", (error: NodeJS.ErrnoException) => {
        err.push(Buffer.from(error.message));
        end(null, null, error.code === "ENOENT");
      });
      child.on("close", (code, killed) => end(code, killed, false));
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
    });

/** Returns the last lines of a program's output, for a report. */
export const lastWords = (ran: Ran, lines = 6): string =>
  (ran.stderr.trim() || ran.stdout.trim())
    .split("\n")
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join("\n");
