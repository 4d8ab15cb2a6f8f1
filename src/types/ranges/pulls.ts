/**
 * Pulls: where a player draws each term of its objective, by what stands around the term. A pull is
 * a number that the term is drawn towards; -Infinity draws down and Infinity up, however far. Where
 * either way may help the player, there is none.
 */
import type { LossFunction, Motion } from "../../operators/functions.js";
import {
  closed,
  isBounded,
  isWithin,
  minus,
  negated,
  notNegative,
  positive,
  powered,
  type Range,
  type RangeRule,
  reals,
} from "../../operators/range.js";
import { domainName } from "../values/domain-type.js";
import type { Player } from "../values/player.js";
import { children, drawsIn, isZeroFactor, type Term } from "../values/term.js";
import type { TermRanges } from "./term-ranges.js";

export type Pull = number;

type Pulled = readonly [Term, Pull | undefined];

/** Every term of a player's objective that a gradient passes, with its pull. */
export const visitPulls = (
  { sense, objective }: Player,
  ranges: TermRanges,
  visit: (term: Term, pull: Pull | undefined) => void,
): void => {
  const enter = (term: Term, pull: Pull | undefined): void => {
    visit(term, pull);
    for (const [child, below] of pulledBelow(term, pull, ranges)) enter(child, below);
  };
  enter(objective, sense === "min" ? -Infinity : Infinity);
};

const pulledBelow = (term: Term, pull: Pull | undefined, ranges: TermRanges): readonly Pulled[] => {
  switch (term.kind) {
    case "replay":
      return [];
    case "loss":
    case "objective":
    case "mean":
      return [[term.body, pull]];
    case "relabel":
      return [[term.input, pull]];
    case "negate":
      return [[term.input, opposite(pull)]];
    case "pointwise":
      return [[term.input, through(term.of, 0, pull, ranges.of(term.input))]];
    case "distance":
      return ofDifference(
        term,
        through(term.of, 0, pull, minus(ranges.of(term.left), ranges.of(term.right))),
        ranges,
      );
    case "function":
      return term.inputs.map((input, i) => [input, through(term.of, i, pull, ranges.of(input))]);
    case "arithmetic":
      return ofArithmetic(term, pull, ranges);
    default:
      return children(term).map((child) => [child, undefined]);
  }
};

const opposite = (pull: Pull | undefined): Pull | undefined =>
  pull === undefined ? undefined : -pull;

const isEnd = (pull: Pull | undefined): pull is Pull =>
  pull !== undefined && !Number.isFinite(pull);

const through = (
  entry: LossFunction,
  place: number,
  pull: Pull | undefined,
  input: Range,
): Pull | undefined => {
  const motion = entry.moves?.[place];
  // A general function need not do to each number what it does to its ends.
  const rule = entry.kind === "general" ? undefined : entry.range;
  return motion === undefined ? undefined : moved(motion, rule, pull, input, entry.definedOn);
};

/**
 * @param rule what the motion does to a range; without one, pulls towards a number are lost where
 * it rises
 */
const moved = (
  motion: Motion,
  rule: RangeRule | undefined,
  pull: Pull | undefined,
  input: Range,
  definedOn: Range = reals,
): Pull | undefined => {
  if (pull === undefined || motion === "keeps") return pull;
  if (motion === "grows") {
    if (pull <= 0) return 0;
    if (isWithin(input, notNegative)) return moved("rises", rule, pull, input, notNegative);
    return isWithin(negated(input), notNegative)
      ? opposite(moved("rises", rule, pull, negated(input), notNegative))
      : undefined;
  }
  if (isEnd(pull)) return pull;
  return rule === undefined ? undefined : inverse(rule, pull, definedOn);
};

/** Halvings after which an interval of doubles is a point. */
const halvings = 1100;

/**
 * The number that a rule which never falls takes to `value`, or the end that it comes nearest at.
 */
const inverse = (rule: RangeRule, value: number, definedOn: Range): Pull => {
  const { low, high } = rule(definedOn);
  if (value <= low) return -Infinity;
  if (value >= high) return Infinity;
  let below = Math.max(definedOn.low, -Number.MAX_VALUE / 2);
  let above = Math.min(definedOn.high, Number.MAX_VALUE / 2);
  for (let i = 0; i < halvings; i += 1) {
    const middle = (below + above) / 2;
    if (middle === below || middle === above) break;
    if (rule(closed(middle, middle)).low < value) below = middle;
    else above = middle;
  }
  return above;
};

