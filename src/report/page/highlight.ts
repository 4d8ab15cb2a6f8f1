/** Highlights a spec, by the tokens that the parser reads. */
import { lexer } from "../../../grammar/lexer.js";
import * as t from "../../../grammar/tokens.js";
import { type Html, html, raw } from "./html.js";

const keywords: ReadonlySet<string> = new Set(
  [...t.declarationWords, ...t.otherWords, t.Expectation, t.MinWord, t.MaxWord].map(
    ({ name }) => name,
  ),
);

const declaring: ReadonlySet<string> = new Set(t.declarationWords.map(({ name }) => name));

const literals: ReadonlySet<string> = new Set(
  [t.RealLiteral, t.IntLiteral].map(({ name }) => name),
);

/**
 * Returns the class of a token that follows one of name `before`; undefined if it is not coloured.
 */
const classOf = (name: string, before: string | undefined): string | undefined => {
  if (keywords.has(name)) return "word";
  if (name === t.Comment.name) return "remark";
  if (name === t.StringLiteral.name) return "text";
  if (literals.has(name)) return "number";
  if (name === t.Identifier.name)
    return before !== undefined && declaring.has(before) ? "declared" : undefined;
  return /^[A-Z]\w+$/.test(name) && !/Bracket|Paren|Brace|Comma|Colon|Dot/.test(name)
    ? "sign"
    : undefined;
};

/** Highlights any text. Where it is not valid, colours continue after what cannot be read. */
export const highlighted = (source: string): Html => {
  const { tokens, groups } = lexer.tokenize(source);
  const all = [...tokens, ...(groups.comments ?? [])].sort((a, b) => a.startOffset - b.startOffset);
  const parts: Html[] = [];
  let at = 0;
  let before: string | undefined;
  for (const { startOffset, image, tokenType } of all) {
    if (startOffset < at) continue;
    const look = classOf(tokenType.name, before);
    parts.push(html`${source.slice(at, startOffset)}`);
    parts.push(look === undefined ? html`${image}` : html`<span class="${look}">${image}</span>`);
    at = startOffset + image.length;
    if (tokenType.name !== t.Comment.name) before = tokenType.name;
  }
  parts.push(html`${source.slice(at)}`);
  return raw(parts.map(({ text }) => text).join(""));
};
