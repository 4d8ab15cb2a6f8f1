/**
 * Ranges of losses: where the values of terms lie, and functions, powers and divisions of what they are not defined for.
 * The rules stand in the table of functions; here they meet terms.
 */
import { type Details, type Fix, type Label, replaceWith } from "../diagnostics/diagnostic.js";
import {
  between,
  closed,
  hull,
  isWithin,
  minus,
  negated,
  notNegative,
  over,
  plus,
  positive,
  powered,
  type Range,
  reals,
  showRange,
  times,
} from "../operators/range.js";
import { enclosed } from "./brackets.js";
import type { CheckedNet } from "./check.js";
import type { Context } from "./context.js";
import type { Player } from "./game.js";
import { domainRange } from "./network-ranges.js";
import { checkSigmoid } from "./sigmoids.js";
import { children, type Term } from "./term.js";

type Ranges = ReadonlyMap<string, Range>;

/** Where a term's values lie; `assumed` says it of one term instead. */
const rangeOf = (
  term: Term,
  networks: Ranges,
  assumed?: { readonly term: Term; readonly range: Range },
): Range => {
  if (assumed?.term === term) return assumed.range;
  const of = (t: Term): Range => rangeOf(t, networks, assumed);
  switch (term.kind) {
    case "constant":
      return term.value === undefined ? reals : closed(term.value, term.value);
    case "draw":
      return domainRange(term.domain);
    case "apply":
      return networks.get(term.net.name) ?? domainRange(term.net.to);
    case "replay":
    case "relabel":
      return of(term.input);
    case "pointwise": {
      const input = of(term.input);
      const { definedOn, range } = term.of;
      return definedOn === undefined || isWithin(input, definedOn) ? range(input) : reals;
    }
    case "distance":
      return term.of.range(minus(of(term.left), of(term.right)));
    case "function": {
      const count = term.of.values.length;
      const numbers = term.inputs
        .slice(count)
        .map((t) => (t.kind === "constant" ? t.value : undefined));
      const known = numbers.flatMap((n) => n ?? []);
      if (known.length < numbers.length) return reals;
      return term.of.ranges?.(term.inputs.slice(0, count).map(of), known) ?? reals;
    }
    case "variable":
      return term.type.kind === "sample" ? domainRange(term.type.domain) : reals;
    case "gradient":
      return reals;
    case "negate":
      return negated(of(term.input));
    case "arithmetic":
      return arithmeticRange(term, of);
    case "concat":
      return term.items.map(of).reduce(hull);
    case "mean":
    case "loss":
    case "objective":
      return of(term.body);
  }
};

const arithmeticRange = (
  { operator, left, right }: Extract<Term, { kind: "arithmetic" }>,
  of: (term: Term) => Range,
): Range => {
  switch (operator) {
    case "+":
      return plus(of(left), of(right));
    case "-":
      return minus(of(left), of(right));
    case "*":
      return times(of(left), of(right));
    case "/":
      return over(of(left), of(right));
    case "^": {
      const exponent = right.kind === "constant" ? right.value : undefined;
      return exponent === undefined ? reals : powered(exponent)(of(left));
    }
  }
};

/** Ranges within the players' objectives: every use of a generic loss, a mistake in its body once. */
export const checkTermRanges = (
  context: Context,
  players: readonly Player[],
  networks: readonly CheckedNet[],
  ranges: Ranges,
): void => {
  const visit = (term: Term, uses: readonly Label[]): void => {
    checkDefined(context, term, ranges, uses);
    checkDivision(context, term, ranges, uses);
    checkSigmoid(context, term, networks, uses);
    const use = { span: term.span, text: context.use(term.span) };
    for (const child of children(term)) visit(child, term.kind === "loss" ? [use, ...uses] : uses);
  };
  for (const { objective } of players) visit(objective, []);
};

