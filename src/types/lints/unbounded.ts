/** Critics that nothing holds: an objective in which a network's scores are only added and subtracted has no least value. */
import { isBounded, type Range } from "../../operators/range.js";
import { linearForm } from "../ranges/linear-form.js";
import { inNetwork } from "../ranges/network-ranges.js";
import type { CheckedNet } from "../values/checked.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";
import { children, type Term } from "../values/term.js";

/** How a network stands in a term: not at all, by its scores times what does not depend on it, or otherwise. */
export type Standing = "absent" | "linear" | "other";

const sum = (parts: readonly Standing[]): Standing =>
  parts.includes("other") ? "other" : parts.includes("linear") ? "linear" : "absent";

/** Functions that add up. */
const linear: ReadonlySet<string> = new Set(["mean", "total"]);

export const standing = (term: Term, name: string): Standing => {
  const below = children(term).map((child) => standing(child, name));
  const isThere = sum(below) !== "absent";
  switch (term.kind) {
    case "apply":
      if (isThere) return "other";
      return term.net.name === name ? "linear" : "absent";
    case "replay":
      return "absent";
    case "mean":
    case "loss":
    case "objective":
    case "relabel":
    case "negate":
      return sum(below);
    case "function":
      return isThere && !linear.has(term.of.name) ? "other" : sum(below);
    case "arithmetic": {
      const [left = "absent", right = "absent"] = below;
      if (term.operator === "+" || term.operator === "-") return sum(below);
      if (term.operator === "*" && (left === "absent" || right === "absent")) return sum(below);
      return term.operator === "/" && right === "absent" ? left : isThere ? "other" : "absent";
    }
    default:
      return isThere ? "other" : "absent";
  }
};

/** Whether a term rises with how far what it is of lies from a number: a distance, a square. */
export const isDistance = (term: Term): boolean => {
  if (term.kind === "distance" || term.kind === "pointwise" || term.kind === "function")
    return term.of.moves?.length === 1 && term.of.moves[0] === "grows";
  if (term.kind !== "arithmetic" || term.operator !== "^" || term.right.kind !== "constant")
    return false;
  const exponent = term.right.value ?? 1;
  return exponent > 0 && exponent % 2 === 0;
};

/** A player that raises a distance of scores: far away is never far enough. */
interface Raised {
  readonly player: Player;
  readonly term: Term;
  /** Whether it raises nothing else, so that its `min` or `max` is what is wrong. */
  readonly isAll: boolean;
}

/** Distances of a network's scores that are raised, where nothing else but sums of scores stands beside them. */
const raised = (players: readonly Player[], name: string): readonly Raised[] => {
  const found: Raised[] = [];
  for (const player of players) {
    const parts = linearForm(player.objective, player.sense === "min" ? 1 : -1);
    const away = parts.filter(
      ({ weight, term }) =>
        weight < 0 &&
        isDistance(term) &&
        sum(children(term).map((child) => standing(child, name))) === "linear",
    );
    const others = parts.filter((part) => part.weight !== 0 && !away.includes(part));
    if (sum(others.map(({ term }) => standing(term, name))) === "other") return [];
    const isAll = others.length === 0;
    found.push(...away.map(({ term }) => ({ player, term, isAll })));
  }
  return found;
};

/** Whether something was said. */
const warnOfRaised = (context: Context, network: CheckedNet, found: readonly Raised[]): boolean => {
  const [first] = found;
  if (first === undefined) return false;
  const { player, term, isAll } = first;
  const isSaid = context.diagnostics.some(
    ({ code, span }) =>
      code === "GAN511" && span.file === player.span.file && span.start === player.span.start,
  );
  if (isSaid) return false;
  const sense = player.sense === "min" ? "max" : "min";
  const { name } = network.net;
  context.report("GAN608", player.span, `nothing holds the scores of \`${name}\``, {
    about: name,
    labels: [
      ...found.map((one) => ({ span: one.term.span, text: `\`${name}\` is to make this large` })),
      inNetwork(network),
    ],
    notes: [
      `\`${context.quote(term.span)}\` has no greatest value: the further the scores are from there, the better, whatever they are of.`,
    ],
    suggestion: isAll
      ? {
          title: `write \`${sense}[${player.networks.join(", ")}]\``,
          edits: [{ span: { ...player.span, end: player.span.start + 3 }, text: sense }],
        }
      : undefined,
  });
  return true;
};

/**
 * Gives the names of the networks that it warns of.
 *
 * @param clip by network, where the recipe keeps its parameters within bounds
 */
export const warnOfUnbounded = (
  context: Context,
  players: readonly Player[],
  networks: readonly CheckedNet[],
  ranges: ReadonlyMap<string, Range>,
  clip: Readonly<Record<string, number>>,
): ReadonlySet<string> => {
  const told = new Set<string>();
  for (const network of networks) {
    const { name } = network.net;
    const trainers = players.filter((player) => player.networks.includes(name));
    const range = ranges.get(name);
    const isHeld =
      clip[name] !== undefined ||
      (range !== undefined && isBounded(range)) ||
      network.nodes.some(({ isSpectral }) => isSpectral === true);
    const [player] = trainers;
    if (isHeld || player === undefined) continue;
    if (sum(trainers.map(({ objective }) => standing(objective, name))) !== "linear") {
      if (warnOfRaised(context, network, raised(trainers, name))) told.add(name);
      continue;
    }
    told.add(name);
    context.report("GAN608", player.span, `nothing holds the scores of \`${name}\``, {
      about: name,
      labels: [inNetwork(network)],
      notes: [
        "They are only added and subtracted: larger scores are better for ever.",
        `A Wasserstein critic is kept smooth by a penalty, as in \`+ 10 * wgan.penalty(${name}, G)\`, by \`clip[${name}]: 0.01\` in the recipe, or by \`spectral_norm(…)\` around its layers.`,
      ],
    });
  }
  return told;
};
