/**
 * What a judge that others play against could not better: 0 of least squares and of the hinge, 0 of
 * log-probabilities that are raised. Who comes near to it and stays there has won, and teaches
 * nobody any more.
 */

import { between, closed, isWithin, type Range } from "../../operators/range.js";
import type { TermRanges } from "../ranges/term-ranges.js";
import { linearForm } from "../values/linear-form.js";
import type { Player } from "../values/player.js";
import { reached, type Term } from "../values/term.js";
import { contestsOf, isUnopposed } from "./contests.js";
import type { Standpoint } from "./judges.js";

/**
 * The range of a part. The logarithm of a probability is computed from the scores, so that none
 * rounds to log(0).
 */
const rangeOf = (term: Term, ranges: TermRanges): Range => {
  if (term.kind !== "pointwise") return ranges.of(term);
  const input = ranges.of(term.input);
  return isWithin(input, closed(0, 1))
    ? term.of.range(between(input.low, input.high))
    : ranges.of(term);
};

/**
 * The least value of what the player draws, where each part of its objective that reaches its
 * networks has one.
 */
const aimOf = ({ sense, networks, objective }: Player, ranges: TermRanges): number | undefined => {
  const own = linearForm(objective, sense === "min" ? 1 : -1).filter(({ term }) =>
    [...reached(term)].some((name) => networks.includes(name)),
  );
  let sum = 0;
  for (const { weight, term } of own) {
    const { low, high } = rangeOf(term, ranges);
    sum += weight === 0 ? 0 : weight * (weight > 0 ? low : high);
  }
  if (!Number.isFinite(sum) || own.length === 0) return undefined;
  return sum === 0 ? 0 : sense === "min" ? sum : -sum;
};

/**
 * By player, of those whose scorers are all played against; where it is not known which way others
 * draw, there is none.
 */
export const aimsOf = (
  players: readonly Player[],
  standpoints: readonly Standpoint[],
  ranges: TermRanges,
): ReadonlyMap<Player, number> => {
  const contests = standpoints.flatMap((one) => contestsOf(one, players));
  const played = new Set(
    contests.filter((one) => !one.isLone && !isUnopposed(one)).map(({ judge }) => judge),
  );
  const scorers = new Set(
    standpoints.flatMap(({ net }) => (net.to.kind === "scores" ? [net.name] : [])),
  );
  const aims = new Map<Player, number>();
  for (const player of players) {
    const judges = player.networks.filter((name) => scorers.has(name));
    const aim = aimOf(player, ranges);
    if (aim !== undefined && judges.length > 0 && judges.every((name) => played.has(name)))
      aims.set(player, aim);
  }
  return aims;
};
