/** A spec with its words in colours, by the tokens that the parser reads. */
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

/** The class of a token, behind that of name `before`; none for what stays as it is. */
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

/** Text that is no sound spec keeps its colours up to what cannot be read, and behind it. */
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
