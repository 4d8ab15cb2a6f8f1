/** What an expression of a spec says and TypeScript cannot: it is written otherwise, by what it comes to. */
export class Unwritable extends Error {}

/**
 * @param what is not written: `a function that gives one`
 * @throws Unwritable
 */
export const refuse = (what: string): never => {
  throw new Unwritable(what);
};

/** Why it cannot be written; nothing where it can. */
export const whyUnwritten = (write: () => unknown): string | undefined => {
  try {
    write();
    return undefined;
  } catch (error) {
    if (error instanceof Unwritable) return error.message;
    throw error;
  }
};
