/** Text in XML. */

/** What XML 1.0 has no way to write, escaped or not: most control characters, halves of pairs, and two more. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Any text, fit for an element or an attribute. */
export const escapeXml = (text: string): string =>
  text.replaceAll(FORBIDDEN, "\ufffd").replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
