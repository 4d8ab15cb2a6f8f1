/** Markdown from people's comments, unchanged except for raw HTML and for links that run code. */
import { greatest } from "../../base/greatest.js";

/** Tells whether a link only leads somewhere: http, https, mailto, or a path without a scheme. */
const isPlainTarget = (target: string): boolean =>
  /^(https?:\/\/|mailto:)[^&\\]*$/i.test(target) || !/[:&\\]/.test(target);

/** Matches what looks like code, inline or fenced. */
const code = /^ *(`{3,}|~{3,})[\s\S]*?^ *\1 *$|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)/gm;

const tag = /<(?=[a-z/!?])/gi;

/** Escapes tags, except autolinks to pages, which are Markdown's own. */
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
 * Removes HTML from Markdown: tags become text, and so do links with schemes other than http, https
 * and mailto. What looks like code may not be code once the page is assembled, so a tag there gets
 * a space after its `<`; this shows in code, and is not a tag elsewhere.
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

/** Fences a block of code, with a fence longer than any inside. */
export const fenced = (language: string, text: string): string => {
  const longest = greatest([2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)]);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
};
