/** What the catalogue says of a code. */

export type Severity = "error" | "warning";

/**
 * Declarations as they should not be, and as they should. Both are whole after `completed` has put the declarations
 * round them that neither has; a setting is written as a comment, `-- --set size=8`.
 */
export interface Example {
  /** Gives this code and no other diagnostic. */
  readonly wrong: string;
  /** Gives none. */
  readonly mended: string;
}

/** Everything but the title is whole sentences of plain English; code stands in backquotes. */
export interface Explanation {
  /** What the mistake is called: a noun without a full stop. */
  readonly title: string;
  /** What the compiler found. */
  readonly means: string;
  /** What would happen, hours later, if the compiler said nothing; absent where nothing could run at all. */
  readonly costs?: string;
  /** What to do. */
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
