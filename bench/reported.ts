/** Ends a benchmark: reports failures in words, without a stack. */

/**
 * Returns the message of what was thrown, without any `Error: ` prefixes added by processes that
 * passed it on.
 */
export const wordsOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).replace(/^(?:\w*Error: )+/, "");

/** Runs a benchmark and sets the exit code: 0 if its goals are met, else 1. */
export const reported = async (main: () => unknown): Promise<void> => {
  try {
    process.exitCode = (await main()) === false ? 1 : 0;
  } catch (error) {
    process.stderr.write(`error: ${wordsOf(error)}\n`);
    process.exitCode = 1;
  }
};
