/**
 * What a player draws away without end, and nobody means: slopes and distances that it raises, and
 * probabilities of its own scores whose logarithm it lowers.
 */
import { log } from "../../operators/functions.js";
import { between, closed, isBounded, isWithin } from "../../operators/range.js";
import { dependence, isDistance } from "../game/dependence.js";
import { applications, outermost } from "../game/judges.js";
import type { TermRanges } from "../ranges/term-ranges.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { balanced } from "../values/brackets.js";
import type { Context } from "../values/context.js";
import type { Net } from "../values/domain-type.js";
import { linearForm, type Part } from "../values/linear-form.js";
import type { Player } from "../values/player.js";
import { children, networksOf, reached, type Term } from "../values/term.js";
import { keyOf } from "../values/term-key.js";
import { isSteep } from "./free-trainers.js";
import { inNetwork } from "./in-network.js";
import type { Lint, TrainingLook } from "./lint.js";

type Apply = Extract<Term, { kind: "apply" }>;

/** The parts of a player's objective. A weight is above 0 where the player lowers the part. */
const partsOf = ({ sense, objective }: Player): readonly Part[] =>
  linearForm(objective, sense === "min" ? 1 : -1).filter(({ weight }) => weight !== 0);

const written = (context: Context, term: Term): string =>
  `\`${context.quote(balanced(context, term.span))}\``;

/** The distance or square behind what only rises with it: a root of it, a mean, a power. */
const distanceIn = (term: Term): Term | undefined => {
  if (isDistance(term)) {
    // Of the square of a length, the length.
    const inner = children(term)[0];
    return (inner && term.kind !== "distance" ? distanceIn(inner) : undefined) ?? term;
  }
  if (term.kind === "pointwise" || term.kind === "function") {
    const [motion, ...others] = term.of.moves ?? [];
    const [input] = children(term);
    const follows = (motion === "rises" || motion === "keeps") && others.length === 0;
    return follows && input !== undefined ? distanceIn(input) : undefined;
  }
  if (term.kind !== "arithmetic" || term.operator !== "^") return undefined;
  const exponent = term.right.kind === "constant" ? (term.right.value ?? 0) : 0;
  return exponent > 0 ? distanceIn(term.left) : undefined;
};

/** Networks that a term has the gradient of. */
const sloped = (term: Term): readonly string[] => {
  if (term.kind === "replay") return [];
  if (term.kind === "gradient") return [...reached(term.body)];
  return children(term).flatMap(sloped);
};

/** Parts of a player's objective that have no end, and the message about them. */
interface Found {
  readonly parts: readonly Part[];
  readonly message: string;
  readonly notes: readonly string[];
  /** The network that the message is about. */
  readonly network?: CheckedNet | undefined;
}

const sign = "Mostly a sign is wrong.";

const slopeOf = (
  context: Context,
  player: Player,
  network: CheckedNet,
  ranges: TermRanges,
): Found | undefined => {
  const { name } = network.net;
  const own = partsOf(player).filter(({ term }) => sloped(term).includes(name));
  const parts = own.filter(
    ({ weight, term }) =>
      weight < 0 && distanceIn(term) !== undefined && ranges.of(term).high === Infinity,
  );
  const [first] = parts;
  if (first === undefined || parts.length < own.length) return undefined;
  return {
    parts,
    network,
    message: `nothing holds the slopes of \`${name}\``,
    notes: [
      `${written(context, first.term)} has no greatest value: the steeper \`${name}\` is, the better. What keeps it smooth is added to what a player lowers. ${sign}`,
    ],
  };
};

/** The two values that a distance is between. */
const sidesOf = (term: Term): readonly Term[] => {
  const found = distanceIn(term);
  if (found === undefined) return [];
  if (found.kind === "distance") return children(found);
  const [only] = children(found);
  return only?.kind === "arithmetic" && only.operator === "-" ? children(only) : [];
};

const isDrawn = (term: Term): boolean =>
  term.kind === "draw" ||
  ((term.kind === "relabel" || term.kind === "replay") && isDrawn(term.input));

/** The output of a network, where a distance holds it against a plain draw. */
const awayFromDrawn = (term: Term): Apply | undefined => {
  const sides = sidesOf(term);
  const made = sides.find((side) => side.kind === "apply");
  return sides.some(isDrawn) && made?.kind === "apply" && made.net.to.kind !== "scores"
    ? made
    : undefined;
};

const netsIn = (term: Term): readonly Net[] => [
  ...(term.kind === "apply" ? [term.net] : []),
  ...(term.kind === "replay" ? [] : children(term).flatMap(netsIn)),
];

const distanceOf = (
  context: Context,
  player: Player,
  players: readonly Player[],
  ranges: TermRanges,
): Found | undefined => {
  const all = partsOf(player);
  const own = (term: Term): readonly string[] =>
    netsIn(term)
      .flatMap(networksOf)
      .filter((name) => player.networks.includes(name));
  const isOthers = (term: Term): boolean =>
    players.some(
      (other) =>
        other !== player &&
        netsIn(term)
          .flatMap(networksOf)
          .some((name) => other.networks.includes(name)),
    );
  const parts = all.filter(({ weight, term }) => {
    const made = weight < 0 ? awayFromDrawn(term) : undefined;
    // Where another player is to bring it back, the two play for it.
    if (made === undefined || own(made).length === 0 || isOthers(made)) return false;
    // What is drawn to one value may be kept away from another.
    const key = keyOf(made);
    return all.every(
      (other) => other.weight < 0 || sidesOf(other.term).every((side) => keyOf(side) !== key),
    );
  });
  const [first] = parts;
  if (first === undefined) return undefined;
  const raising = new Set(parts.flatMap(({ term }) => own(term)));
  const names = player.networks.filter((name) => raising.has(name)).map((name) => `\`${name}\``);
  const raise = names.length === 1 ? "raises" : "raise";
  const is = ranges.of(first.term);
  const end =
    is.high === Infinity
      ? "has no greatest value: the further apart the two are, the better."
      : "is largest where what is made has nothing to do with what is drawn.";
  return {
    parts,
    message: `${names.join(" and ")} ${raise} the distance ${written(context, first.term)}`,
    notes: [`It ${end} A player lowers a distance that is to hold. ${sign}`],
  };
};

