/** HTML as a value: what a template receives is escaped, unless it is HTML itself. */
import { escapeXml } from "../text/xml.js";

/** HTML, made only by `html` or `raw`. */
export class Html {
  constructor(readonly text: string) {}
}

/** Wraps markup that is made and escaped elsewhere. */
export const raw = (text: string): Html => new Html(text);

export type Part = Html | string | number | undefined | readonly Part[];

const written = (part: Part): string => {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(written).join("");
  return escapeXml(String(part));
};

/**
 * Fills a template of HTML: text and numbers are escaped, lists are concatenated, undefined is
 * empty.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.reduce((text, next, i) => text + written(parts[i - 1]) + next));

/** Writes JSON in a data `script`, so that no text in it can close the element. */
export const jsonScript = (id: string, value: unknown): Html =>
  raw(
    `<script type="application/json" id="${id}">${JSON.stringify(value)
      .replaceAll("<", "\\u003c")
      .replaceAll("\u2028", "\\u2028")
      .replaceAll("\u2029", "\\u2029")}</script>`,
  );
