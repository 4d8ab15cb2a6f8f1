/** Layers that look at a whole batch, where there is no batch to look at. */
import { showShape } from "../values/value.js";
import { inNetwork } from "./in-network.js";
import type { Lint, RecipeLook } from "./lint.js";
import { mixesBatch } from "./mixing.js";

const checkBatch = ({ networks, recipe, train, report }: RecipeLook): void => {
  if (recipe.batch > 1) return;
  const batch = train.get("batch")?.value.span;
  for (const network of networks) {
    const norm = network.nodes.find(
      (node) => mixesBatch(node, network) && node.shape[0] * node.shape[1] === 1,
    );
    if (norm === undefined) continue;
    report(
      "GAN303",
      norm.span,
      `\`${norm.kind}\` does not fit its input of ${showShape(norm.shape)} where a batch is of one sample: each channel has a single value, which it would always turn into 0`,
      {
        labels: [
          ...(batch === undefined ? [] : [{ span: batch, text: "a batch of one" }]),
          inNetwork(network),
        ],
        notes: [
          "Leave it out here, or write a larger `batch`; `layer_norm` looks at all channels of one sample.",
        ],
      },
    );
  }
};

export const singleSamples: Lint = {
  name: "single-samples",
  codes: ["GAN303"],
  recipe: checkBatch,
};