/**
 * Whether the part goes down without end, and never up so, as a score of the network goes one way.
 */
const isLost = ({ weight, term }: Part, name: string, ranges: TermRanges): boolean => {
  if (term.kind === "function" && term.of.moves?.[0] === "keeps") {
    const [input] = term.inputs;
    return input !== undefined && isLost({ weight, term: input, within: [] }, name, ranges);
  }
  if (term.kind !== "pointwise" || term.of.moves?.[0] !== "rises") return false;
  const input = ranges.of(term.input);
  // The logarithm of a probability: one that rounds to 0 is computed from its scores.
  if (weight > 0)
    return (
      input.low === 0 &&
      isWithin(input, closed(0, 1)) &&
      term.of.range(between(0, 1)).low === -Infinity
    );
  const is = ranges.of(term);
  return is.high === Infinity && is.low >= 0 && dependence(term.input, name) === "linear";
};

/**
 * What a classifier says of a value, where the part is the better the less it holds of classes that
 * are drawn: a cross-entropy that is raised, the logarithm of a softmax that is lowered.
 * Probabilities that a network gives as classes are another matter: there is a greatest entropy.
 */
const misled = ({ weight, term }: Part, ranges: TermRanges): Term | undefined => {
  const below = (part: Term | undefined, factor: number): Term | undefined =>
    part && misled({ weight: weight * factor, term: part, within: [] }, ranges);
  if (term.kind === "negate") return below(term.input, -1);
  if (term.kind === "function") {
    const [first, second] = term.inputs;
    const { adds, compares, logarithmOf, moves } = term.of;
    if (compares === true)
      return weight < 0 && second !== undefined && applications(second).length === 0
        ? first
        : undefined;
    if (logarithmOf !== undefined) return weight > 0 ? first : undefined;
    return adds === true || moves?.[0] === "keeps" ? below(first, 1) : undefined;
  }
  if (term.kind === "pointwise" && term.of === log) {
    const { input } = term;
    const isSoftmax = input.kind === "function" && input.of.probabilities === "channels";
    return isSoftmax && weight > 0 ? input.inputs[0] : undefined;
  }
  if (term.kind !== "arithmetic" || term.operator !== "*") return undefined;
  const by = (factor: Term, other: Term): Term | undefined => {
    if (applications(factor).length > 0) return undefined;
    const { low, high } = ranges.of(factor);
    return low >= 0 ? below(other, 1) : high <= 0 ? below(other, -1) : undefined;
  };
  return by(term.left, term.right) ?? by(term.right, term.left);
};

/** Whether the part is the better the more a network is wrong about classes. */
const misleads = (part: Part, name: string, ranges: TermRanges): boolean => {
  const logits = misled(part, ranges);
  return (
    logits !== undefined &&
    outermost(logits).some((net) => net.name === name) &&
    !isBounded(ranges.of(logits))
  );
};

const lostOf = (
  context: Context,
  player: Player,
  network: CheckedNet,
  ranges: TermRanges,
): Found | undefined => {
  const { net } = network;
  const own = partsOf(player).filter(({ term }) => reached(term).has(net.name));
  const isScorer = net.to.kind === "scores";
  const parts = own.filter(
    (part) => misleads(part, net.name, ranges) || (isScorer && isLost(part, net.name, ranges)),
  );
  const [first] = parts;
  if (first === undefined) return undefined;
  const others = own.filter((part) => !parts.includes(part));
  if (!others.every(({ term }) => isBounded(ranges.of(term)))) return undefined;
  const end = first.weight > 0 ? "least" : "greatest";
  return {
    parts,
    network,
    message: `nothing holds the ${isScorer ? "scores" : "values"} of \`${net.name}\``,
    notes: [
      `${written(context, first.term)} has no ${end} value: the further ${isScorer ? "its scores" : "they"} are driven, the better. Mostly \`min\` and \`max\` are exchanged, or a sign is wrong.`,
    ],
  };
};

const checkPlayer = (player: Player, look: TrainingLook): void => {
  const { context, game, networks, ranges, report } = look;
  const free = networks.filter(
    (network) => player.networks.includes(network.net.name) && isSteep(network, look),
  );
  const found = free.flatMap(
    (one) => slopeOf(context, player, one, ranges) ?? lostOf(context, player, one, ranges) ?? [],
  );
  // One wrong sign is told of once.
  const distance =
    found.length === 0 ? distanceOf(context, player, game.players, ranges) : undefined;
  for (const one of distance === undefined ? found : [distance]) {
    const { parts, message, notes, network } = one;
    report("GAN608", player.span, message, {
      ...(network === undefined ? {} : { about: network.net.name }),
      networks: network === undefined ? player.networks : [network.net.name],
      labels: [
        ...parts.map(({ term, weight }) => ({
          span: balanced(context, term.span),
          text: `this player is to make this ${weight < 0 ? "large" : "small"}`,
        })),
        ...(network === undefined ? [] : [inNetwork(network)]),
      ],
      notes,
    });
  }
};

export const endless: Lint = {
  name: "endless",
  codes: ["GAN608"],
  training: (look) => {
    for (const player of look.game.players) checkPlayer(player, look);
  },
};
