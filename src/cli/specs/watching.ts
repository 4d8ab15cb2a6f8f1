/** `ganc check --watch`: repeats something whenever a file that it read has changed. */
import { setTimeout as wait } from "node:timers/promises";
import { catchInterrupts } from "../terminal/interrupt.js";
import { stampOf } from "./checking.js";

/**
 * Milliseconds between two looks at the files. Polling works on every file system, notices deleted,
 * replaced and new files, and is cheap for the few that a spec imports.
 */
const interval = 150;

const changed = (stamps: ReadonlyMap<string, string>): boolean =>
  [...stamps].some(([name, stamp]) => stampOf(name) !== stamp);

const now = (names: Iterable<string>): ReadonlyMap<string, string> =>
  new Map([...names].map((name) => [name, stampOf(name)]));

const pause = async (signal: AbortSignal): Promise<void> => {
  // Ctrl-C ends the pause early, which is not an error.
  await wait(interval, undefined, { signal }).catch(() => undefined);
};

/**
 * Waits until a file differs from its stamp, and then until it stays the same for one look: the
 * editor has finished writing.
 */
const untilChanged = async (
  stamps: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted && !changed(stamps)) await pause(signal);
  for (let last = stamps; !signal.aborted && changed(last); await pause(signal))
    last = now(stamps.keys());
};

/**
 * Calls `once`, which returns the stamps of the files that it read, at every change. Ends with
 * Ctrl-C and returns the exit code.
 */
export const watch = async (once: () => ReadonlyMap<string, string>): Promise<number> => {
  const interrupts = catchInterrupts(() => undefined);
  try {
    while (!interrupts.signal.aborted) await untilChanged(once(), interrupts.signal);
    return interrupts.code();
  } finally {
    interrupts.release();
  }
};
