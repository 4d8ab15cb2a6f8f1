/** Critics that nothing holds: an objective in which a network's scores are only added and subtracted has no least value. */
import { isBounded, type Range } from "../operators/range.js";
import type { CheckedNet } from "./checked.js";
import type { Context } from "./context.js";
import { inNetwork } from "./network-ranges.js";
import type { Player } from "./player.js";
import { children, type Term } from "./term.js";

/** How a network stands in a term: not at all, by its scores times what does not depend on it, or otherwise. */
type Standing = "absent" | "linear" | "other";

const sum = (parts: readonly Standing[]): Standing =>
  parts.includes("other") ? "other" : parts.includes("linear") ? "linear" : "absent";

/** Functions that add up. */
const linear: ReadonlySet<string> = new Set(["mean", "total"]);

const standing = (term: Term, name: string): Standing => {
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

/** @param clip by network, where the recipe keeps its parameters within bounds */
export const warnOfUnbounded = (
  context: Context,
  players: readonly Player[],
  networks: readonly CheckedNet[],
  ranges: ReadonlyMap<string, Range>,
  clip: Readonly<Record<string, number>>,
): void => {
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
    if (sum(trainers.map(({ objective }) => standing(objective, name))) !== "linear") continue;
    context.report("GAN608", player.span, `nothing holds the scores of \`${name}\``, {
      labels: [inNetwork(network)],
      notes: [
        "They are only added and subtracted: larger scores are better for ever.",
        `A Wasserstein critic is kept smooth by a penalty, as in \`+ 10 * wgan.penalty(${name}, G)\`, by \`clip[${name}]: 0.01\` in the recipe, or by \`spectral_norm(…)\` around its layers.`,
      ],
    });
  }
};
