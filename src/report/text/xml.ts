/** Escapes text for XML. */

/**
 * Matches characters that XML 1.0 cannot express, escaped or not: most control characters, lone
 * surrogates, U+FFFE and U+FFFF.
 */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Makes any text safe for an element or an attribute. */
export const escapeXml = (text: string): string =>
  text.replaceAll(FORBIDDEN, "\ufffd").replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
