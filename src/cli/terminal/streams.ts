/**
 * What becomes of a command whose words cannot be shown: behind `| head`, into a full disk, on a terminal that is gone.
 * One that only shows something ends. One that makes something goes on in silence: a training is not lost for its log.
 */
import { closeSync } from "node:fs";

export type Unshown = "end" | "go on";

const reasons: Readonly<Record<string, string>> = {
  EPIPE: "nobody reads it any more",
  ENOSPC: "no room is left on the disk",
  EDQUOT: "no room is left in the user's quota",
  EFBIG: "the file would be larger than is allowed",
  EIO: "the terminal or the disk is gone",
};

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string =>
  reasons[code ?? ""] ?? message;

const names = ["stdout", "stderr"] as const;

export interface Watched {
  /** From now on. */
  whenUnshown(what: Unshown): void;
  /** Of a command that ended with `code`: 1 for 0 where part of its words was lost, which is said where it still can be. */
  codeOf(code: number): number;
}

/** Hears of every failed write to the standard streams, which Node would else end the process for. */
export const watchStreams = (): Watched => {
  const lost = new Map<(typeof names)[number], NodeJS.ErrnoException>();
  let policy: Unshown = "end";
  const sayLost = (): void => {
    const [name, error] = [...lost][0] ?? [];
    if (error === undefined || lost.size === names.length) return;
    const other = name === "stdout" ? process.stderr : process.stdout;
    other.write(
      `note: not all was shown, for standard ${name === "stdout" ? "output" : "error"} could not be written: ${reasonOf(error)}\n`,
    );
  };
  for (const name of names)
    process[name].on("error", (error: NodeJS.ErrnoException) => {
      const isFirst = !lost.has(name);
      if (isFirst) lost.set(name, error);
      if (policy === "go on" || !isFirst) return;
      // `| head` has read what it wanted; anything else is a loss that somebody should hear of.
      if (error.code === "EPIPE") process.exit(0);
      sayLost();
      process.exit(1);
    });
  process.once("exit", () => {
    // Node aborts where it cannot put a terminal back that is gone; what is closed it leaves alone.
    if ([...lost.values()].some(({ code }) => code === "EIO"))
      for (const descriptor of [0, 1, 2])
        try {
          closeSync(descriptor);
        } catch {
          // It was closed before.
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
