/**
 * Games that nobody plays against: a generator and the network that judges it draw the same scores the same way, or the
 * judge draws those of real and of made values alike. It is told from what the terms do, whatever `min`, `max` and roles
 * say: only which way a generator goes, seen from the judge's two ends, makes a game of it.
 */
import type { Label } from "../../diagnostics/diagnostic.js";
import type { Pull } from "../ranges/pulls.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";
import type { Term } from "../values/term.js";
import type { Net } from "../values/value.js";
import { type Sight, type Standpoint, trainersOf } from "./judges.js";

/** A sight whose pull is known. */
type Drawn = Sight & { readonly pull: Pull; readonly reach: Pull };

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

/** Without pulls that both sides have: what is asked of all values, such as to stay small, tells none apart. */
const without = (some: readonly Drawn[], others: readonly Drawn[]): readonly Drawn[] =>
  some.filter(({ reach }) => others.every((other) => other.reach !== reach));

/** What a judge is taught of what a network makes, and of all else; and what that network's player does. */
interface Contest {
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
    // Features of another network may stand for what is real; of pairs, (x, E(x)) and (G(z), z), either may be made.
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

/** Whether one player that trains both draws what is made to where what is real is, and away from there too. */
const playsBoth = ({ isLone, made, real }: Contest): boolean =>
  isLone &&
  without(made, real).length > 0 &&
  real.every(({ reach }) => made.some((end) => end.reach === reach));

/** Whether the maker's player leaves what it makes where the judge has it, or takes it away from what is real. */
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

const isAlike = ({ made, real }: Contest): boolean =>
  made.every(({ reach }) => real.every((other) => other.reach === reach));

/** `D(G(x))`, by the names of the networks: those of a loss's own formals say less. */
const written = (term: Term): string => {
  switch (term.kind) {
    case "apply":
      return `${term.net.name}(${term.inputs.map(written).join(", ")})`;
    case "draw":
      return term.name;
    case "replay":
    case "relabel":
      return written(term.input);
    default:
      return "…";
  }
};

const rounded = (pull: Pull): string => String(Number(pull.toPrecision(3)));

const does = (pull: Pull, what: string, plural = false): string => {
  const s = plural ? "" : "s";
  if (pull === Infinity) return `raise${s} ${what}`;
  return pull === -Infinity ? `lower${s} ${what}` : `draw${s} ${what} towards ${rounded(pull)}`;
};

const isSame = (a: Sight, b: Sight): boolean =>
  a.application.span.file === b.application.span.file &&
  a.application.span.start === b.application.span.start;

const labelOf = ({ application }: Sight, text: string): Label => ({ span: application.span, text });

/** How the maker's player would play. */
const remedy = (
  { maker, judge, isLone }: Contest,
  asked: Drawn,
  end: Drawn,
  other: Drawn,
): string => {
  if (isLone)
    return `One player trains both; \`${maker}\` needs one of its own, against \`${judge}\`.`;
  const way = other.reach > end.reach ? Infinity : -Infinity;
  const pull = Number.isFinite(asked.pull) ? other.pull : way;
  const score = `\`${written(asked.application)}\``;
  return `\`${maker}\` learns to look made. It plays against \`${judge}\` where it ${does(pull, score)}.`;
};

/** @param further those of the same player of which the same holds */
const reportUnopposed = (context: Context, contest: Contest, further: readonly Contest[]): void => {
  const { judge, maker, player, made, real, isLone } = contest;
  const asked = contest.asked[0] as Drawn;
  const end = without(made, real)[0] ?? (made[0] as Drawn);
  const other = real.find(({ reach }) => reach !== end.reach) as Drawn;
  const score = `\`${written(asked.application)}\``;
  const both = ({ pull }: Drawn): string => `both ${does(pull, "this", true)}`;
  const places = isSame(asked, end)
    ? [labelOf(asked, both(asked))]
    : [
        labelOf(asked, isLone ? both(asked) : `\`${maker}\` ${does(asked.pull, "this")}`),
        labelOf(end, isLone ? both(end) : `\`${judge}\` ${does(end.pull, "this")}`),
      ];
  const others = further.map((one) => `\`${one.maker}\` and \`${one.judge}\``);
  context.report(
    "GAN612",
    player.span,
    isLone || asked.reach === end.reach
      ? `\`${maker}\` and \`${judge}\` both ${does(asked.pull, score, true)}: nobody plays against`
      : `\`${maker}\` ${does(asked.pull, score)}, away from what \`${judge}\` takes for real`,
    {
      labels: [
        ...places,
        labelOf(other, `\`${judge}\` ${does(other.pull, "this")}, which is real`),
      ],
      notes: [
        remedy(contest, asked, end, other),
        ...(others.length > 0 ? [`It is the same with ${others.join(", ")}.`] : []),
      ],
    },
  );
};

const reportAlike = (context: Context, { judge, made, real }: Contest): void => {
  const [first, other] = [made[0] as Drawn, real[0] as Drawn];
  context.report(
    "GAN614",
    first.player.span,
    `\`${judge}\` ${does(first.pull, "its scores")}, of real and of made values alike`,
    {
      about: judge,
      labels: [
        labelOf(other, "this is of what is real"),
        labelOf(first, "this is of what is made"),
      ],
      notes: ["It learns to answer the same to everything. Let it draw the two apart."],
    },
  );
};

export const warnOfUnopposed = (
  context: Context,
  players: readonly Player[],
  standpoints: readonly Standpoint[],
): void => {
  const contests = standpoints.flatMap((one) => contestsOf(one, players));
  const unopposed = contests.filter(isUnopposed);
  for (const player of new Set(unopposed.map((contest) => contest.player))) {
    const [first, ...others] = unopposed.filter((contest) => contest.player === player);
    if (first !== undefined) reportUnopposed(context, first, others);
  }
  for (const contest of contests)
    if (!contest.isLone && isAlike(contest)) reportAlike(context, contest);
};
