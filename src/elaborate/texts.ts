/** The texts of a spec's files, as what is made of it shows them. */
import { lineStarts, oneLine, positionAt, type Span } from "../base/source.js";
import { expressionLine } from "../format/line.js";
import type { SourceSet } from "../names/source-set.js";

export interface Texts {
  /** The text as written, on one line. */
  readonly quote: (span: Span) => string;
  /** An expression as `ganc fmt` lays it out, in one line. */
  readonly format: (span: Span) => string;
  /** File and line, the same wherever ganc was called: `specs/cyclegan.gan:16`. */
  readonly place: (span: Span) => string;
  /**
   * The comment that stands directly above a declaration, without dashes; undefined where there is
   * none.
   */
  readonly doc: (span: Span) => string | undefined;
}

const docAbove = (text: string, start: number): string | undefined => {
  const lines: string[] = [];
  let begin = text.lastIndexOf("\n", start - 1) + 1;
  if (text.slice(begin, start).trim() !== "") return undefined;
  while (begin > 0) {
    const above = text.lastIndexOf("\n", begin - 2) + 1;
    const line = text.slice(above, begin - 1).trim();
    if (!line.startsWith("--")) break;
    lines.unshift(line.replace(/^-- ?/, ""));
    begin = above;
  }
  return lines.length === 0 ? undefined : lines.join("\n");
};

export const textsOf = ({ files }: SourceSet): Texts => {
  const textOf = (file: string): string => files.get(file)?.text ?? "";
  const starts = new Map<string, readonly number[]>();
  const startsOf = (file: string): readonly number[] => {
    const known = starts.get(file) ?? lineStarts(textOf(file));
    starts.set(file, known);
    return known;
  };
  return {
    quote: (span) => oneLine(textOf(span.file), span),
    format: (span) => expressionLine(textOf(span.file), span),
    place: ({ file, start }) => {
      const name = files.get(file)?.lastingName ?? file;
      return `${name}:${positionAt(startsOf(file), start).line}`;
    },
    doc: ({ file, start }) => docAbove(textOf(file), start),
  };
};
