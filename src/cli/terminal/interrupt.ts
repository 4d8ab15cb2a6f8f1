/**
 * Handles requests to end (Ctrl-C, a closed terminal, a shutdown, a batch system's time limit) and
 * uncaught errors. During training each asks to finish the step and save.
 */
import { constants } from "node:os";

/** Returns a shell's exit code for a signal: 128 and its number; 130 is Ctrl-C. */
export const exitCode = (signal: NodeJS.Signals = "SIGINT"): number =>
  128 + constants.signals[signal];

export interface Interrupts {
  /** Aborted by the first signal or uncaught error during `saving`. */
  readonly signal: AbortSignal;
  /** Returns the exit code of the first signal. */
  code(): number;
  /** Returns the uncaught error, if there was one. */
  uncaught(): { readonly error: unknown } | undefined;
  /** Does `work`, which ends soon after `signal` is aborted. Calls `first` once then. */
  saving<A>(first: () => void, work: () => Promise<A>): Promise<A>;
  /** Restores the earlier handling of signals. */
  release(): void;
}

/**
 * All signals that end a process and can be handled. A system without one of them never sends it.
 */
const signals = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGQUIT",
  "SIGBREAK",
  "SIGUSR2",
  "SIGXCPU",
] as const satisfies readonly NodeJS.Signals[];

/**
 * Handles signals. A signal ends the process with its exit code, except during `saving` or if
 * `always` is given, which is called as `saving` calls `first`. Then only the same signal twice
 * ends it.
 */
export const catchInterrupts = (always?: () => void): Interrupts => {
  const controller = new AbortController();
  let onFirst = always;
  let came: NodeJS.Signals | undefined;
  let uncaught: { readonly error: unknown } | undefined;
  const finish = (): void => {
    controller.abort();
    onFirst?.();
  };
  const handler = (signal: NodeJS.Signals): void => {
    if (onFirst === undefined) process.exit(exitCode(signal));
    if (!controller.signal.aborted) {
      came = signal;
      finish();
      return;
    }
    // Kernel and shell both report a closed terminal, and systemd sends two signals; neither means
    // impatience.
    if (signal === came && signal !== "SIGHUP") process.exit(exitCode(signal));
    came ??= signal;
  };
  for (const signal of signals) process.on(signal, handler);
  return {
    signal: controller.signal,
    code: () => exitCode(came),
    uncaught: () => uncaught,
    saving: async (first, work) => {
      onFirst = first;
      process.setUncaughtExceptionCaptureCallback((error) => {
        uncaught ??= { error };
        if (!controller.signal.aborted) finish();
      });
      try {
        return await work();
      } finally {
        process.setUncaughtExceptionCaptureCallback(null);
        onFirst = always;
      }
    },
    release: () => {
      for (const signal of signals) process.off(signal, handler);
    },
  };
};
