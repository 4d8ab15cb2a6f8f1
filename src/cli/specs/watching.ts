/** `ganc check --watch`: does something again whenever a file that it read has changed. */
import { setTimeout as wait } from "node:timers/promises";
import { catchInterrupts } from "../terminal/interrupt.js";
import { stampOf } from "./checking.js";

/**
 * Milliseconds between two looks at the files. Asking for their state works on every file system, sees a file that is
 * deleted, replaced or made, and costs nothing for the few that a spec imports.
 */
const interval = 150;

const changed = (stamps: ReadonlyMap<string, string>): boolean =>
  [...stamps].some(([name, stamp]) => stampOf(name) !== stamp);

const now = (names: Iterable<string>): ReadonlyMap<string, string> =>
  new Map([...names].map((name) => [name, stampOf(name)]));

const pause = async (signal: AbortSignal): Promise<void> => {
  // Ctrl-C ends the pause early, which is no error.
  await wait(interval, undefined, { signal }).catch(() => undefined);
};

/** Until a file differs from its stamp, and then until an editor has finished writing: for one look, nothing changes. */
const untilChanged = async (
  stamps: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted && !changed(stamps)) await pause(signal);
  for (let last = stamps; !signal.aborted && changed(last); await pause(signal))
    last = now(stamps.keys());
};

/** `once` gives the stamps of the files that it read. Ends with Ctrl-C; gives the exit code. */
export const watch = async (once: () => ReadonlyMap<string, string>): Promise<number> => {
  const interrupts = catchInterrupts(() => undefined);
  try {
    while (!interrupts.signal.aborted) await untilChanged(once(), interrupts.signal);
    return interrupts.code();
  } finally {
    interrupts.release();
  }
};
