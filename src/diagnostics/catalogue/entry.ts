/** The catalogue's entry for a code. */

export type Severity = "error" | "warning";

/**
 * Declarations as they should not be, and as they should. Both are whole after `completed` has put
 * the declarations round them that neither has; a setting is written as a comment,
 * `-- --set size=8`.
 */
export interface Example {
  /** Gives this code and no other diagnostic. */
  readonly wrong: string;
  /** Gives none. */
  readonly mended: string;
}

/** Everything but the title is whole sentences of plain English; code stands in backquotes. */
export interface Explanation {
  /** Names the mistake: a noun phrase without a full stop. */
  readonly title: string;
  /** Says what the compiler found. */
  readonly means: string;
  /**
   * Says what would happen, hours later, if the compiler said nothing. Absent where nothing could
   * run at all.
   */
  readonly costs?: string;
  /** Says how to mend it. */
  readonly mend: string;
  readonly example: Example;
}

export interface Entry extends Explanation {
  readonly severity: Severity;
}

export const error = (explanation: Explanation): Entry => ({ severity: "error", ...explanation });

export const warning = (explanation: Explanation): Entry => ({
  severity: "warning",
  ...explanation,
});
