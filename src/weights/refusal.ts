/** How readers of this room refuse a file: one sentence, thrown inside and returned at the seam. */
import { type Either, left, right } from "fp-ts/lib/Either.js";

/** Carries the end of a sentence that begins with the file's name. Never leaves this room. */
class Refusal extends Error {}

/** Ends the reading of a file. The reason completes a sentence that begins with the file's name. */
export const refuse = (reason: string): never => {
  throw new Refusal(reason);
};

/** Runs a reader, and returns a refusal as a value. */
export const refusing = <A>(read: () => A): Either<string, A> => {
  try {
    return right(read());
  } catch (thrown) {
    if (thrown instanceof Refusal) return left(thrown.message);
    throw thrown;
  }
};
