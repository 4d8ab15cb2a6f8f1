/**
 * The parts of a text that its tree does not hold: comments, line breaks, and redundant brackets.
 */
import { lexer } from "../../grammar/lexer.js";
import type { SourceFile } from "../base/source.js";
import type { Expr } from "../syntax/ast.js";
import type { Doc } from "./doc.js";

export interface Comment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is all that stands on its line. */
  readonly own: boolean;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

export class Text {
  private readonly comments: readonly Comment[];
  private taken = 0;
  private readonly places: readonly Place[];
  private readonly images: readonly string[];
  private readonly tokenFrom = new Map<number, number>();
  private readonly tokenTo = new Map<number, number>();
  private readonly extents = new Map<Expr, Place>();

  constructor(private readonly source: SourceFile) {
    const { tokens, groups } = lexer.tokenize(source.text);
    this.images = tokens.map(({ image }) => image);
    this.places = tokens.map(({ startOffset, image }) => ({
      start: startOffset,
      end: startOffset + image.length,
    }));
    this.places.forEach(({ start, end }, i) => {
      this.tokenFrom.set(start, i);
      this.tokenTo.set(end, i);
    });
    this.comments = (groups.comments ?? []).map(({ image, startOffset }) => ({
      text: image.trimEnd(),
      start: startOffset,
      end: startOffset + image.trimEnd().length,
      own: this.isFirstOfLine(startOffset),
    }));
  }

  private isFirstOfLine(offset: number): boolean {
    const begin = this.source.text.lastIndexOf("\n", offset - 1) + 1;
    return this.source.text.slice(begin, offset).trim() === "";
  }

  /** Counts line breaks between two places. */
  linesBetween(from: number, to: number): number {
    return this.source.text.slice(from, to).split("\n").length - 1;
  }

  slice(from: number, to: number): string {
    return this.source.text.slice(from, to);
  }

  /** The comments before a place that were not taken before. */
  take(before: number): readonly Comment[] {
    const first = this.taken;
    while ((this.comments[this.taken]?.start ?? Infinity) < before) this.taken++;
    return this.comments.slice(first, this.taken);
  }

  /** The comment behind a place on its line, if nothing else stands between. */
  takeTrailing(from: number): readonly Comment[] {
    const next = this.comments[this.taken];
    if (next === undefined || next.start < from) return [];
    const { text } = this.source;
    if (text.slice(from, next.start).trim() !== "" || this.linesBetween(from, next.start) > 0)
      return [];
    this.taken++;
    return [next];
  }

  /**
   * Whether the author put an operand into brackets. A span leaves out the brackets around what it
   * begins or ends with, so these are counted from the innermost expressions on.
   */
  isGrouped(operand: Expr): boolean {
    return this.widened(this.extentOf(operand)) !== undefined;
  }

  /** A place with the pair of brackets directly around it. */
  private widened({ start, end }: Place): Place | undefined {
    const before = (this.tokenFrom.get(start) ?? 0) - 1;
    const after = (this.tokenTo.get(end) ?? Infinity) + 1;
    const [open, close] = [this.places[before], this.places[after]];
    const isPair = this.images[before] === "(" && this.images[after] === ")";
    return isPair && open !== undefined && close !== undefined
      ? { start: open.start, end: close.end }
      : undefined;
  }

  /** Returns the start and end of an operand, with all brackets around it. */
  private whole(operand: Expr): Place {
    let place = this.extentOf(operand);
    for (let wider = this.widened(place); wider !== undefined; wider = this.widened(place))
      place = wider;
    return place;
  }

  private extentOf(expr: Expr): Place {
    const known = this.extents.get(expr);
    if (known !== undefined) return known;
    const extent = this.measured(expr);
    this.extents.set(expr, extent);
    return extent;
  }

  private measured(expr: Expr): Place {
    const { start, end } = expr.span;
    switch (expr.kind) {
      case "binary":
        return { start: this.whole(expr.left).start, end: this.whole(expr.right).end };
      case "unary":
        return { start, end: this.whole(expr.operand).end };
      case "call":
        return { start: this.whole(expr.callee).start, end };
      case "member":
        return { start: this.whole(expr.object).start, end };
      case "relabel":
        return { start: this.whole(expr.value).start, end };
      default:
        return { start, end };
    }
  }
}

export const commentDocs = (comments: readonly Comment[]): readonly Doc[] =>
  comments.map(({ text, own }): Doc => ({ kind: "comment", text, own }));
