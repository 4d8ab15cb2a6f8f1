/** Diagnostics for programs: JSON for editors and scripts, workflow commands for GitHub. */
import { lineStarts, positionAt, type Span } from "../base/source.js";
import type { Diagnostic, Fix } from "./diagnostic.js";
import { remarksOf } from "./render.js";

export type TextOf = (file: string) => string | undefined;

/** Gives the places of a program's files; each file is cut into lines once. */
const places = (textOf: TextOf) => {
  const known = new Map<string, readonly number[]>();
  return (file: string, offset: number) => {
    const starts = known.get(file) ?? lineStarts(textOf(file) ?? "");
    known.set(file, starts);
    return { ...positionAt(starts, offset), offset };
  };
};

/**
 * One JSON object on a line for each diagnostic, of the fields that docs/check.md lists. Later
 * versions may add fields.
 */
export const asJson = (diagnostics: readonly Diagnostic[], textOf: TextOf): string => {
  const place = places(textOf);
  const range = ({ file, start, end }: Span) => ({
    file,
    start: place(file, start),
    end: place(file, end),
  });
  const edited = (fix: Fix | undefined) =>
    fix === undefined
      ? null
      : {
          title: fix.title,
          edits: fix.edits.map((edit) => ({ ...range(edit.span), text: edit.text })),
        };
  const line = (diagnostic: Diagnostic): string => {
    const { code, severity, message, span, labels, notes, fix, suggestion } = diagnostic;
    return JSON.stringify({
      code,
      severity,
      message,
      ...range(span),
      labels: labels.map((label) => ({ message: label.text, ...range(label.span) })),
      notes,
      fix: edited(fix),
      suggestion: edited(suggestion),
    });
  };
  return diagnostics.map((d) => `${line(d)}\n`).join("");
};

const escapeData = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** The columns of a place on one line; GitHub takes none for a place of several. */
const workflowPlace = (span: Span, place: ReturnType<typeof places>): readonly string[] => {
  if (span.start === 0 && span.end === 0) return [];
  const start = place(span.file, span.start);
  const end = place(span.file, span.end);
  return [
    `line=${start.line}`,
    `endLine=${end.line}`,
    ...(start.line === end.line ? [`col=${start.column}`, `endColumn=${end.column}`] : []),
  ];
};

/** Commands that make GitHub's runner annotate the lines of a pull request. */
export const asWorkflowCommands = (diagnostics: readonly Diagnostic[], textOf: TextOf): string => {
  const place = places(textOf);
  const command = (diagnostic: Diagnostic): string => {
    const { code, severity, message, span } = diagnostic;
    const properties = [
      `file=${escapeProperty(span.file)}`,
      ...workflowPlace(span, place),
      `title=${code}`,
    ];
    const text = [message, ...remarksOf(diagnostic)];
    return `::${severity} ${properties.join(",")}::${escapeData(text.join("\n"))}\n`;
  };
  return diagnostics.map(command).join("");
};
