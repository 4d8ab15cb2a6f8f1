/** Text to AST. Syntax errors are diagnostics; what could be read is kept. */
import { EOF, type ILexingError, type IRecognitionException, type IToken } from "chevrotain";
import { lexer } from "../../grammar/lexer.js";
import { GanParser } from "../../grammar/parser.js";
import { type SourceFile, span } from "../base/source.js";
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.js";
import type { Spec } from "./ast.js";
import { fromCst, tokenSpan } from "./from-cst.js";

export interface Parsed {
  readonly spec: Spec;
  readonly diagnostics: readonly Diagnostic[];
}

/** One for the process: building a parser takes longer than parsing a spec. */
let parser: GanParser | undefined;

const lexical = (source: SourceFile, error: ILexingError): Diagnostic => {
  const place = span(source.name, error.offset, error.offset + error.length);
  const text = source.text.slice(place.start, place.end);
  const comment = text.startsWith("#") || text.startsWith(";") ? ["Comments begin with `--`."] : [];
  const quote = text.startsWith('"') ? ['A path must be closed by `"` on the same line.'] : [];
  return diagnostic("GAN102", place, `\`${text}\` means nothing here`, {
    notes: [...comment, ...quote],
  });
};

/** Where the parser stopped; at the end of the file, just behind the last token. */
const errorSpan = (source: SourceFile, tokens: readonly IToken[], error: IRecognitionException) => {
  if (error.token.tokenType !== EOF) return tokenSpan(source.name, error.token);
  const last = tokens[tokens.length - 1];
  const end = last === undefined ? 0 : last.startOffset + last.image.length;
  return span(source.name, end, end);
};

/** Recovery stumbles over what one mistake left behind: of errors on one line only the first is the user's. */
const firstOfEachLine = (
  source: SourceFile,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] => {
  const kept: Diagnostic[] = [];
  for (const next of [...diagnostics].sort((a, b) => a.span.start - b.span.start)) {
    const previous = kept[kept.length - 1];
    const between =
      previous === undefined ? "\n" : source.text.slice(previous.span.start, next.span.start);
    if (between.includes("\n")) kept.push(next);
  }
  return kept;
};

export const parse = (source: SourceFile): Parsed => {
  parser ??= new GanParser();
  const { tokens, errors: lexingErrors } = lexer.tokenize(source.text);
  parser.input = tokens;
  const cst = parser.spec();
  const syntactic = parser.errors.map((error) =>
    diagnostic("GAN101", errorSpan(source, tokens, error), error.message),
  );
  const lexed = lexingErrors.map((error) => lexical(source, error));
  const { spec, diagnostics } = fromCst(source.name, cst);
  return { spec, diagnostics: firstOfEachLine(source, [...lexed, ...syntactic, ...diagnostics]) };
};
