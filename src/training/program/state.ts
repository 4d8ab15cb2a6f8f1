/** What holds of a state whatever its program is. */
import type { State } from "../../contracts/tensor.js";

/** The first number of the state that is none (NaN, or infinite), as the error `not-finite` names it. */
export const nonFinite = (
  state: State,
): { readonly what: string; readonly value: number } | undefined => {
  for (const [what, { data }] of state) {
    const value = data.find((x) => !Number.isFinite(x));
    if (value !== undefined) return { what, value };
  }
  return undefined;
};
