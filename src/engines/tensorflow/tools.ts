/** What the installation asks of the outer world, as a port: tests hand in small fakes, the command line the real thing. */
import { spawn } from "node:child_process";

/** How a program ended. */
export interface Ran {
  /** Exit code; null when it was killed by a signal or could not be started. */
  readonly code: number | null;
  readonly signal: string | null;
  /** True when there is no such program. */
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
  /** One line for the user. */
  say(line: string): void;
  /** Shows how far a piece of work of so many bytes has come. */
  progress(label: string, bytes: number): Progress;
  /** Asks before a download; true where nobody can be asked. */
  confirm(question: string): Promise<boolean>;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/** Ends a program of ours with its children: a compiler's driver does not pass a signal on. */
const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGTERM");
  } catch {
    // It has ended by itself meanwhile.
  }
};

/** `Tools.run` of the real world. */
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

/** The last lines of what a program said, for a report. */
export const lastWords = (ran: Ran, lines = 6): string =>
  (ran.stderr.trim() || ran.stdout.trim())
    .split("\n")
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join("\n");
