/** Discriminators that end in relu: a score below 0 becomes 0, and with it its gradient. */
import { layers } from "../../operators/layers.js";
import { inNetwork } from "./in-network.js";
import type { GameLook, Lint } from "./lint.js";

const checkScorers = ({ game, networks, report }: GameLook): void => {
  const trained = new Set(game.players.flatMap((player) => player.networks));
  for (const network of networks) {
    const { net, nodes, last } = network;
    const end = nodes.find(({ id }) => id === last);
    const isOwn = end !== undefined && end.owner === undefined;
    const isFlat = isOwn && layers.get(end.kind)?.isFlatBelow0?.(end.options) === true;
    if (!isFlat || net.to.kind !== "scores" || !trained.has(net.name)) continue;
    const message = `\`${net.name}\` ends in \`${end.kind}\`, and gives no score below 0`;
    report("GAN609", end.span, message, {
      labels: [inNetwork(network)],
      notes: ["Where all scores are 0 no gradient is left, neither for it nor for whom it judges."],
    });
  }
};

export const deadScores: Lint = { name: "dead-scores", codes: ["GAN609"], game: checkScorers };
