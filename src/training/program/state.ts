/** Checks that apply to the state of any program. */
import type { State } from "../../contracts/tensor.js";

/**
 * Finds the first number of the state that is NaN or infinite, with its tensor, as the error
 * `not-finite` names it.
 */
export const nonFinite = (
  state: State,
): { readonly what: string; readonly value: number } | undefined => {
  for (const [what, { data }] of state) {
    const value = data.find((x) => !Number.isFinite(x));
    if (value !== undefined) return { what, value };
  }
  return undefined;
};
