/** The end of a benchmark: what it could not do is said in words, without a stack. */

/** Runs it and sets the exit code: 0 where its aims are met, else 1. */
export const reported = async (main: () => unknown): Promise<void> => {
  try {
    process.exitCode = (await main()) === false ? 1 : 0;
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
};
