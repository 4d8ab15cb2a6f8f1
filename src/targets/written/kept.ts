/** Which networks keep something without learning it, for code that moves what they keep. */
import type { LayerNode, Model } from "../../program/model.js";
import { statisticsOf } from "../../program/network.js";

/** Names of networks. */
type Names = readonly string[];

/** The networks, among those applied and those inside of them, that have such a layer. */
const ownersOf = (
  { networks }: Model,
  applied: Names,
  has: (layer: LayerNode) => boolean,
): Names => {
  const owners = new Set(
    networks
      .filter(({ name }) => applied.includes(name))
      .flatMap(({ name, layers }) => layers.filter(has).map(({ owner }) => owner?.network ?? name)),
  );
  return networks.map(({ name }) => name).filter((name) => owners.has(name));
};

/** Those whose weights spectral normalisation divides, by vectors that follow the weights. */
export const dividedIn = (model: Model, applied: Names): Names =>
  ownersOf(
    model,
    applied,
    ({ isSpectral, parameters }) =>
      isSpectral === true && parameters.some(({ name }) => name === "weight"),
  );

/** Those that keep running statistics: which a step moves, and which are frozen. */
export const statisticsIn = (
  model: Model,
  applied: Names,
): { readonly moved: Names; readonly frozen: Names } => {
  const keeping = ownersOf(model, applied, (layer) => statisticsOf(layer).length > 0);
  const isFrozen = (name: string): boolean =>
    model.networks.some((network) => network.name === name && network.isFrozen);
  return {
    moved: keeping.filter((name) => !isFrozen(name)),
    frozen: keeping.filter(isFrozen),
  };
};
