/** Layers that look at a whole batch, where there is no batch to look at. */
import type { Span } from "../../base/source.js";
import { inNetwork } from "../ranges/network-ranges.js";
import type { CheckedNet } from "../values/checked.js";
import type { Context } from "../values/context.js";
import { showShape } from "../values/value.js";

/** @param batch how many samples a step draws of each domain, and where the recipe says so */
export const checkSingleSamples = (
  context: Context,
  networks: readonly CheckedNet[],
  batch: { readonly size: number; readonly span: Span | undefined },
): void => {
  if (batch.size > 1) return;
  for (const network of networks) {
    const norm = network.nodes.find(
      ({ kind, shape: [height, width] }) => kind === "batch_norm" && height * width === 1,
    );
    if (norm === undefined) continue;
    context.report(
      "GAN303",
      norm.span,
      `\`batch_norm\` does not fit its input of ${showShape(norm.shape)} where a batch is of one sample: each channel has a single value, which it would always turn into 0`,
      {
        labels: [
          ...(batch.span === undefined ? [] : [{ span: batch.span, text: "a batch of one" }]),
          inNetwork(network),
        ],
        notes: [
          "Leave it out here, or write a larger `batch`; `layer_norm` looks at all channels of one sample.",
        ],
      },
    );
  }
};
