/** Declarations, and what stands in their braces, as rows and blocks. */
import type { Clause, Declaration, Expr, Field, Phase, Quantifier, Spec } from "../syntax/ast.js";
import { align, type Doc, fillLine, group, mustBreak, render, step, width } from "./doc.js";
import { Expressions, nameList, simpleTypeText, typeText } from "./expressions.js";
import { type Block, type Entry, layOut, type Row } from "./rows.js";
import { type Comment, commentDocs, type Text } from "./text.js";

interface Node {
  readonly span: { readonly start: number; readonly end: number };
}

/** A value as it stands in a row: where its head ends in the text, and what else is known of it. */
interface Valued {
  readonly headEnd: number;
  readonly value: Expr;
  readonly tail?: () => Doc;
}

/**
 * One unit in the braces of `solve`: a phase in braces of its own, or a clause of one without.
 */
interface Part extends Node {
  readonly phase: Phase;
  readonly clause: Clause | undefined;
  /** Whether it begins its phase, and whether that is another than the first. */
  readonly isFirst: boolean;
  readonly isLater: boolean;
}

const partsOf = (phase: Phase, i: number): readonly Part[] => {
  const { times, every, clauses, span } = phase;
  const isLater = i > 0;
  return times === undefined && every === undefined
    ? clauses.map((clause, k) => ({ phase, clause, isFirst: k === 0, isLater, span: clause.span }))
    : [{ phase, clause: undefined, isFirst: true, isLater, span }];
};

export class Declarations {
  private readonly expressions: Expressions;

  constructor(private readonly text: Text) {
    this.expressions = new Expressions(text);
  }

  spec({ declarations }: Spec, end: number): readonly string[] {
    return layOut(
      this.entries(declarations, { start: 0, end }, (one) => this.declaration(one, 0)),
      0,
    );
  }

  /**
   * Lays out the items in a stretch of text, with the comments between. Blank lines stay, at most
   * one at a time.
   */
  private entries<T extends Node>(
    nodes: readonly T[],
    { start, end }: { readonly start: number; readonly end: number },
    of: (node: T) => Row | Block,
  ): readonly Entry[] {
    const entries: Entry[] = [];
    let last = start;
    const add = (item: Row | Block, from: number, to: number): void => {
      entries.push({ item, isApart: this.text.linesBetween(last, from) > 1 });
      last = to;
    };
    const comment = ({ text, start: from, end: to }: Comment): void =>
      add({ kind: "block", lines: [text], trailing: undefined }, from, to);
    for (const node of nodes) {
      this.text.take(node.span.start).forEach(comment);
      const item = of(node);
      const [trailing, ...others] = [
        ...this.text.take(node.span.end),
        ...this.text.takeTrailing(node.span.end),
      ];
      const behind = trailing === undefined ? {} : { trailing: trailing.text };
      add({ ...item, ...behind }, node.span.start, trailing?.end ?? node.span.end);
      last = Math.max(last, node.span.end);
      others.forEach(comment);
      last = Math.max(last, node.span.end);
    }
    this.text.take(end).forEach(comment);
    return entries;
  }

  private declaration(declaration: Declaration, margin: number): Row | Block {
    switch (declaration.kind) {
      case "param": {
        const { name, type, value, where } = declaration;
        const tail = where === undefined ? {} : { tail: () => this.where(where) };
        const rest = { value, ...tail };
        if (type === undefined)
          return this.named("param", name.text, { headEnd: name.span.end, ...rest });
        const cells = [`param ${name.text}`, `: ${typeText(type)}`, "="];
        return this.row("typed param", cells, { headEnd: type.span.end, ...rest });
      }
      case "domain": {
        const { name, value } = declaration;
        return this.named("domain", name.text, { headEnd: name.span.end, value });
      }
      case "let": {
        const { binding } = declaration;
        const end = binding.formals?.at(-1)?.span.end ?? binding.name.span.end;
        const head: Doc = ["let ", this.expressions.bindingHead(binding)];
        return this.headed("let", head, { headEnd: end, value: binding.value }, margin);
      }
      case "net": {
        const { name, type, value, isFrozen, weights } = declaration;
        const types =
          type.kind === "arrow"
            ? [`: ${simpleTypeText(type.from)}`, `-> ${simpleTypeText(type.to)}`]
            : [`: ${typeText(type)}`, ""];
        const cells = [`${isFrozen ? "frozen " : ""}net ${name.text}`, ...types, "="];
        const tail = weights === undefined ? {} : { tail: () => `from "${weights.text}"` };
        return this.row("net", cells, { headEnd: type.span.end, value, ...tail });
      }
      case "loss": {
        const { name, formals, value } = declaration;
        const end = formals.at(-1)?.span.end ?? name.span.end;
        const head: Doc = [`loss ${name.text}`, this.expressions.formals(formals)];
        return this.headed(undefined, head, { headEnd: end, value }, margin);
      }
      case "objective": {
        const { name, value } = declaration;
        return this.named("objective", name.text, { headEnd: name.span.end, value });
      }
      case "expect": {
        const { condition, span } = declaration;
        return this.row(undefined, ["expect"], {
          headEnd: span.start + "expect".length,
          value: condition,
        });
      }
      case "import":
        return this.importation(declaration, margin);
      case "module": {
        const { name, body, span } = declaration;
        const inside = { start: name.span.end, end: span.end };
        const of = (one: Declaration): Row | Block => this.declaration(one, margin + step);
        const entries = this.entries(body, inside, of);
        return this.braces(`module ${name.text}`, entries, margin);
      }
      case "solve": {
        const { phases, span } = declaration;
        const inside = phases.flatMap(partsOf);
        const entries = this.entries(inside, span, (part) => this.part(part, margin + step));
        return this.shortBraces("solve", entries, span, margin);
      }
      case "train": {
        const { fields, span } = declaration;
        const entries = this.entries(fields, span, (field) => this.field(field));
        return this.shortBraces("train", entries, span, margin);
      }
    }
  }

