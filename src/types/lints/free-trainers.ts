/** Networks that nothing bounds: neither their layers, nor what they end in, nor the recipe. */
import { isBounded } from "../../operators/range.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import type { Player } from "../values/player.js";
import type { TrainingLook } from "./lint.js";

/** Whether a network's slope has no bound: neither `spectral_norm` nor `clip` keeps it. */
export const isSteep = ({ net, nodes }: CheckedNet, { recipe }: TrainingLook): boolean =>
  recipe.clip[net.name] === undefined && nodes.every(({ isSpectral }) => isSpectral !== true);

/** The players that train a network, where nothing bounds what it gives; else none. */
export const freeTrainers = (network: CheckedNet, look: TrainingLook): readonly Player[] => {
  const { net, last } = network;
  const range = look.nodeRanges.get(net.name)?.get(last);
  if (!isSteep(network, look) || (range !== undefined && isBounded(range))) return [];
  return look.game.players.filter(({ networks }) => networks.includes(net.name));
};
