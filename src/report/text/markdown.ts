/** Markdown of people's comments, kept as it is but for raw HTML and for links that run code. */
import { greatest } from "../../base/greatest.js";

/** What a browser only follows: the schemes of pages and mail, and paths without one. */
const isPlainTarget = (target: string): boolean =>
  /^(https?:\/\/|mailto:)[^&\\]*$/i.test(target) || !/[:&\\]/.test(target);

/** What looks like code, in a line or fenced. */
const code = /^ *(`{3,}|~{3,})[\s\S]*?^ *\1 *$|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)/gm;

const tag = /<(?=[a-z/!?])/gi;

/** Autolinks of pages are Markdown's own. */
const withoutTags = (text: string): string =>
  text.replaceAll(/<(?=[a-z/!?])(?!https?:\/\/[^\s<>]*>)/gi, "&lt;");

const withoutLinksOfCode = (text: string): string =>
  text
    .replaceAll(/\]\((?=\s*<?([^)\s>]*))/g, (opening, target: string) =>
      isPlainTarget(target) ? opening : "]\\(",
    )
    .replaceAll(/\]:(?=\s*<?([^\s>]*))/g, (opening, target: string) =>
      isPlainTarget(target) ? opening : "]\\:",
    );

/**
 * Comments as Markdown in which no HTML is left: tags become text, and so do links with other schemes than http, https and
 * mailto. What looks like code may be none once a page is put together, so a tag there gets a space behind its `<`, which
 * shows in code and is no tag elsewhere.
 */
export const harmlessMarkdown = (text: string): string => {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(code)) {
    parts.push(withoutTags(text.slice(from, match.index)), match[0].replaceAll(tag, "< "));
    from = match.index + match[0].length;
  }
  parts.push(withoutTags(text.slice(from)));
  return withoutLinksOfCode(parts.join(""));
};

/** A block of code in a fence that is longer than any in it. */
export const fenced = (language: string, text: string): string => {
  const longest = greatest([2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)]);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
};
