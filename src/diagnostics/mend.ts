/** Chooses the fixes that can be applied together. */
import type { Diagnostic, Edit, Fix } from "./diagnostic.js";

export interface Mending {
  readonly diagnostic: Diagnostic;
  readonly fix: Fix;
}

/** Edits of one file that meet nowhere, in the order of their places. */
class Taken {
  private readonly edits: Edit[] = [];

  /** Counts the edits that begin before a place. */
  private before(place: number): number {
    let low = 0;
    let high = this.edits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.edits[middle]?.span.start ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Edits that touch count: which of two insertions comes first is for the next round to say. */
  meets({ span }: Edit): boolean {
    const at = this.before(span.start);
    const [left, right] = [this.edits[at - 1], this.edits[at]];
    return (left?.span.end ?? -1) >= span.start || (right?.span.start ?? Infinity) <= span.end;
  }

  add(edit: Edit): void {
    this.edits.splice(this.before(edit.span.start), 0, edit);
  }
}

/** The fixes whose edits all lie in files that may be edited and meet none of an earlier fix. */
export const mendings = (
  diagnostics: readonly Diagnostic[],
  mayEdit: (file: string) => boolean,
): readonly Mending[] => {
  const files = new Map<string, Taken>();
  const takenIn = (file: string): Taken => {
    const known = files.get(file) ?? new Taken();
    files.set(file, known);
    return known;
  };
  return diagnostics.flatMap((diagnostic): readonly Mending[] => {
    const { fix } = diagnostic;
    const isFree = (edit: Edit): boolean =>
      mayEdit(edit.span.file) && !takenIn(edit.span.file).meets(edit);
    if (fix === undefined || fix.edits.length === 0 || !fix.edits.every(isFree)) return [];
    for (const edit of fix.edits) takenIn(edit.span.file).add(edit);
    return [{ diagnostic, fix }];
  });
};
