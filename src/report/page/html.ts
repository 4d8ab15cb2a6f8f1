/** HTML as a value: what is put into a template is escaped, unless it is HTML itself. */
import { escapeXml } from "../text/xml.js";

/** Made by `html` or `raw` alone. */
export class Html {
  constructor(readonly text: string) {}
}

/** Markup that is made elsewhere, escaped there. */
export const raw = (text: string): Html => new Html(text);

export type Part = Html | string | number | undefined | readonly Part[];

const written = (part: Part): string => {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(written).join("");
  return escapeXml(String(part));
};

/** A template of HTML: text and numbers are escaped, lists follow each other, nothing is nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.reduce((text, next, i) => text + written(parts[i - 1]) + next));

/** JSON that no HTML can end, for a `script` that is data. */
export const jsonScript = (id: string, value: unknown): Html =>
  raw(
    `<script type="application/json" id="${id}">${JSON.stringify(value)
      .replaceAll("<", "\\u003c")
      .replaceAll("\u2028", "\\u2028")
      .replaceAll("\u2029", "\\u2029")}</script>`,
  );
