/** Weights of terms that are so far apart that one of them alone is felt. */
import type { Span } from "../base/source.js";
import { inWords } from "./amounts.js";
import { balanced } from "./brackets.js";
import type { Context } from "./context.js";
import type { Player } from "./player.js";
import { children, moved, type Term } from "./term.js";

/**
 * Numbers of a step have about seven digits: what weighs less than this part of the rest is rounded away when gradients are
 * added. Published objectives come near, 2e-8 of a total variation beside a distance of 1.
 */
const apart = 1e8;

/** A summand of a player's objective. */
interface Summand {
  readonly weight: number;
  /** The networks that it moves. */
  readonly moves: ReadonlySet<string>;
  /** Where it stands: with its factor, or as the library's loss that holds it is called. */
  readonly span: Span;
}

/** Of sums over many numbers the weight says little. */
const isSum = (term: Term): boolean =>
  (term.kind === "function" && term.of.sums === true) || children(term).some(isSum);

const factorOf = (term: Term): number | undefined =>
  term.kind === "constant" ? term.value : undefined;

class Summands {
  readonly found: Summand[] = [];

  constructor(private readonly context: Context) {}

  /** @param at what is shown, where a factor stands before the term or it is the library's */
  visit(term: Term, weight: number, at?: Span): void {
    const span = at ?? (this.context.isLibrary(term.span) ? undefined : term.span);
    switch (term.kind) {
      case "objective":
      case "mean":
        this.visit(term.body, weight, at);
        return;
      case "loss":
        this.visit(term.body, weight, this.context.isLibrary(term.declaration.span) ? span : at);
        return;
      case "negate":
        this.visit(term.input, weight, at);
        return;
      case "arithmetic":
        if (this.arithmetic(term, weight, at)) return;
    }
    if (span === undefined || weight === 0 || isSum(term)) return;
    this.found.push({ weight: Math.abs(weight), moves: moved(term), span });
  }

  /** Whether it is a sum, or a product with a number. */
  private arithmetic(
    term: Extract<Term, { kind: "arithmetic" }>,
    weight: number,
    at: Span | undefined,
  ): boolean {
    const { operator, left, right, span } = term;
    if (operator === "+" || operator === "-") {
      for (const side of [left, right]) this.visit(side, weight, at);
      return true;
    }
    const here = this.context.isLibrary(span) ? at : balanced(this.context, span);
    const [before, behind] = [factorOf(left), factorOf(right)];
    if (operator === "*" && before !== undefined) this.visit(right, weight * before, here);
    else if (operator === "*" && behind !== undefined) this.visit(left, weight * behind, here);
    else if (operator === "/" && behind !== undefined) this.visit(left, weight / behind, here);
    else return false;
    return true;
  }
}

const warn = (context: Context, network: string, heavy: Summand, light: Summand): void => {
  const times = inWords(Number((heavy.weight / light.weight).toPrecision(3)));
  // The weight that is the farther from 1 is the one that was not meant.
  const isHeavy = Math.abs(Math.log(heavy.weight)) >= Math.abs(Math.log(light.weight));
  const [at, other] = isHeavy ? [heavy, light] : [light, heavy];
  const message = isHeavy
    ? `this weighs ${times} times as much as the rest: \`${network}\` does not feel the other`
    : `this weighs less than the rest by ${times} times: \`${network}\` does not feel it`;
  context.report("GAN611", at.span, message, {
    labels: [{ span: other.span, text: isHeavy ? "the lightest" : "the heaviest" }],
    notes: [
      "Numbers of a step have seven digits: what is so much smaller is lost when gradients are added.",
    ],
  });
};

export const warnOfWeights = (context: Context, players: readonly Player[]): void => {
  for (const { objective, networks } of players) {
    const summands = new Summands(context);
    summands.visit(objective, 1);
    for (const network of networks) {
      const felt = summands.found
        .filter(({ moves }) => moves.has(network))
        .sort((a, b) => a.weight - b.weight);
      const [light, heavy] = [felt[0], felt[felt.length - 1]];
      if (light === undefined || heavy === undefined) continue;
      if (heavy.weight / light.weight >= apart) warn(context, network, heavy, light);
    }
  }
};
