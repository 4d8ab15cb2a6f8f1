/**
 * Where the values of terms lie. The rules stand in the tables of layers and functions; here they
 * meet terms.
 */
import { layers } from "../../operators/layers.js";
import {
  closed,
  hull,
  isWithin,
  minus,
  negated,
  over,
  plus,
  powered,
  type Range,
  reals,
  rectified,
  times,
} from "../../operators/range.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { inputsOf } from "../values/domain-type.js";
import { children, type Term } from "../values/term.js";
import { keyOf } from "../values/term-key.js";
import { domainRange, nodeRanges } from "./network-ranges.js";
import { isVariance, rootOf } from "./squares.js";

/** One term of which something else is said. */
export interface Assumed {
  readonly term: Term;
  readonly range: Range;
}

export class TermRanges {
  private readonly networks: ReadonlyMap<string, CheckedNet>;

  /**
   * @param ranges where each network's values lie for inputs of its domains
   * @param points where the points of the gradients lie that stand around the terms asked for, by
   * depth
   */
  constructor(
    networks: readonly CheckedNet[],
    private readonly ranges: ReadonlyMap<string, Range>,
    private readonly points: ReadonlyMap<number, Range> = new Map(),
  ) {
    this.networks = new Map(networks.map((network) => [network.net.name, network]));
  }

  /** The ranges of terms within the body of a gradient. */
  within({ variable, at }: Extract<Term, { kind: "gradient" }>): TermRanges {
    const points = new Map([...this.points, [variable.depth, this.of(at)] as const]);
    return new TermRanges([...this.networks.values()], this.ranges, points);
  }

  /**
   * Whether all networks below are without mistakes: of others nothing is known, and something is
   * said already.
   */
  knows(term: Term): boolean {
    if (term.kind === "apply" && !this.networks.has(term.net.name)) return false;
    return children(term).every((child) => this.knows(child));
  }

  of(term: Term, assumed?: Assumed): Range {
    if (assumed?.term === term) return assumed.range;
    const of = (t: Term): Range => this.of(t, assumed);
    switch (term.kind) {
      case "constant":
        return term.value === undefined ? reals : closed(term.value, term.value);
      case "draw":
        return domainRange(term.domain);
      case "apply":
        return this.applied(term, of);
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
      case "function":
        return functionRange(term, of);
      case "variable":
        return this.points.get(term.depth) ?? reals;
      case "gradient":
        return reals;
      case "negate":
        return negated(of(term.input));
      case "arithmetic":
        return arithmeticRange(term, of, assumed?.term);
      case "concat":
        return term.items.map(of).reduce(hull);
      case "mean":
      case "loss":
      case "objective":
        return of(term.body);
    }
  }

  /**
   * The range of a network's output for inputs that may lie outside of its domains: `G((2 * x) as
   * X)`.
   */
  private applied(
    { net, inputs }: Extract<Term, { kind: "apply" }>,
    of: (term: Term) => Range,
  ): Range {
    const network = this.networks.get(net.name);
    const given = inputs.map(of);
    const isUsual = inputsOf(net.from).every((domain, i) =>
      isWithin(given[i] ?? reals, domainRange(domain)),
    );
    if (network === undefined || isUsual) return this.ranges.get(net.name) ?? domainRange(net.to);
    return nodeRanges(network, given).get(network.last) ?? reals;
  }

  /**
   * Whether the value is what a sigmoid, of the loss or at the end of a network, leaves of 1. It
   * may round to 0, but its logarithm is computed from what the sigmoid is taken of.
   *
   * @param sigmoid a term that is taken for one
   */
  isComplement(term: Term, sigmoid?: Term): boolean {
    if (term.kind !== "arithmetic" || term.operator !== "-") return false;
    const { left, right } = term;
    const isOne = left.kind === "constant" && left.value === 1;
    return isOne && (right === sigmoid || this.isSigmoid(right));
  }

  private isSigmoid(term: Term): boolean {
    if (term.kind === "relabel") return this.isSigmoid(term.input);
    if (term.kind === "pointwise") return term.of.probabilities === "each";
    const network = term.kind === "apply" ? this.networks.get(term.net.name) : undefined;
    const last = network?.nodes.find(({ id }) => id === network.last);
    return layers.get(last?.kind ?? "")?.probabilities === "each";
  }
}

const functionRange = (
  { of: entry, inputs }: Extract<Term, { kind: "function" }>,
  of: (term: Term) => Range,
): Range => {
  const count = entry.values.length;
  const numbers = inputs.slice(count).map((t) => (t.kind === "constant" ? t.value : undefined));
  const known = numbers.flatMap((n) => n ?? []);
  if (known.length < numbers.length) return reals;
  return entry.ranges?.(inputs.slice(0, count).map(of), known) ?? reals;
};

/** The range of a sum, in which a variance counts as one value, and so does what is `known`. */
const sumRange = (term: Term, of: (term: Term) => Range, known: Term | undefined): Range => {
  const added: Term[] = [];
  const taken: Term[] = [];
  const visit = (t: Term, isTaken: boolean): void => {
    const isSum = t.kind === "arithmetic" && (t.operator === "+" || t.operator === "-");
    if (isSum && t !== known) {
      visit(t.left, isTaken);
      visit(t.right, isTaken !== (t.operator === "-"));
    } else (isTaken ? taken : added).push(t);
  };
  visit(term, false);
  const ranges = added.map((squares) => {
    const at = taken.findIndex((square) => isVariance(squares, rootOf(square)));
    const [square] = at < 0 ? [] : taken.splice(at, 1);
    return square === undefined ? of(squares) : rectified(minus(of(squares), of(square)));
  });
  const zero = closed(0, 0);
  const sum = ranges.length === 0 ? zero : ranges.reduce(plus);
  return taken.map(of).reduce(minus, sum);
};

const arithmeticRange = (
  term: Extract<Term, { kind: "arithmetic" }>,
  of: (term: Term) => Range,
  known: Term | undefined,
): Range => {
  const { operator, left, right } = term;
  switch (operator) {
    case "+":
      return sumRange(term, of, known);
    case "-":
      return sumRange(term, of, known);
    case "*":
      return keyOf(left) === keyOf(right) ? powered(2)(of(left)) : times(of(left), of(right));
    case "/":
      return over(of(left), of(right));
    case "^": {
      const exponent = right.kind === "constant" ? right.value : undefined;
      return exponent === undefined ? reals : powered(exponent)(of(left));
    }
  }
};
