/**
 * Networks that others are trained through, such as discriminators: what each is applied to, and
 * who draws its answers where.
 */

import { type Pull, visitPulls } from "../ranges/pulls.js";
import type { TermRanges } from "../ranges/term-ranges.js";
import type { Net } from "../values/domain-type.js";
import type { Player } from "../values/player.js";
import { children, networksOf, type Term } from "../values/term.js";

export type Apply = Extract<Term, { kind: "apply" }>;

/** Applications by term: objectives are asked for once for each judge. */
const found = new WeakMap<Term, readonly Apply[]>();

export const applications = (term: Term): readonly Apply[] => {
  const known = found.get(term);
  if (known !== undefined) return known;
  const all: Apply[] = [];
  const visit = (t: Term): void => {
    if (t.kind === "apply") all.push(t);
    children(t).forEach(visit);
  };
  visit(term);
  found.set(term, all);
  return all;
};

const isImage = (term: Term): boolean =>
  term.kind === "draw" && term.domain.kind === "domain" && term.domain.sampler === "image";

/** Whether nothing is in it but numbers, and scores that no gradient reaches. */
const isNumbers = (term: Term): boolean => {
  if (term.kind === "apply" || isImage(term)) return false;
  const makers = term.kind === "replay" ? outermost(term.input) : [];
  return makers.length > 0
    ? makers.every(({ to }) => to.kind === "scores")
    : children(term).every(isNumbers);
};

/** Whether it holds a value that is drawn or made, rather than numbers alone. */
const hasValue = (term: Term): boolean =>
  isImage(term) || term.kind === "apply" || children(term).some(hasValue);

/**
 * The parts of a value that say whether it is drawn or made. What only weighs them is left out: a
 * number that a network of one constant keeps, such as the chance of an augmentation.
 */
const parts = (term: Term): readonly Term[] => {
  const all = children(term);
  if (term.kind !== "arithmetic" && term.kind !== "function") return all;
  const values = all.filter((part) => !isNumbers(part));
  return values.some(hasValue) ? values : all;
};

/** The networks whose values a network is applied to, without those below them. */
export const outermost = (term: Term): readonly Net[] =>
  term.kind === "apply" ? [term.net] : parts(term).flatMap(outermost);

export const listed = (nets: readonly Net[]): string =>
  [...new Set(nets.map(({ name }) => name))].map((name) => `\`${name}\``).join(" and ");

export const trains = ({ networks }: Player, net: Net): boolean =>
  networksOf(net).some((name) => networks.includes(name));

/** The values that a network is applied to: which networks made them. */
export interface Side {
  /** The networks that made it, nearest first; none where it is drawn. */
  readonly makers: readonly Net[];
  /** Those that a gradient reaches, past `stop` and `replay`. */
  readonly moved: readonly Net[];
}

/** An application of a judge in a player's objective. */
export interface Sight {
  readonly player: Player;
  readonly application: Apply;
  /** Where the player draws the answer, if that is known. */
  readonly pull: Pull | undefined;
  /** How far the network can follow: a probability that is raised comes to 1. */
  readonly reach: Pull | undefined;
  readonly side: Side;
}

export interface Standpoint {
  readonly net: Net;
  /** By its own players. */
  readonly taught: readonly Sight[];
  /** By players of what makes the values. */
  readonly asked: readonly Sight[];
  /** Whether its own player trains those too. */
  readonly isLone: boolean;
}

/** Who moves a network's own parameters; of one without any, who moves those inside. */
export const trainersOf = (net: Net, players: readonly Player[]): readonly Player[] => {
  const own = players.filter(({ networks }) => networks.includes(net.name));
  if (own.length > 0) return own;
  return players.filter(({ networks }) => networksOf(net).some((name) => networks.includes(name)));
};

interface Found extends Side {
  /** Whether images are drawn beside. */
  readonly hasImages: boolean;
  /**
   * Whether drawn and made values are mixed in it, or it is no value of the game: a point of a
   * gradient.
   */
  readonly isNeither: boolean;
}

const nothing: Found = { makers: [], moved: [], hasImages: false, isNeither: false };

const joined = (found: readonly Found[]): Found => ({
  makers: found.flatMap(({ makers }) => makers),
  moved: found.flatMap(({ moved }) => moved),
  hasImages: found.some(({ hasImages }) => hasImages),
  isNeither: found.some(({ isNeither }) => isNeither),
});

/** @param isPart whether a network belongs to the judge, which then looks at what is behind it */
const sideOf = (term: Term, isPart: (net: Net) => boolean): Found => {
  const below = (): readonly Found[] => parts(term).map((part) => sideOf(part, isPart));
  switch (term.kind) {
    case "draw":
      return { ...nothing, hasImages: isImage(term) };
    case "apply":
      return isPart(term.net)
        ? joined(below())
        : { ...nothing, makers: [term.net], moved: [term.net] };
    case "replay":
      return { ...joined(below()), moved: [] };
    case "constant":
    case "relabel":
    case "negate":
    case "pointwise":
    case "concat":
      return joined(below());
    case "arithmetic":
    case "function": {
      const found = below();
      const isMixed =
        found.some(({ makers }) => makers.length > 0) &&
        found.some(({ makers, hasImages }) => makers.length === 0 && hasImages);
      const all = joined(found);
      return { ...all, isNeither: all.isNeither || isMixed };
    }
    default:
      return { ...nothing, isNeither: true };
  }
};

interface Seen {
  readonly player: Player;
  readonly application: Apply;
  readonly pull: Pull | undefined;
  readonly reach: Pull | undefined;
}

/** Every network that somebody trains and somebody's objective applies. */
export const sightsOf = (players: readonly Player[], ranges: TermRanges): readonly Standpoint[] => {
  const seen: Seen[] = [];
  for (const player of players)
    visitPulls(player, ranges, (term, pull) => {
      if (term.kind !== "apply") return;
      const { low, high } = ranges.of(term);
      const reach = pull === undefined ? undefined : Math.min(Math.max(pull, low), high);
      seen.push({ player, application: term, pull, reach });
    });
  const nets = new Map(seen.map(({ application: { net } }) => [net.name, net]));
  return [...nets.values()].flatMap((net) => {
    const of = seen.filter(({ application }) => application.net.name === net.name);
    const apart = standpoint(net, of, players, false);
    if (apart === undefined) return [];
    const lone = apart.asked.length > 0 ? undefined : standpoint(net, of, players, true);
    return [lone ?? apart];
  });
};

const standpoint = (
  net: Net,
  seen: readonly Seen[],
  players: readonly Player[],
  isLone: boolean,
): Standpoint | undefined => {
  const trainers = trainersOf(net, players);
  if (trainers.length === 0) return undefined;
  const isPart = (other: Net): boolean => {
    const others = trainersOf(other, players);
    return others.length === 0 || (!isLone && others.every((player) => trainers.includes(player)));
  };
  const sights = seen.flatMap((one): readonly Sight[] => {
    const side = joined(one.application.inputs.map((input) => sideOf(input, isPart)));
    return side.isNeither ? [] : [{ ...one, side }];
  });
  const isOwn = ({ player }: Sight): boolean => trainers.includes(player);
  const trains = ({ player, side }: Sight): boolean =>
    side.moved.some((maker) => trainersOf(maker, players).includes(player));
  return {
    net,
    taught: sights.filter(isOwn),
    asked: sights.filter((sight) => isOwn(sight) === isLone && trains(sight)),
    isLone,
  };
};
