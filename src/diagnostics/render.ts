/** Diagnostics as text for people: the place, the line with a caret under it, why, and what to do. */
import pc from "picocolors";
import { lineStarts, positionAt, type Span } from "../base/source.js";
import type { Diagnostic, Label } from "./diagnostic.js";
import { wrap } from "./wrap.js";

export interface RenderOptions {
  readonly colour: boolean;
  /** The text of a file by its name, or nothing. */
  readonly textOf: (file: string) => string | undefined;
  /** Columns to wrap notes at. */
  readonly width?: number;
}

interface Excerpt {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** Columns to underline, at least one. */
  readonly length: number;
}

const excerpt = (span: Span, text: string): Excerpt => {
  const starts = lineStarts(text);
  const { line, column } = positionAt(starts, span.start);
  const begin = starts[line - 1] ?? 0;
  const end = starts[line] === undefined ? text.length : (starts[line] ?? 0) - 1;
  const shown = text.slice(begin, end).replaceAll("\t", " ").trimEnd();
  // A place of several lines is underlined to the end of its first.
  const length = Math.max(1, Math.min(span.end - span.start, shown.length - column + 1));
  return { line, column, text: shown, length };
};

export const renderDiagnostic = (
  diagnostic: Diagnostic,
  { colour, textOf, width = 80 }: RenderOptions,
): string => {
  const paint = pc.createColors(colour);
  const accent = diagnostic.severity === "error" ? paint.red : paint.yellow;
  const head = wrap(
    diagnostic.message,
    width,
    `${diagnostic.severity}[${diagnostic.code}]: `,
    "  ",
  );
  const place = (
    span: Span,
    mark: string,
    text: string,
    colourOf: (s: string) => string,
  ): readonly string[] => {
    const source = textOf(span.file);
    if (source === undefined || (span.start === 0 && span.end === 0))
      return [`  ${paint.cyan("-->")} ${span.file}`];
    const { line, column, text: code, length } = excerpt(span, source);
    const gutter = String(line).length;
    const bar = paint.cyan(`${" ".repeat(gutter + 1)}|`);
    return [
      `${" ".repeat(gutter)}${paint.cyan("-->")} ${span.file}:${line}:${column}`,
      `${paint.cyan(`${line} |`)} ${code}`,
      `${bar} ${" ".repeat(column - 1)}${colourOf(mark.repeat(length) + (text === "" ? "" : ` ${text}`))}`,
    ];
  };
  const label = ({ span, text }: Label): readonly string[] => place(span, "-", text, paint.cyan);
  const notes = diagnostic.notes.map((note) => wrap(note, width, "  = ", "    "));
  const fix =
    diagnostic.fix === undefined
      ? []
      : [wrap(`fix: ${diagnostic.fix.title}`, width, "  = ", "    ")];
  return [
    paint.bold(head.replace(diagnostic.severity, accent(diagnostic.severity))),
    ...place(diagnostic.span, "^", "", accent),
    ...diagnostic.labels.flatMap(label),
    ...notes,
    ...fix,
  ].join("\n");
};

/** All diagnostics, in the order of their places, and how many there are. */
export const renderDiagnostics = (
  diagnostics: readonly Diagnostic[],
  options: RenderOptions,
): string => {
  if (diagnostics.length === 0) return "";
  const sorted = [...diagnostics].sort((a, b) =>
    a.span.file === b.span.file ? a.span.start - b.span.start : a.span.file < b.span.file ? -1 : 1,
  );
  const errors = diagnostics.filter((d) => d.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const count = (n: number, word: string): readonly string[] =>
    n === 0 ? [] : [`${n} ${word}${n === 1 ? "" : "s"}`];
  const total = [...count(errors, "error"), ...count(warnings, "warning")].join(", ");
  return `${sorted.map((d) => renderDiagnostic(d, options)).join("\n\n")}\n\n${total}\n`;
};
