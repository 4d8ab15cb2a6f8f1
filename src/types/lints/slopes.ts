/** Penalties on slopes, and networks that look at a whole batch. */
import { children, type Term } from "../values/term.js";
import { inNetwork } from "./in-network.js";
import type { Around, GameLook, Lint } from "./lint.js";
import { mixesBatch } from "./mixing.js";

/** The networks that a term applies outside of further gradients. */
const appliedIn = (term: Term): ReadonlySet<string> =>
  new Set([
    ...(term.kind === "apply" ? [term.net.name] : []),
    ...(term.kind === "gradient" ? [term.at] : children(term)).flatMap((below) => [
      ...appliedIn(below),
    ]),
  ]);

/**
 * A gradient at each sample is that of the sample's own score only where no score depends on other
 * samples.
 */
const checkTerm = (term: Term, _around: Around, { networks, report }: GameLook): void => {
  if (term.kind !== "gradient") return;
  const applied = appliedIn(term.body);
  for (const network of networks) {
    const norm = network.nodes.find((node) => mixesBatch(node, network));
    if (norm === undefined || !applied.has(network.net.name)) continue;
    const { name } = network.net;
    report("GAN607", norm.span, `\`${name}\` is differentiated through a \`${norm.kind}\``, {
      labels: [{ span: term.span, text: "its gradient is taken here" }, inNetwork(network)],
      notes: [
        "The gradient at one sample then holds what it does to the scores of all others. `layer_norm` and `instance_norm` look at each sample alone.",
      ],
    });
  }
};

export const slopesThroughBatches: Lint = {
  name: "slopes-through-batches",
  codes: ["GAN607"],
  term: checkTerm,
};
