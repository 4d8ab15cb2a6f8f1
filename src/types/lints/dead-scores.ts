/** Discriminators that end in relu: a score below 0 becomes 0, and with it its gradient. */

import { inNetwork } from "../ranges/network-ranges.js";
import type { CheckedNet } from "../values/checked.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";

export const warnOfDeadScores = (
  context: Context,
  players: readonly Player[],
  networks: readonly CheckedNet[],
): void => {
  const trained = new Set(players.flatMap((player) => player.networks));
  for (const network of networks) {
    const { net, nodes, last } = network;
    const end = nodes.find(({ id }) => id === last);
    const isOwn = end !== undefined && end.owner === undefined;
    if (!isOwn || end.kind !== "relu" || net.to.kind !== "scores" || !trained.has(net.name))
      continue;
    context.report(
      "GAN609",
      end.span,
      `\`${net.name}\` ends in \`relu\`, and gives no score below 0`,
      {
        labels: [inNetwork(network)],
        notes: [
          "Where all scores are 0 no gradient is left, neither for it nor for whom it judges.",
        ],
      },
    );
  }
};
