/** The catalogue as text: for the terminal, and as a page of the documentation. */

import type { Entry } from "./catalogue/entry.js";
import { wholeSetting } from "./catalogue/example.js";
import { type Code, catalogue } from "./catalogue.js";
import { wrap } from "./wrap.js";

const entries = Object.entries(catalogue) as readonly (readonly [Code, Entry])[];

const indented = (text: string, by: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : by + line))
    .join("\n");

const paragraphs = ({ means, costs, mend }: Entry): readonly string[] =>
  costs === undefined ? [means, mend] : [means, costs, mend];

/**
 * One entry: what it means, what it would cost, how it is mended, and an example. `width` in
 * columns.
 */
export const explain = (code: Code, width: number): string => {
  const entry: Entry = catalogue[code];
  const { severity, title, example } = entry;
  return `${[
    wrap(title, width, `${severity}[${code}]: `, "  "),
    ...paragraphs(entry).map((text) => wrap(text, width, "  ", "  ")),
    `  Wrong:\n\n${indented(example.wrong, "    ")}`,
    `  Mended:\n\n${indented(example.mended, "    ")}`,
  ].join("\n\n")}\n`;
};

/** One line for each code. */
export const listCodes = (): string =>
  entries
    .map(([code, { severity, title }]) => `${code}  ${severity.padEnd(7)}  ${title}\n`)
    .join("");

const fenced = (text: string): string => `\`\`\`gan\n${text}\n\`\`\``;

const section = ([code, entry]: readonly [Code, Entry]): string =>
  [
    `## ${code}: ${entry.title}`,
    ...(entry.severity === "warning" ? ["A warning: the spec compiles all the same."] : []),
    ...paragraphs(entry).map((text) => wrap(text, 110, "", "")),
    `Wrong:\n\n${fenced(entry.example.wrong)}`,
    `Mended:\n\n${fenced(entry.example.mended)}`,
  ].join("\n\n");

/** docs/errors.md. */
export const errorsPage = (): string =>
  `${[
    "# What the compiler says",
    wrap(
      "Every diagnostic has a code. `ganc explain CODE` prints its entry of this page, which is made from " +
        "`src/diagnostics/catalogue`; `UPDATE=1 npm run jest -- test/diagnostics` makes it anew.",
      110,
      "",
      "",
    ),
    `The examples stand in this spec, whose declarations of the same names they replace:\n\n${fenced(wholeSetting)}`,
    ...entries.map(section),
  ].join("\n\n")}\n`;
