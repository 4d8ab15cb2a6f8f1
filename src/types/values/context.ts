/** The resolved program and the diagnostics, which every part of the checker shares. */
import { oneLine, type Span } from "../../base/source.js";
import type { Code } from "../../diagnostics/catalogue.js";
import {
  type Details,
  type Diagnostic,
  diagnostic,
  type Label,
} from "../../diagnostics/diagnostic.js";
import type { Resolved } from "../../names/resolved.js";
import { unknown, type Value } from "./value.js";

/**
 * Uses that a message shows at most, innermost first; of more, those in the middle are left out.
 */
const shownUses = 4;

/** Letters of a use that a message quotes at most. */
const quotedLetters = 48;

/**
 * The nearest, and the user's own: the last two are where the user calls something and the network
 * that it is in.
 */
const shown = <A>(uses: readonly A[]): readonly A[] =>
  uses.length <= shownUses ? uses : [...uses.slice(0, shownUses - 2), ...uses.slice(-2)];

/** What led to the expression at hand: a call, unless `text` says what. */
interface Use {
  readonly span: Span;
  readonly text?: string;
}

export class Context {
  private readonly seen = new Map<string, Diagnostic>();
  /** Calls that led to what is being evaluated, outermost first. */
  private readonly chain: Use[] = [];
  /**
   * Whether shapes were held against each other outside of networks: a game may then fit at one
   * size and not at another.
   */
  asksShapes = false;

  constructor(
    readonly resolved: Resolved,
    /** The text of a file, for messages that quote it. */
    readonly textOf: (file: string) => string,
  ) {}

  get diagnostics(): readonly Diagnostic[] {
    return [...this.seen.values()];
  }

  has(code: Code): boolean {
    return this.diagnostics.some((d) => d.code === code);
  }

  /**
   * A mistake in a generic body is one mistake, however often the body is used; of a body of the
   * library, whoever uses it wrongly has made one mistake, in however many places of the body it
   * shows. `about`, a network for example, tells mistakes of one place apart: a player may have one
   * for each network that it trains.
   */
  report(
    code: Code,
    span: Span,
    message: string,
    details: Details & { readonly about?: string } = {},
  ): Value {
    const calls = this.isLibrary(span) ? this.chain.filter((use) => !this.isLibrary(use.span)) : [];
    const { file, start, end } = calls.at(-1)?.span ?? span;
    const key = `${code} ${file} ${start} ${end} ${details.about ?? ""}`;
    if (!this.seen.has(key)) {
      const uses = this.chain.filter(
        (use) => use.span.file !== span.file || use.span.start !== span.start,
      );
      const led = shown(uses.reverse()).map(({ span, text }) => ({
        span,
        text: text ?? this.use(span),
      }));
      const labels = [...(details.labels ?? []), ...led];
      this.seen.set(key, diagnostic(code, span, message, { ...details, labels }));
    }
    return unknown;
  }

  within<A>(use: Use, body: () => A): A {
    this.chain.push(use);
    try {
      return body();
    } finally {
      this.chain.pop();
    }
  }

  /** The text of a file before a place. */
  textBefore(span: Span): string {
    return this.textOf(span.file).slice(0, span.start);
  }

  textAfter(span: Span): string {
    return this.textOf(span.file).slice(span.end);
  }

  /** Whether a place is in the standard library, which users do not change. */
  isLibrary({ file }: Span): boolean {
    return file.startsWith("std/");
  }

  /** The label for a call that leads to the expression at hand. */
  use(span: Span): string {
    const text = this.quote(span);
    const short = text.length <= quotedLetters ? text : text.replace(/\(.*$/, "(…)");
    return `in \`${short}\`, used here`;
  }

  /** Labels for calls that led to an expression. */
  uses(calls: readonly Span[]): readonly Label[] {
    return calls.map((span) => ({ span, text: this.use(span) }));
  }

  quote(span: Span): string {
    return oneLine(this.textOf(span.file), span);
  }
}