/** What a function or a power is applied to, and where it is defined. */
const partial = (
  term: Term,
): { readonly name: string; readonly input: Term; readonly definedOn: Range } | undefined => {
  if (term.kind === "pointwise" && term.of.definedOn !== undefined)
    return { name: `\`${term.of.name}\``, input: term.input, definedOn: term.of.definedOn };
  if (term.kind !== "arithmetic" || term.operator !== "^" || term.right.kind !== "constant")
    return undefined;
  const exponent = term.right.value ?? 1;
  if (Number.isInteger(exponent)) return undefined;
  const definedOn = exponent < 0 ? positive : notNegative;
  return { name: `a power of ${exponent}`, input: term.left, definedOn };
};

const checkDefined = (
  context: Context,
  term: Term,
  ranges: Ranges,
  uses: readonly Label[],
): void => {
  const found = partial(term);
  if (found === undefined) return;
  const { name, input, definedOn } = found;
  const is = rangeOf(input, ranges);
  if (isWithin(is, definedOn)) return;
  const bad = definedOn.lowOpen ? (is.low < 0 ? "0 or less" : "0") : "less than 0";
  context.report("GAN312", term.span, `${name} is taken of what may be ${bad}`, {
    labels: [{ span: input.span, text: `this lies in ${showRange(is)}` }, ...uses],
    notes: [
      `${name[0] === "a" ? "It" : name} is defined on ${showRange(definedOn)} only; elsewhere the loss is not a number, and the weights are lost with the next step.`,
    ],
    fix: squashed(context, input, definedOn, ranges),
  });
};

/** Writing `sigmoid` round the one score that has no bounds, where that is enough. */
const squashed = (
  context: Context,
  input: Term,
  definedOn: Range,
  ranges: Ranges,
): Fix | undefined => {
  const scores: Term[] = [];
  const collect = (term: Term): void => {
    if (term.kind === "apply" && term.net.to.kind === "scores") scores.push(term);
    else children(term).forEach(collect);
  };
  collect(input);
  const [only, other] = scores;
  if (only === undefined || other !== undefined) return undefined;
  const then = rangeOf(input, ranges, {
    term: only,
    range: between(0, 1),
  });
  return isWithin(then, definedOn)
    ? replaceWith(only.span, `sigmoid(${context.quote(only.span)})`)
    : undefined;
};
/** What a division or a negative power divides by. */
const divisor = (term: Term): Term | undefined => {
  if (term.kind !== "arithmetic") return undefined;
  const { operator, left, right } = term;
  if (operator === "/") return right;
  const exponent = operator === "^" && right.kind === "constant" ? right.value : undefined;
  return exponent !== undefined && exponent < 0 && Number.isInteger(exponent) ? left : undefined;
};

/** A number that nothing of a loss notices, and that keeps its quotients finite. */
const small = "1e-8";

const checkDivision = (
  context: Context,
  term: Term,
  ranges: Ranges,
  uses: readonly Label[],
): void => {
  const by = divisor(term);
  if (by === undefined || (by.kind === "constant" && by.value === undefined)) return;
  const is = rangeOf(by, ranges);
  if (!isWithin(closed(0, 0), is)) return;
  const isZero = is.low === 0 && is.high === 0;
  context.report("GAN316", term.span, `this divides by what ${isZero ? "is" : "may be"} 0`, {
    labels: [{ span: by.span, text: `this lies in ${showRange(is)}` }, ...uses],
    ...(isZero ? {} : apart(context, by, is)),
  });
};

/** How what may be 0 is kept from it. */
const apart = (context: Context, by: Term, { low }: Range): Details => {
  if (low < 0)
    return {
      notes: [
        `Its sign may change, so that adding a number does not help. Divide by what has one: \`abs(…) + ${small}\`, \`exp(…)\`.`,
      ],
    };
  const span = enclosed(context, by.span);
  const written = context.textOf(span.file).slice(span.start, span.end);
  return {
    notes: ["A small number beside it changes no quotient that can be told apart."],
    fix: replaceWith(span, `(${written} + ${small})`),
  };
};
