/**
 * What to do if output cannot be shown: after `| head`, on a full disk, on a closed terminal. A
 * command that only shows something ends. One that makes something goes on silently: a training is
 * not lost for its log.
 */
import { closeSync } from "node:fs";

export type Unshown = "end" | "go on";

const reasons: Readonly<Record<string, string>> = {
  EPIPE: "its reader has closed it",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "no space is left in the user's quota",
  EFBIG: "the file would be larger than is allowed",
  EIO: "the terminal or the disk is gone",
};

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string =>
  reasons[code ?? ""] ?? message;

const names = ["stdout", "stderr"] as const;

export interface Watched {
  /** Sets the policy from now on. */
  whenUnshown(what: Unshown): void;
  /**
   * Returns the exit code of a command that ended with `code`: 1 instead of 0 if output was lost,
   * which it reports if it still can.
   */
  codeOf(code: number): number;
}

/** Watches for failed writes to the standard streams, which would otherwise end the process. */
export const watchStreams = (): Watched => {
  const lost = new Map<(typeof names)[number], NodeJS.ErrnoException>();
  let policy: Unshown = "end";
  const sayLost = (): void => {
    const [name, error] = [...lost][0] ?? [];
    if (error === undefined || lost.size === names.length) return;
    const other = name === "stdout" ? process.stderr : process.stdout;
    other.write(
      `note: some output was lost, because standard ${name === "stdout" ? "output" : "error"} could not be written: ${reasonOf(error)}\n`,
    );
  };
  for (const name of names)
    process[name].on("error", (error: NodeJS.ErrnoException) => {
      const isFirst = !lost.has(name);
      if (isFirst) lost.set(name, error);
      if (policy === "go on" || !isFirst) return;
      // `| head` has read enough; any other failure is reported.
      if (error.code === "EPIPE") process.exit(0);
      sayLost();
      process.exit(1);
    });
  process.once("exit", () => {
    // Node aborts if it cannot restore a closed terminal; it ignores closed descriptors.
    if ([...lost.values()].some(({ code }) => code === "EIO"))
      for (const descriptor of [0, 1, 2])
        try {
          closeSync(descriptor);
        } catch {
          // Already closed.
        }
  });
  return {
    whenUnshown: (what) => {
      policy = what;
    },
    codeOf: (code) => {
      if (lost.size === 0) return code;
      sayLost();
      return code === 0 ? 1 : code;
    },
  };
};
