/** Choices that are the same for the same seed and number of the input, on every machine. */
import { pick, stream } from "../../src/base/random.js";

export interface Dice {
  /** An integer in [0, n); 0 where n is 0. */
  readonly below: (n: number) => number;
  /** @throws Error for an empty list */
  readonly of: <A>(list: readonly A[]) => A;
}

export const dice = (seed: number, index: number): Dice => {
  const uniform = stream(seed, `fuzz/${index}`);
  let counter = 0;
  const below = (n: number): number => (n === 0 ? 0 : pick(uniform, counter++, n));
  const of = <A>(list: readonly A[]): A => {
    const chosen = list[below(list.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  };
  return { below, of };
};
