/**
 * Names that users gave their files, as messages show them: on one line, and without power over the
 * terminal.
 */

/**
 * Matches characters that move the cursor, set colours, break lines or reverse the writing, and
 * lone surrogates.
 */
const unprintable =
  /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
};

/** The text with each control character written out: `\x1b` for escape, `\x0a` for a line break. */
export const printable = (text: string): string => text.replaceAll(unprintable, escaped);

/** The first few names, and how many more there are: `a, b, c and 12 more`. Each is printable. */
export const someOf = (names: readonly string[], shown = 3): string => {
  const more = names.length - shown;
  const first = names.slice(0, more === 1 ? names.length : shown).map(printable);
  return more > 1 ? `${first.join(", ")} and ${more} more` : first.join(", ");
};
