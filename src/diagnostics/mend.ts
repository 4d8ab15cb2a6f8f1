/** Which fixes can be applied at once. */
import type { Diagnostic, Edit, Fix } from "./diagnostic.js";

export interface Mending {
  readonly diagnostic: Diagnostic;
  readonly fix: Fix;
}

/** Edits that touch count: which of two insertions comes first is for the next round to say. */
const meet = (a: Edit, b: Edit): boolean =>
  a.span.file === b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end;

/** The fixes whose edits all lie in files that may be edited and meet none of an earlier fix. */
export const mendings = (
  diagnostics: readonly Diagnostic[],
  mayEdit: (file: string) => boolean,
): readonly Mending[] => {
  const taken: Edit[] = [];
  return diagnostics.flatMap((diagnostic): readonly Mending[] => {
    const { fix } = diagnostic;
    const isFree = (edit: Edit): boolean =>
      mayEdit(edit.span.file) && !taken.some((other) => meet(edit, other));
    if (fix === undefined || fix.edits.length === 0 || !fix.edits.every(isFree)) return [];
    taken.push(...fix.edits);
    return [{ diagnostic, fix }];
  });
};
