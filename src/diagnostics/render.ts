/**
 * Diagnostics as text for people: the place, the line with a caret under it, why, and what to do.
 */
import pc from "picocolors";
import { lineStarts, positionAt, type Span } from "../base/source.js";
import { harmless } from "./columns.js";
import { type Diagnostic, inOrder } from "./diagnostic.js";
import { excerpts, type Mark, type Paint } from "./excerpt.js";
import { wrap } from "./wrap.js";

export interface RenderOptions {
  readonly colour: boolean;
  /** The text of a file by its name, or nothing. */
  readonly textOf: (file: string) => string | undefined;
  /** Columns that no line should be wider than; at least 40 are used. */
  readonly width?: number;
}

type Colors = ReturnType<typeof pc.createColors>;

/** A place that is marked, and how. */
interface Marked {
  readonly span: Span;
  readonly sign: "^" | "-";
  readonly text: string;
  readonly paint: Paint;
}

/** A line of a file, and what is marked in it. */
interface MarkedLine {
  readonly line: number;
  readonly text: string;
  readonly marks: readonly Mark[];
}

/** All that a diagnostic marks in one file, and where the first of it is. */
interface Block {
  readonly title: string;
  readonly lines: readonly MarkedLine[];
}

/** Nowhere in its file: the spec as a whole. */
const isNowhere = ({ start, end }: Span): boolean => start === 0 && end === 0;

/** Returns where the lines of a text begin. */
type LinesOf = (text: string) => ReturnType<typeof lineStarts>;

const blockOf = (
  file: string,
  marked: readonly Marked[],
  text: string | undefined,
  linesOf: LinesOf,
): Block => {
  const shown = marked.filter(({ span }) => !isNowhere(span));
  const first = shown[0];
  if (text === undefined || first === undefined) return { title: file, lines: [] };
  const starts = linesOf(text);
  const lines = new Map<number, MarkedLine>();
  for (const { span, sign, text: said, paint } of shown) {
    const { line, column } = positionAt(starts, span.start);
    const begin = starts[line - 1] ?? 0;
    const whole = text.slice(begin, (starts[line] ?? text.length + 1) - 1);
    // A place of several lines is underlined to the end of its first.
    const last = positionAt(starts, Math.max(span.start, span.end - 1)).line;
    const more = last > line ? `to line ${last}` : "";
    const mark: Mark = {
      start: column - 1,
      end: Math.min(span.end - begin, whole.trimEnd().length),
      sign,
      text: [more, said].filter((part) => part !== "").join(": "),
      paint,
    };
    const marks = [...(lines.get(line)?.marks ?? []), mark];
    lines.set(line, { line, text: whole, marks });
  }
  const { line, column } = positionAt(starts, first.span.start);
  return {
    title: `${file}:${line}:${column}`,
    lines: [...lines.values()].sort((a, b) => a.line - b.line),
  };
};

const drawBlock = (
  { title, lines }: Block,
  gutter: number,
  width: number,
  paint: Colors,
): readonly string[] => {
  const empty = `${" ".repeat(gutter)} |`;
  const drawn = lines.flatMap(({ line, text, marks }, i) => {
    const before = lines[i - 1];
    const gap = before !== undefined && line > before.line + 1 ? [paint.cyan("...")] : [];
    const parts = excerpts(text, marks, width - gutter - 3).flatMap(([code = "", ...below]) => [
      `${paint.cyan(`${String(line).padStart(gutter)} |`)} ${code}`.trimEnd(),
      ...below.map((row) => `${paint.cyan(empty)} ${row}`),
    ]);
    return [...gap, ...parts];
  });
  return [`${" ".repeat(gutter)}${paint.cyan("-->")} ${title}`, ...drawn];
};

/** Groups the marked places by file, the diagnostic's own place first. */
const blocksOf = (
  { span, labels }: Diagnostic,
  textOf: RenderOptions["textOf"],
  linesOf: LinesOf,
  own: Paint,
  other: Paint,
): readonly Block[] => {
  const marked: readonly Marked[] = [
    { span, sign: "^", text: "", paint: own },
    ...labels.map((label): Marked => ({ ...label, sign: "-", paint: other })),
  ];
  return [...new Set(marked.map((one) => one.span.file))].map((file) =>
    blockOf(
      file,
      marked.filter((one) => one.span.file === file),
      textOf(file),
      linesOf,
    ),
  );
};

/** Why, and what to do: the notes, and the titles of edits. */
export const remarksOf = ({ notes, fix, suggestion }: Diagnostic): readonly string[] => [
  ...notes,
  ...(fix === undefined ? [] : [`fix: ${fix.title}`]),
  ...(suggestion === undefined ? [] : [`suggestion: ${suggestion.title}`]),
];

/**
 * Diagnostics that one report shows: nobody reads more, and a broken file may have a hundred
 * thousand.
 */
const mostShown = 100;

const rank = ({ severity }: Diagnostic): number => (severity === "error" ? 0 : 1);

const remembered = <A, B>(f: (a: A) => B): ((a: A) => B) => {
  const known = new Map<A, { readonly value: B }>();
  return (a) => {
    const value = known.get(a) ?? { value: f(a) };
    known.set(a, value);
    return value.value;
  };
};

export const renderDiagnostic = (diagnostic: Diagnostic, options: RenderOptions): string =>
  renderOne(diagnostic, options, lineStarts);

const renderOne = (
  diagnostic: Diagnostic,
  { colour, textOf, width: asked = 80 }: RenderOptions,
  linesOf: LinesOf,
): string => {
  const width = Math.max(40, asked);
  const paint = pc.createColors(colour);
  const { code, severity, message } = diagnostic;
  const accent = severity === "error" ? paint.red : paint.yellow;
  const head = wrap(harmless(message), width, `${severity}[${code}]: `, "  ");
  const blocks = blocksOf(diagnostic, textOf, linesOf, accent, paint.cyan);
  const largest = Math.max(1, ...blocks.flatMap(({ lines }) => lines.map(({ line }) => line)));
  const remarks = remarksOf(diagnostic);
  return [
    paint.bold(head.replace(severity, accent(severity))),
    ...blocks.flatMap((block) => drawBlock(block, String(largest).length, width, paint)),
    ...remarks.map((text) => wrap(harmless(text), width, "  = ", "    ")),
  ].join("\n");
};

/** `2 errors, 1 warning`; nothing where there are none. */
export const tally = (diagnostics: readonly Diagnostic[]): string => {
  const errors = diagnostics.filter((d) => d.severity === "error").length;
  const count = (n: number, word: string): readonly string[] =>
    n === 0 ? [] : [`${n} ${word}${n === 1 ? "" : "s"}`];
  return [...count(errors, "error"), ...count(diagnostics.length - errors, "warning")].join(", ");
};

/** All diagnostics, in the order of their places, and how many there are. */
export const renderDiagnostics = (
  diagnostics: readonly Diagnostic[],
  options: RenderOptions,
): string => {
  if (diagnostics.length === 0) return "";
  const ordered = inOrder(diagnostics);
  // Errors decide: warnings give way to them.
  const first = [...ordered].sort((a, b) => rank(a) - rank(b)).slice(0, mostShown);
  const shown = new Set(first);
  const lines = remembered((text: string) => lineStarts(text));
  const textOf = remembered(options.textOf);
  const rendered = ordered
    .filter((one) => shown.has(one))
    .map((one) => renderOne(one, { ...options, textOf }, lines));
  const left = ordered.length - shown.size;
  const more = left === 0 ? [] : [`… and ${left} more`];
  return `${[...rendered, ...more].join("\n\n")}\n\n${tally(diagnostics)}\n`;
};
