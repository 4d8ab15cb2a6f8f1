/** What normalises by a whole batch in a step. */
import { layers } from "../../operators/layers.js";
import { type LayerNode, statisticsOf } from "../../program/network.js";
import type { CheckedNet } from "../shapes/checked-net.js";

/**
 * Whether a layer normalises a sample by the others of its batch: not where its network is frozen,
 * and goes by the statistics that it keeps. What is only told of a batch, beside what a layer hands
 * on, is differentiated as published (Karras et al. 2018).
 */
export const mixesBatch = (layer: LayerNode, { net }: Pick<CheckedNet, "net">): boolean =>
  layers.get(layer.kind)?.mixesBatch === "normalised" &&
  !(net.isFrozen === true && statisticsOf(layer).length > 0);
