/** One mistake leaves a parser stumbling: which of its errors are the user's. */
import { declarationWords } from "../../grammar/tokens.js";
import { lineStarts, positionAt } from "../base/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";

interface Line {
  readonly indent: number;
  readonly isModule: boolean;
}

/**
 * Where declarations begin, as a reader sees it: at words that stand at the margin, or at the
 * margin of a module. What the parser takes for a declaration after an error is no guide.
 */
const declarationStarts = (text: string): readonly number[] => {
  const starts: number[] = [];
  const open: Line[] = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    const [, blank = "", word = ""] = /^([ \t]*)([A-Za-z_]\w*)?/.exec(line) ?? [];
    const code = line.slice(blank.length);
    if (code !== "" && !code.startsWith("--")) {
      while ((open[open.length - 1]?.indent ?? -1) >= blank.length) open.pop();
      if (word !== "" && open.every(({ isModule }) => isModule)) starts.push(offset + blank.length);
      open.push({ indent: blank.length, isModule: word === "module" });
    }
    offset += line.length + 1;
  }
  return starts;
};

const beginsDeclaration = new RegExp(
  `^(?:${declarationWords.map((word) => (word.PATTERN as RegExp).source).join("|")})\\b`,
);

/**
 * Of the errors of one line only the first, and of those of one declaration too, but for what has a
 * fix or is no matter of the parser's, as characters and comments are.
 */
export const firstErrors = (
  text: string,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] => {
  const starts = declarationStarts(text);
  const lines = lineStarts(text);
  const lineOf = (at: number): number => positionAt(lines, at).line;
  const declarationOf = (at: number): number => {
    // Where a declaration's own word is not expected, it is the one before that is not finished.
    const last = beginsDeclaration.test(text.slice(at, at + 12)) ? at - 1 : at;
    return (starts[0] ?? 0) > last || starts.length === 0 ? 0 : positionAt(starts, last).line;
  };
  const kept: Diagnostic[] = [];
  const blamed = new Set<number>();
  for (const next of [...diagnostics].sort((a, b) => a.span.start - b.span.start)) {
    const previous = kept[kept.length - 1];
    const sameLine =
      previous !== undefined && lineOf(previous.span.start) === lineOf(next.span.start);
    const declaration = declarationOf(next.span.start);
    // A bracket that closes nothing, once something has gone wrong, is what that left open.
    const closes = kept.length > 0 && /[)\]}]/.test(text[next.span.start] ?? "");
    const follows =
      next.code === "GAN101" &&
      next.fix === undefined &&
      next.suggestion === undefined &&
      (closes || blamed.has(declaration));
    if (sameLine || follows) continue;
    kept.push(next);
    blamed.add(declaration);
  }
  return kept;
};
