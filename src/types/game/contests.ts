/**
 * Games that nobody plays against: a generator and the network that judges it draw the same scores
 * the same way, or the judge draws those of real and of made values alike. It is told from what the
 * terms do, whatever `min`, `max` and roles say: only which way a generator goes, seen from the
 * judge's two ends, makes a game of it.
 */
import type { Pull } from "../ranges/pulls.js";
import type { Net } from "../values/domain-type.js";
import type { Player } from "../values/player.js";
import { type Sight, type Standpoint, trainersOf } from "./judges.js";

/** A sight whose pull is known. */
export type Drawn = Sight & { readonly pull: Pull; readonly reach: Pull };

/** One for each place that they are drawn to, where there are some and every pull is known. */
const drawn = (sights: readonly Sight[]): readonly Drawn[] | undefined => {
  const known = new Map<Pull, Drawn>();
  for (const sight of sights) {
    const { pull, reach } = sight;
    if (pull === undefined || reach === undefined) return undefined;
    if (!known.has(reach)) known.set(reach, { ...sight, pull, reach });
  }
  return known.size > 0 ? [...known.values()] : undefined;
};

/**
 * Without pulls that both sides have: what is asked of all values, such as to stay small, tells
 * none apart.
 */
export const without = (some: readonly Drawn[], others: readonly Drawn[]): readonly Drawn[] =>
  some.filter(({ reach }) => others.every((other) => other.reach !== reach));

/**
 * How a judge is taught on the values of a network and on all others, and what that network's
 * player does.
 */
export interface Contest {
  readonly judge: string;
  /** Whether one player trains both. */
  readonly isLone: boolean;
  readonly maker: string;
  readonly player: Player;
  readonly asked: readonly Drawn[];
  readonly made: readonly Drawn[];
  readonly real: readonly Drawn[];
}

export const contestsOf = (
  { net: judge, asked, taught, isLone }: Standpoint,
  players: readonly Player[],
): readonly Contest[] => {
  const makers = new Map(asked.flatMap(({ side }) => side.moved.map((net) => [net.name, net])));
  return [...makers.values()].flatMap((net) => {
    const isIts = ({ name }: Net): boolean => name === net.name;
    const has = ({ side }: Sight): boolean => side.makers.some(isIts);
    const drawnOnly = taught.filter(({ side }) => side.makers.length === 0);
    // Features of another network may stand for what is real; of pairs, (x, E(x)) and (G(z), z),
    // either may be made.
    const isOther = ({ side, application }: Sight): boolean =>
      application.inputs.length > 1 || side.makers.every(({ name }) => !makers.has(name));
    const others = isLone ? [] : taught.filter((sight) => !has(sight) && isOther(sight));
    const made = drawn(taught.filter(has));
    const real = drawn(drawnOnly.length > 0 ? drawnOnly : others);
    if (made === undefined || real === undefined) return [];
    return trainersOf(net, players).flatMap((player) => {
      const own = asked.filter((sight) => sight.player === player && sight.side.moved.some(isIts));
      const pulled = drawn(own);
      return pulled === undefined
        ? []
        : [{ judge: judge.name, isLone, maker: net.name, player, asked: pulled, made, real }];
    });
  });
};

/**
 * Whether one player that trains both draws what is made to where what is real is, and away from
 * there too.
 */
const playsBoth = ({ isLone, made, real }: Contest): boolean =>
  isLone &&
  without(made, real).length > 0 &&
  real.every(({ reach }) => made.some((end) => end.reach === reach));

/**
 * Whether the maker's player leaves what it makes where the judge has it, or takes it away from
 * what is real.
 */
export const isUnopposed = (contest: Contest): boolean => {
  if (playsBoth(contest)) return true;
  const { asked, made, real } = contest;
  const [a, b] = [without(made, real), without(real, made)];
  const [ends, others] = a.length > 0 && b.length > 0 ? [a, b] : [made, real];
  return asked.every(({ reach: to }) =>
    ends.every(({ reach: from }) =>
      to === from
        ? others.some(({ reach }) => reach !== from)
        : others.every(({ reach }) => reach !== from && reach > from !== to > from),
    ),
  );
};
