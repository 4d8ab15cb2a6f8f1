/** Writes pages in Markdown from a file's declarations and the comments directly above them. */

import { lexer } from "../../../grammar/lexer.js";
import { measureText } from "../../base/sides.js";
import type { Model, Network } from "../../program/model.js";
import type { Declaration } from "../../syntax/ast.js";
import { parse } from "../../syntax/parse.js";
import { fenced, harmlessMarkdown } from "../text/markdown.js";
import { shapesText, thousands } from "../text/words.js";
import { layerRows } from "./summary.js";

export interface Documented {
  /** Title of the page: `std.losses`, or the file. */
  readonly title: string;
  /** Formatted as by `ganc fmt`, free of syntax errors. */
  readonly text: string;
  /** Set for a whole spec: its networks get tables of their layers. */
  readonly model?: Model | undefined;
}

interface Comment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Finds comments on lines of their own. */
const commentsOf = (text: string): readonly Comment[] =>
  (lexer.tokenize(text).groups.comments ?? [])
    .map(({ image, startOffset }) => ({
      start: startOffset,
      end: startOffset + image.length,
      text: image.replace(/^-- ?/, "").trimEnd(),
    }))
    .filter(({ start }) => text.slice(text.lastIndexOf("\n", start - 1) + 1, start).trim() === "");

class Page {
  private readonly comments: readonly Comment[];

  constructor(private readonly of: Documented) {
    this.comments = commentsOf(of.text);
  }

  /** Returns the adjacent comments that end on the line above a place. */
  private above(start: number): string {
    const lines: string[] = [];
    let from = start;
    for (const comment of [...this.comments].reverse()) {
      if (comment.end > from) continue;
      if (!/^\n[ \t]*$/.test(this.of.text.slice(comment.end, from))) break;
      lines.unshift(comment.text);
      from = comment.start;
    }
    return lines.join("\n");
  }

  /** Returns the comments at the beginning, if a blank line ends them. */
  private introduction(first: Declaration | undefined): string {
    const lines: string[] = [];
    let end = 0;
    for (const { start, end: next, text } of this.comments) {
      if (!/^\n?$/.test(this.of.text.slice(end, start))) break;
      lines.push(text);
      end = next;
    }
    const isDeclarations = first !== undefined && this.above(first.span.start) === lines.join("\n");
    return isDeclarations ? "" : lines.join("\n");
  }

  /** Quotes code, moved to the left margin. */
  private code(start: number, end: number): string {
    const { text } = this.of;
    const margin = start - (text.lastIndexOf("\n", start - 1) + 1);
    const lines = text.slice(start, end).split("\n");
    const moved = lines.map((line, i) => (i === 0 ? line : line.slice(margin)));
    return fenced("gan", moved.join("\n"));
  }

  /**
   * Groups neighbours of one kind without anything between, such as the params at the beginning.
   */
  private runs(declarations: readonly Declaration[]): readonly (readonly Declaration[])[] {
    const runs: Declaration[][] = [];
    for (const declaration of declarations) {
      const last = runs.at(-1)?.at(-1);
      const between =
        last === undefined ? "" : this.of.text.slice(last.span.end, declaration.span.start);
      const joins = last?.kind === declaration.kind && /^\n *$/.test(between);
      if (joins) runs.at(-1)?.push(declaration);
      else runs.push([declaration]);
    }
    return runs;
  }

  private tables(names: readonly string[]): readonly string[] {
    const alike = new Map<string, string[]>();
    for (const name of names) {
      const network = this.of.model?.networks.find((one) => one.name === name);
      if (network === undefined) continue;
      const table = networkTable(network);
      alike.set(table, [...(alike.get(table) ?? []), name]);
    }
    return [...alike].map(([table, of]) => `${of.join(", ")}: ${table}`);
  }

  private entry(run: readonly Declaration[], prefix: string): readonly string[] {
    const [first] = run;
    const last = run.at(-1);
    if (first === undefined || last === undefined) return [];
    const comment = harmlessMarkdown(this.above(first.span.start));
    const words = comment === "" ? [] : [comment];
    const body = [...words, this.code(first.span.start, last.span.end)];
    const names = run.flatMap((one) => ("name" in one ? [one.name.text] : []));
    const heading = `## ${names.map((name) => prefix + name).join(", ")}`;
    switch (first.kind) {
      case "module":
        return [heading, ...words, ...this.entries(first.body, `${prefix}${first.name.text}.`)];
      case "net":
        return [heading, ...body, ...this.tables(names)];
      case "param":
      case "domain":
      case "let":
      case "loss":
      case "objective":
        return [heading, ...body];
      case "solve":
        return ["## The game", ...body];
      case "train":
        return ["## The recipe", ...body];
      case "expect":
      case "import":
        return [];
    }
  }

  private entries(declarations: readonly Declaration[], prefix: string): readonly string[] {
    return this.runs(declarations).flatMap((run) => this.entry(run, prefix));
  }

  markdown(): string {
    const { spec } = parse({ name: this.of.title, text: this.of.text });
    const introduction = this.introduction(spec.declarations[0]);
    const parts = [
      `# ${harmlessMarkdown(this.of.title)}`,
      ...(introduction === "" ? [] : [harmlessMarkdown(introduction)]),
      ...this.entries(spec.declarations, ""),
    ];
    return `${parts.join("\n\n")}\n`;
  }
}

const networkTable = (network: Network): string => {
  const rows = layerRows(network).map(
    ({ cells: [path = "", options = "", output = "", parameters = "", field = ""] }) =>
      `| ${path.trim()} | ${options} | ${output} | ${parameters} | ${field} |`,
  );
  const size = `${thousands(network.size)} parameters, receptive field ${measureText(network.receptiveField)}`;
  return [
    `${shapesText(network)}, ${size}.`,
    "",
    "| layer | options | output | parameters | field |",
    "|---|---|---|---:|---:|",
    ...rows,
  ].join("\n");
};

export const documentation = (of: Documented): string => new Page(of).markdown();
