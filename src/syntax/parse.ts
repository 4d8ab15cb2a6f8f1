/** Text to AST. Syntax errors are diagnostics; what could be read is kept. */
import type { ILexingError, IRecognitionException, IToken } from "chevrotain";
import { EOF } from "../../grammar/chevrotain.js";
import { lexer } from "../../grammar/lexer.js";
import { GanParser } from "../../grammar/parser.js";
import { declarationWords, Identifier } from "../../grammar/tokens.js";
import { type SourceFile, type Span, span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import { type Diagnostic, diagnostic, misspelt, replaceWith } from "../diagnostics/diagnostic.js";
import type { Declaration, Expr, Spec } from "./ast.js";
import { meantByCharacter, meantByToken } from "./corrections.js";
import { firstErrors } from "./first-errors.js";
import { meantAbroad } from "./foreign.js";
import { CstReader, tokenSpan } from "./from-cst.js";

export interface Parsed {
  readonly spec: Spec;
  readonly diagnostics: readonly Diagnostic[];
}

/** One for the process: building a parser takes longer than parsing a spec. */
let parser: GanParser | undefined;

const lexical = (source: SourceFile, error: ILexingError): Diagnostic => {
  const place = span(source.name, error.offset, error.offset + error.length);
  const text = source.text.slice(place.start, place.end);
  if (text.startsWith('"')) {
    const rest = span(source.name, place.start, lineEnd(source.text, place.start));
    return diagnostic("GAN102", rest, "this path is not closed", {
      notes: ['A path ends with `"` on the line that it begins on.'],
    });
  }
  const message = `\`${text}\` means nothing here`;
  const details = meantAbroad(source.text, place, message) ?? meantByCharacter(source.text, place);
  return diagnostic("GAN102", place, message, details);
};

/** Just behind the last character of a line that is not a blank. */
const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf("\n", from);
  return from + text.slice(from, end < 0 ? text.length : end).trimEnd().length;
};

/**
 * A parser's error with the text that was probably meant: a comment, a declaration's word, a
 * comparison.
 */
const syntactic = (
  source: SourceFile,
  tokens: readonly IToken[],
  error: IRecognitionException,
): Diagnostic => {
  const place = errorSpan(source, tokens, error);
  const begin = source.text.lastIndexOf("\n", place.start - 1) + 1;
  const [, blank = "", slashes] = /^([ \t]*)(\/\/)/.exec(source.text.slice(begin, place.end)) ?? [];
  if (slashes !== undefined) {
    const mark = span(source.name, begin + blank.length, begin + blank.length + 2);
    return diagnostic("GAN101", mark, "`//` divides and rounds down; comments begin with `--`", {
      fix: replaceWith(mark, "--"),
    });
  }
  const abroad = meantAbroad(source.text, place, error.message);
  if (abroad !== undefined) return diagnostic("GAN101", place, error.message, abroad);
  const { token } = error;
  const words = declarationWords.map((word) => String((word.PATTERN as RegExp).source));
  const wantsDeclaration = error.message.startsWith("expected a declaration");
  const meant =
    wantsDeclaration && token.tokenType === Identifier ? nearest(token.image, words) : undefined;
  if (meant !== undefined)
    return diagnostic("GAN101", place, error.message, misspelt(place, meant));
  if (wantsDeclaration && token.image === "=")
    return diagnostic("GAN101", place, error.message, { notes: ["To compare, write `==`."] });
  const at = indexOf(tokens, token);
  const details = meantByToken({
    token,
    before: at < 0 ? [] : tokens.slice(Math.max(0, at - 2), at),
    after: at < 0 ? [] : tokens.slice(at + 1, at + 3),
    spanOf: (of) => tokenSpan(source.name, of),
    message: error.message,
    beginsLine: source.text.slice(begin, place.start).trim() === "",
  });
  return diagnostic("GAN101", place, error.message, details);
};

/**
 * The place of a token among all, which stand in the order of the text; -1 where the parser made it
 * up.
 */
const indexOf = (tokens: readonly IToken[], token: IToken): number => {
  let low = 0;
  let high = tokens.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.startOffset ?? 0) < token.startOffset) low = middle + 1;
    else high = middle;
  }
  return tokens[low] === token ? low : -1;
};

/** Where the parser stopped; at the end of the file, just behind the last token. */
const errorSpan = (
  source: SourceFile,
  tokens: readonly IToken[],
  error: IRecognitionException,
): Span => {
  if (error.token.tokenType !== EOF) return tokenSpan(source.name, error.token);
  const last = tokens[tokens.length - 1];
  const end = last === undefined ? 0 : last.startOffset + last.image.length;
  return span(source.name, end, end);
};

/**
 * How many expressions may stand inside of each other: more than people write, less than the stack
 * holds.
 */
const deepest = 500;

/** An expression that is nested deeper than later rooms could follow. */
const tooDeep = (spec: Spec): Expr | undefined => {
  const open: { readonly node: unknown; readonly depth: number }[] = [
    { node: spec.declarations, depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (node === null || typeof node !== "object") continue;
    if (depth > deepest) return node as Expr;
    const isList = Array.isArray(node);
    for (const below of Object.values(node))
      open.push({ node: below, depth: depth + (isList ? 0 : 1) });
  }
  return undefined;
};

const nesting = (file: string, place: Span): Diagnostic =>
  diagnostic("GAN409", { ...place, file }, "this is nested too deeply to be read", {
    notes: ["Give parts of it names of their own, by `let`."],
  });

/** @throws RangeError where the text is nested deeper than the parser can follow */
const read = (source: SourceFile): Parsed => {
  parser ??= new GanParser();
  const { tokens, errors: lexingErrors } = lexer.tokenize(source.text);
  const reader = new CstReader(source.name);
  const declarations: Declaration[] = [];
  parser.take = (declaration) => {
    for (const one of reader.take(declaration)) declarations.push(one);
  };
  parser.input = tokens;
  // A declaration in whose middle the parser gave up is only in the tree of the file.
  const rest = reader.declarations(parser.spec());
  const errors = parser.errors.map((error) => syntactic(source, tokens, error));
  const lexed = lexingErrors.map((error) => lexical(source, error));
  const spec: Spec = { file: source.name, declarations: [...declarations, ...rest] };
  const found = [...lexed, ...errors, ...reader.diagnostics];
  return { spec, diagnostics: firstErrors(source.text, found) };
};

/** Whether a text is in another encoding: that is one mistake, not one of each line. */
const notText = (file: string): Diagnostic =>
  diagnostic("GAN102", span(file, 0, 0), `\`${file}\` is not a text in UTF-8`, {
    notes: ["It holds bytes of 0, as UTF-16 does. Save it as UTF-8."],
  });

export const parse = (source: SourceFile): Parsed => {
  const nothing: Spec = { file: source.name, declarations: [] };
  if (source.text.includes("\0")) return { spec: nothing, diagnostics: [notText(source.name)] };
  try {
    const parsed = read(source);
    const deep = tooDeep(parsed.spec);
    return deep === undefined
      ? parsed
      : { spec: nothing, diagnostics: [nesting(source.name, deep.span ?? firstLine(source))] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // What a parser that was left in the middle holds is not to be trusted.
    parser = undefined;
    return { spec: nothing, diagnostics: [nesting(source.name, firstLine(source))] };
  }
};

const firstLine = (source: SourceFile): Span => span(source.name, 0, lineEnd(source.text, 0));
