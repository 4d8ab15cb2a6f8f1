/** Critics that are to make a distance of scores large: far away is never far enough. */
import { dependence, isDistance, sumOf } from "../game/dependence.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { linearForm } from "../values/linear-form.js";
import type { Player } from "../values/player.js";
import { children, type Term } from "../values/term.js";
import { endless } from "./endless.js";
import { freeTrainers } from "./free-trainers.js";
import { inNetwork } from "./in-network.js";
import type { Lint, Look, TrainingLook } from "./lint.js";

/** A player that raises a distance of scores: far away is never far enough. */
interface Raised {
  readonly player: Player;
  readonly term: Term;
  /** Whether it raises nothing else, so that its `min` or `max` is what is wrong. */
  readonly isAll: boolean;
}

/**
 * Distances of a network's scores that are raised, where nothing else but sums of scores stands
 * beside them.
 */
const raised = (players: readonly Player[], name: string): readonly Raised[] => {
  const found: Raised[] = [];
  for (const player of players) {
    const parts = linearForm(player.objective, player.sense === "min" ? 1 : -1);
    const away = parts.filter(
      ({ weight, term }) =>
        weight < 0 &&
        isDistance(term) &&
        sumOf(children(term).map((child) => dependence(child, name))) === "linear",
    );
    const others = parts.filter((part) => part.weight !== 0 && !away.includes(part));
    if (sumOf(others.map(({ term }) => dependence(term, name))) === "other") return [];
    const isAll = others.length === 0;
    found.push(...away.map(({ term }) => ({ player, term, isAll })));
  }
  return found;
};

const checkScores = (look: TrainingLook): void => {
  for (const network of look.networks) {
    const trainers = freeTrainers(network, look);
    const { name } = network.net;
    if (sumOf(trainers.map(({ objective }) => dependence(objective, name))) === "linear") continue;
    reportRaised(network, raised(trainers, name), look);
  }
};

const reportRaised = (
  network: CheckedNet,
  found: readonly Raised[],
  { context, report }: Pick<Look, "context" | "report">,
): void => {
  const [first] = found;
  if (first === undefined) return;
  const { player, term, isAll } = first;
  const sense = player.sense === "min" ? "max" : "min";
  const { name } = network.net;
  report("GAN608", player.span, `nothing holds the scores of \`${name}\``, {
    about: name,
    networks: [name],
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
};

export const raisedDistances: Lint = {
  name: "raised-distances",
  codes: ["GAN608"],
  supersedes: [{ lint: endless, at: "network" }],
  training: checkScores,
};