  private where(condition: Expr): Doc {
    return ["where ", align(this.expressions.of(condition))];
  }

  private named(word: "param" | "domain" | "objective", name: string, valued: Valued): Row {
    return this.row(word, [`${word} ${name}`, "="], valued);
  }

  /** A head whose formals break, where they do not fit on a line, stands in no columns. */
  private headed(columns: string | undefined, head: Doc, valued: Valued, margin: number): Row {
    const text = render([head, " ="], { column: margin, margin });
    if (text.includes("\n")) return { ...this.row(undefined, [text], valued), isBelow: true };
    return this.row(columns, [text.slice(0, -2), "="], valued);
  }

  private row(
    columns: string | undefined,
    cells: readonly string[],
    { headEnd, value, tail }: Valued,
  ): Row {
    const { start } = value.span;
    const comments = commentDocs(this.text.take(start));
    const doc = this.expressions.of(value);
    return {
      kind: "row",
      columns,
      cells,
      value: doc,
      hangs: value.kind === "lambda" ? "head" : "value",
      // A comment behind the head ends its line.
      isBelow: comments.length > 0 || this.text.linesBetween(headEnd, start) > 0,
      comments,
      mayGoBelow: value.kind !== "call" && value.kind !== "lambda",
      tail: tail?.(),
      trailing: undefined,
    };
  }

  private importation(
    { target, form, names }: Extract<Declaration, { kind: "import" }>,
    margin: number,
  ): Block {
    const what = form === "path" ? `"${target.text}"` : target.text;
    const list = (names ?? []).map(({ text }, i): Doc => (i === 0 ? text : [",", fillLine, text]));
    const head = `import ${what}`;
    const doc: Doc = names === undefined ? head : [`${head} (`, align(group(list)), ")"];
    return {
      kind: "block",
      lines: render(doc, { column: margin, margin: margin + step }).split("\n"),
      trailing: undefined,
    };
  }

  /** A clause of a phase behind another stands as far in as that with the `then`. */
  private part({ phase, clause, isFirst, isLater }: Part, margin: number): Row | Block {
    const then = isLater ? "then " : "";
    if (clause !== undefined) return this.clause(clause, isFirst ? then : " ".repeat(then.length));
    const { times, every, clauses, span } = phase;
    const count = times ?? every;
    const word = times === undefined ? "every" : "repeat";
    const head =
      count === undefined ? [then] : [`${then}${word} `, align(this.expressions.postfix(count))];
    const inside = { start: count?.span.end ?? span.start, end: span.end };
    const text = render(head, { column: margin, margin });
    const entries = this.entries(clauses, inside, (one) => this.clause(one, ""));
    return this.shortBraces(text, entries, span, margin);
  }

  private clause({ quantifiers, objective }: Clause, before: string): Row {
    const head = quantifiers.map(quantifierText).join(" ");
    return this.inner("clause", before + head, objective);
  }

  private field({ name, networks, value }: Field): Row {
    const of = networks === undefined ? "" : `[${nameList(networks)}]`;
    return this.inner("field", `${name.text}${of}:`, value);
  }

  /** Lays out braces so that their contents begin beside the head, however long they get. */
  private inner(columns: string, head: string, value: Expr): Row {
    const comments = commentDocs(this.text.take(value.span.start));
    return {
      kind: "row",
      columns,
      cells: [head],
      value: [...comments, this.expressions.of(value)],
      hangs: "value",
      isBelow: false,
      comments: [],
      mayGoBelow: false,
      tail: undefined,
      trailing: undefined,
    };
  }

  private braces(head: string, entries: readonly Entry[], margin: number): Block {
    const lines =
      entries.length === 0
        ? [`${head} {}`]
        : [`${head} {`, ...layOut(entries, margin + step), `${" ".repeat(margin)}}`];
    return { kind: "block", lines, trailing: undefined };
  }

  /** One short entry stays between its braces on one line, if the author wrote it so. */
  private shortBraces(
    head: string,
    entries: readonly Entry[],
    { start, end }: { readonly start: number; readonly end: number },
    margin: number,
  ): Block {
    const [only] = entries;
    const isRow = entries.length === 1 && only?.item.kind === "row" && !mustBreak(only.item.value);
    if (isRow && this.text.linesBetween(start, end) === 0) {
      const short = `${head} { ${layOut(entries, 0).join("\n")} }`;
      if (!short.includes("\n") && margin + short.length <= width)
        return { kind: "block", lines: [short], trailing: undefined };
    }
    return this.braces(head, entries, margin);
  }
}

const quantifierText = ({ sense, networks }: Quantifier): string =>
  `${sense}[${nameList(networks)}]`;
