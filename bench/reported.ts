/** The end of a benchmark: what it could not do is said in words, without a stack. */

/** What was thrown, in words: no `Error: ` before them, however many processes hand it on. */
export const wordsOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).replace(/^(?:\w*Error: )+/, "");

/** Runs it and sets the exit code: 0 where its aims are met, else 1. */
export const reported = async (main: () => unknown): Promise<void> => {
  try {
    process.exitCode = (await main()) === false ? 1 : 0;
  } catch (error) {
    process.stderr.write(`error: ${wordsOf(error)}\n`);
    process.exitCode = 1;
  }
};
