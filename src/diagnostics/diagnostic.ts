/**
 * A mistake as a value: a stable code, a place, a reason and, where one edit would mend it, that
 * edit.
 */
import type { Span } from "../base/source.js";
import type { Meant } from "../base/suggest.js";
import { type Code, catalogue, type Severity } from "./catalogue.js";

/** A place that helps to understand the mistake. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** Edits that, applied together, mend the mistake. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly span: Span;
  /** Says what is wrong here, in one sentence without a full stop. */
  readonly message: string;
  readonly labels: readonly Label[];
  /** Why, and what to do: whole sentences. */
  readonly notes: readonly string[];
  /** The edit that was surely meant. `ganc check --fix` applies it without asking. */
  readonly fix?: Fix;
  /**
   * An edit that may have been meant. It may change what is trained, so only a person who has read
   * it applies it.
   */
  readonly suggestion?: Fix;
}

export interface Details {
  readonly labels?: readonly Label[];
  readonly notes?: readonly string[];
  readonly fix?: Fix | undefined;
  readonly suggestion?: Fix | undefined;
}

export const diagnostic = (
  code: Code,
  span: Span,
  message: string,
  { labels = [], notes = [], fix, suggestion }: Details = {},
): Diagnostic => ({
  code,
  severity: catalogue[code].severity,
  span,
  message,
  labels,
  notes,
  ...(fix === undefined ? {} : { fix }),
  ...(suggestion === undefined ? {} : { suggestion }),
});

/** Whether a spec with these is refused: warnings alone do not. */
export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some(({ severity }) => severity === "error");

/** Sorts diagnostics as they are shown: by file, then by place. */
export const inOrder = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  [...diagnostics].sort((a, b) =>
    a.span.file === b.span.file ? a.span.start - b.span.start : a.span.file < b.span.file ? -1 : 1,
  );

/** The fix that writes `text` over a span. */
export const replaceWith = (span: Span, text: string): Fix => ({
  title: text === "" ? "remove it" : `write \`${text}\``,
  edits: [{ span, text }],
});

/** A name for the one that stands at `span`: a fix where it was surely meant, else a suggestion. */
export const misspelt = (span: Span, meant: Meant | undefined): Details => {
  if (meant === undefined) return {};
  const edit = replaceWith(span, meant.name);
  const notes = [`Did you mean \`${meant.name}\`?`];
  return meant.isSure ? { notes, fix: edit } : { notes, suggestion: edit };
};

/** Applies the edits of a fix that lie in `file`; edits of one fix do not overlap. */
export const applyEdits = (file: string, text: string, edits: readonly Edit[]): string => {
  const pieces: string[] = [];
  let done = 0;
  const here = edits.filter((edit) => edit.span.file === file);
  for (const { span, text: written } of here.sort((a, b) => a.span.start - b.span.start)) {
    pieces.push(text.slice(done, span.start), written);
    done = span.end;
  }
  return pieces.join("") + text.slice(done);
};
