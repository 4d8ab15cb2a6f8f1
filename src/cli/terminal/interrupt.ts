/** Ctrl-C, and being asked to end: once is a request to finish, twice is to go at once. */

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Back to how signals were handled before. */
  release(): void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** `first` is called once; a second signal ends the process with exit code 130. */
export const catchInterrupts = (first: () => void): Interrupts => {
  const controller = new AbortController();
  const handler = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    first();
  };
  for (const signal of signals) process.on(signal, handler);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, handler);
    },
  };
};
