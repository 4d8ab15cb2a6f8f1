/** Ranges of losses: functions, powers and divisions of what they are not defined for. */

import { type Details, type Fix, replaceWith } from "../../diagnostics/diagnostic.js";
import { log, sqrt } from "../../operators/functions.js";
import {
  between,
  closed,
  isWithin,
  notNegative,
  positive,
  type Range,
  showRange,
} from "../../operators/range.js";
import type { Assumed, TermRanges } from "../ranges/term-ranges.js";
import { balanced, isEnclosed } from "../values/brackets.js";
import type { Context } from "../values/context.js";
import { children, type Term } from "../values/term.js";
import type { Around, GameLook, Lint } from "./lint.js";

/** A function or a power, what it is applied to, and where it is defined. */
interface Partial {
  readonly name: string;
  readonly input: Term;
  readonly definedOn: Range;
}

const partial = (term: Term): Partial | undefined => {
  if (term.kind === "pointwise" && term.of.definedOn !== undefined)
    return { name: `\`${term.of.name}\``, input: term.input, definedOn: term.of.definedOn };
  if (term.kind !== "arithmetic" || term.operator !== "^" || term.right.kind !== "constant")
    return undefined;
  const exponent = term.right.value ?? 1;
  if (Number.isInteger(exponent)) return undefined;
  const definedOn = exponent < 0 ? positive : notNegative;
  return { name: `a power of ${exponent}`, input: term.left, definedOn };
};

const isDefined = (
  term: Term,
  { input, definedOn }: Partial,
  ranges: TermRanges,
  assumed?: Assumed,
): boolean => {
  const isLogarithm = term.kind === "pointwise" && term.of === log;
  return (
    isWithin(ranges.of(input, assumed), definedOn) ||
    (isLogarithm && ranges.isComplement(input, assumed?.term))
  );
};

const checkDefined = (
  term: Term,
  { ranges, calls }: Around,
  { context, report }: GameLook,
): void => {
  const found = partial(term);
  if (found === undefined || !ranges.knows(found.input)) return;
  const { name, input, definedOn } = found;
  if (isDefined(term, found, ranges)) return;
  const is = ranges.of(input);
  const bad = definedOn.lowOpen ? (is.low < 0 ? "0 or less" : "0") : "less than 0";
  report("GAN312", term.span, `${name} is taken of what may be ${bad}`, {
    labels: [{ span: input.span, text: `this lies in ${showRange(is)}` }, ...context.uses(calls)],
    notes: [
      `${name[0] === "a" ? "It" : name} is defined on ${showRange(definedOn)} only; elsewhere the loss is not a number, and the weights are lost with the next step.`,
    ],
    suggestion: is.low === 0 ? raised(context, input) : squashed(context, term, found, ranges),
  });
};

/** Writing `sigmoid` round the one score that has no bounds, where that is enough. */
const squashed = (
  context: Context,
  term: Term,
  found: Partial,
  ranges: TermRanges,
): Fix | undefined => {
  const scores: Term[] = [];
  const collect = (term: Term): void => {
    if (term.kind === "apply" && term.net.to.kind === "scores") scores.push(term);
    else children(term).forEach(collect);
  };
  collect(found.input);
  const [only, other] = scores;
  if (only === undefined || other !== undefined) return undefined;
  const sigmoid = { term: only, range: between(0, 1) };
  return isDefined(term, found, ranges, sigmoid)
    ? replaceWith(only.span, `sigmoid(${context.quote(only.span)})`)
    : undefined;
};

/** A number that nothing of a loss notices, and that keeps its quotients and logarithms finite. */
const small = "1e-8";

const raised = (context: Context, { span }: Term): Fix => {
  const inner = balanced(context, span);
  const written = `${context.textOf(inner.file).slice(inner.start, inner.end)} + ${small}`;
  return replaceWith(inner, isEnclosed(context, inner) ? written : `(${written})`);
};

/** The operand of a root: of `sqrt`, or of a power between 0 and 1. */
const rooted = (term: Term): Term | undefined => {
  if (term.kind === "pointwise") return term.of === sqrt ? term.input : undefined;
  if (term.kind !== "arithmetic" || term.operator !== "^") return undefined;
  const exponent = term.right.kind === "constant" ? (term.right.value ?? 1) : 1;
  return exponent > 0 && exponent < 1 ? term.left : undefined;
};

/** Whether a gradient passes: to weights, or to the point of a `grad`. */
const isDifferentiated = (term: Term): boolean =>
  (term.kind === "apply" && term.net.isFrozen !== true) ||
  term.kind === "variable" ||
  (term.kind !== "replay" && children(term).some(isDifferentiated));

/** A root is infinitely steep at 0, which times the 0 behind it is no number. */
const checkRoot = (term: Term, { ranges, calls }: Around, { context, report }: GameLook): void => {
  const input = rooted(term);
  if (input === undefined || !isDifferentiated(input) || !ranges.knows(input)) return;
  const is = ranges.of(input);
  if (!isWithin(is, notNegative) || isWithin(is, positive)) return;
  report("GAN318", term.span, "this root is of what may be 0, where it has no slope", {
    labels: [{ span: input.span, text: `this lies in ${showRange(is)}` }, ...context.uses(calls)],
    notes: ["`norm` and `abs` are roots of squares that have one everywhere."],
    suggestion: raised(context, input),
  });
};

/** The divisor of a division, or the base of a negative power. */
const divisor = (term: Term): Term | undefined => {
  if (term.kind !== "arithmetic") return undefined;
  const { operator, left, right } = term;
  if (operator === "/") return right;
  const exponent = operator === "^" && right.kind === "constant" ? right.value : undefined;
  return exponent !== undefined && exponent < 0 && Number.isInteger(exponent) ? left : undefined;
};

const checkDivision = (
  term: Term,
  { ranges, calls }: Around,
  { context, report }: GameLook,
): void => {
  const by = divisor(term);
  if (by === undefined || (by.kind === "constant" && by.value === undefined)) return;
  if (!ranges.knows(by)) return;
  const is = ranges.of(by);
  if (!isWithin(closed(0, 0), is)) return;
  const isZero = is.low === 0 && is.high === 0;
  report("GAN316", term.span, `this divides by what ${isZero ? "is" : "may be"} 0`, {
    labels: [{ span: by.span, text: `this lies in ${showRange(is)}` }, ...context.uses(calls)],
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
  return {
    notes: ["A small number beside it changes no quotient that can be told apart."],
    suggestion: raised(context, by),
  };
};

export const undefinedValues: Lint = {
  name: "undefined-values",
  codes: ["GAN312", "GAN316", "GAN318"],
  term: (term, around, look) => {
    checkDefined(term, around, look);
    checkDivision(term, around, look);
    checkRoot(term, around, look);
  },
};
