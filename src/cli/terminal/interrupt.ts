/**
 * Being asked to end, by Ctrl-C, a closed terminal, a machine that shuts down or a batch system whose time is up; and
 * errors that nobody caught. While a training is under way each is a request to finish its step and save.
 */
import { constants } from "node:os";

/** What a shell gives a process that a signal ends, 128 and the signal's number: 130 is Ctrl-C. */
export const exitCode = (signal: NodeJS.Signals = "SIGINT"): number =>
  128 + constants.signals[signal];

export interface Interrupts {
  /** Aborted by the first signal or uncaught error that falls into `saving`. */
  readonly signal: AbortSignal;
  /** The exit code of the first signal that came. */
  code(): number;
  /** What nobody caught, if anything. */
  uncaught(): { readonly error: unknown } | undefined;
  /** Does `work`, which ends soon after `signal` is aborted; `first` is called once then. */
  saving<A>(first: () => void, work: () => Promise<A>): Promise<A>;
  /** Back to how signals were handled before. */
  release(): void;
}

/** All that end a process unless they are handled, and can be. Those that a system does not have never come. */
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
 * A signal ends the process with its exit code, unless it falls into `saving` or `always` is given, which is called as
 * `saving` calls its `first`: then only the same signal twice does.
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
    // Kernel and shell both tell of a closed terminal, and systemd sends two signals: none of these is impatience.
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
