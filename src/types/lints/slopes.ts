/** Penalties on slopes, and networks that look at a whole batch. */

import { inNetwork } from "../ranges/network-ranges.js";
import type { CheckedNet } from "../values/checked.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";
import { children, type Term } from "../values/term.js";

const appliedIn = (term: Term): ReadonlySet<string> =>
  new Set([
    ...(term.kind === "apply" ? [term.net.name] : []),
    ...children(term).flatMap((child) => [...appliedIn(child)]),
  ]);

/** A gradient at each sample is that of the sample's own score only where no score depends on other samples. */
export const warnOfSlopesThroughBatches = (
  context: Context,
  players: readonly Player[],
  networks: readonly CheckedNet[],
): void => {
  const visit = (term: Term): void => {
    children(term).forEach(visit);
    if (term.kind !== "gradient") return;
    const applied = appliedIn(term.body);
    for (const network of networks) {
      const norm = network.nodes.find(({ kind }) => kind === "batch_norm");
      if (norm === undefined || !applied.has(network.net.name)) continue;
      const { name } = network.net;
      context.report(
        "GAN607",
        norm.span,
        `\`${name}\` is differentiated through a \`batch_norm\``,
        {
          labels: [{ span: term.span, text: "its gradient is taken here" }, inNetwork(network)],
          notes: [
            "The gradient at one sample then holds what it does to the scores of all others. `layer_norm` and `instance_norm` look at each sample alone.",
          ],
        },
      );
    }
  };
  for (const { objective } of players) visit(objective);
};