type Binary = Extract<Term, { kind: "arithmetic" | "distance" }>;

/**
 * Whether a term is numbers that have nothing to do with `other`: constants, or uniform noise that
 * is drawn alone.
 */
const isApart = (term: Term, other: Term): boolean => {
  if (term.kind === "apply" || term.kind === "gradient" || term.kind === "variable") return false;
  if (term.kind !== "draw") return children(term).every((child) => isApart(child, other));
  const { domain, slot } = term;
  return (
    domain.kind === "domain" &&
    domain.sampler === "uniform" &&
    drawsIn(other).every((o) => domainName(o.domain) !== domain.name || o.slot !== slot)
  );
};

/**
 * The middle of what a term may be, where it lies within bounds and has nothing to do with `other`.
 */
const middleOf = (term: Term, other: Term, ranges: TermRanges): number | undefined => {
  if (!isApart(term, other)) return undefined;
  const range = ranges.of(term);
  return isBounded(range) ? (range.low + range.high) / 2 : undefined;
};

/** The part of a sum's pull that one side leaves for the other. */
const shifted = (pull: Pull | undefined, by: number | undefined): Pull | undefined => {
  if (pull === undefined || isEnd(pull)) return pull;
  return by === undefined ? undefined : pull + by;
};

const ofSum = ({ left, right }: Binary, pull: Pull | undefined, ranges: TermRanges): Pulled[] => [
  [left, shifted(pull, opposite(middleOf(right, left, ranges)))],
  [right, shifted(pull, opposite(middleOf(left, right, ranges)))],
];

const ofDifference = (
  { left, right }: Binary,
  pull: Pull | undefined,
  ranges: TermRanges,
): Pulled[] => [
  [left, shifted(pull, middleOf(right, left, ranges))],
  [right, shifted(opposite(pull), middleOf(left, right, ranges))],
];

/** The pull on a factor, by the range of the other factor. */
const beside = (pull: Pull | undefined, other: Range): Pull | undefined => {
  if (pull === undefined) return undefined;
  if (other.low === other.high && other.low !== 0) return pull / other.low;
  if (!isEnd(pull)) return undefined;
  if (isWithin(other, notNegative)) return pull;
  return isWithin(negated(other), notNegative) ? -pull : undefined;
};

/** The pull on the base of a power. */
const ofPower = (exponent: number | undefined, pull: Pull | undefined, is: Range) => {
  if (exponent === undefined || exponent === 0) return undefined;
  if (exponent < 0) return isEnd(pull) && isWithin(is, positive) ? -pull : undefined;
  const isEven = exponent % 2 === 0;
  const definedOn = Number.isInteger(exponent) ? reals : notNegative;
  return moved(isEven ? "grows" : "rises", powered(exponent), pull, is, definedOn);
};

const ofArithmetic = (
  term: Extract<Term, { kind: "arithmetic" }>,
  pull: Pull | undefined,
  ranges: TermRanges,
): readonly Pulled[] => {
  const { operator, left, right } = term;
  switch (operator) {
    case "+":
      return ofSum(term, pull, ranges);
    case "-":
      return ofDifference(term, pull, ranges);
    case "*":
      if (isZeroFactor(term)) return [];
      return [
        [left, beside(pull, ranges.of(right))],
        [right, beside(pull, ranges.of(left))],
      ];
    case "/": {
      const by = ranges.of(right);
      const isNumber = by.low === by.high && by.low !== 0 && pull !== undefined;
      const inverted = isEnd(pull) ? opposite(beside(pull, ranges.of(left))) : undefined;
      return [
        [left, isNumber ? pull * by.low : beside(pull, by)],
        [right, inverted],
      ];
    }
    case "^": {
      const exponent = right.kind === "constant" ? right.value : undefined;
      return [
        [left, ofPower(exponent, pull, ranges.of(left))],
        [right, undefined],
      ];
    }
  }
};
