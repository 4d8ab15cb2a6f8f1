/** What looks at a whole batch in a step. */
import { layers } from "../../operators/layers.js";
import { type LayerNode, statisticsOf } from "../../program/network.js";
import type { CheckedNet } from "../shapes/checked-net.js";

/**
 * Whether what a layer gives for a sample depends on the others of its batch: not where its network
 * is frozen, and goes by the statistics that it keeps.
 */
export const mixesBatch = (layer: LayerNode, { net }: Pick<CheckedNet, "net">): boolean =>
  layers.get(layer.kind)?.mixesBatch === true &&
  !(net.isFrozen === true && statisticsOf(layer).length > 0);
