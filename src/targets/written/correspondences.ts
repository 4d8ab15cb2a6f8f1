/** Which values a use of a loss gives for those that its formula reads. */
import { impossible } from "../../base/impossible.js";
import { byBinder, forwardOf } from "../../program/forward.js";
import { children, type GenericTerm } from "../../program/term.js";

/**
 * The same places of two terms of one shape, where the first has a forward value: its key, and the
 * second's term.
 */
export const correspondences = (
  generic: GenericTerm,
  concrete: GenericTerm,
): readonly (readonly [string, GenericTerm])[] => {
  const forward = forwardOf(generic, byBinder);
  if (forward !== undefined) return [[forward.key, concrete]];
  const others = children(concrete);
  return children(generic).flatMap((child, i) =>
    correspondences(child, others[i] ?? impossible("a use of a loss has another shape than it")),
  );
};
