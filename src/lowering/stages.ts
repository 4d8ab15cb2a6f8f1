/**
 * Splits a network into stages that can be computed tile by tile. A value between two stages is
 * kept whole, since a later stage normalises over all of it, sees all of it, or would have to
 * compute it again.
 */
import { impossible } from "../base/impossible.js";
import type { Layer, Shape } from "../operators/layer.js";
import { layers } from "../operators/layers.js";
import type { LayerNode, Network } from "../program/model.js";

export interface Stage {
  /** The value that is computed: the number of its layer. */
  readonly value: number;
  /** Kept values and inputs of the network that it is computed from. */
  readonly reads: readonly number[];
  /** What is computed, in order; the last layer gives the value. */
  readonly layers: readonly LayerNode[];
  /** The layer that sees all, where one does: the stage is computed in one piece. */
  readonly whole?: LayerNode;
}

export interface Staged {
  /** In the order in which they are computed. */
  readonly stages: readonly Stage[];
  /** Values whose mean and variance are needed: of each channel, or of all numbers. */
  readonly statistics: ReadonlyMap<number, ReadonlySet<"channels" | "all">>;
}

export const isVector = ([height, width]: Shape): boolean => height * width === 1;

/** The shape of every value of the network, by its number. */
export const shapesOf = ({ inputs, layers: all }: Network): ReadonlyMap<number, Shape> =>
  new Map([
    ...inputs.map((shape, id) => [id, shape] as const),
    ...all.map(({ id, shape }) => [id, shape] as const),
  ]);

/** Of a layer its entry in the table; nothing of what joins values. */
const entryOf = ({ kind }: LayerNode): Layer | undefined => layers.get(kind);

/** Statistics of all places by which a layer normalises, and in how many groups of channels. */
export interface Normalising {
  readonly over: "channels" | "all";
  readonly groups: number;
}

/** How a layer normalises by numbers of all places of its input, where it does. */
export const normalising = (
  layer: LayerNode,
  shapes: ReadonlyMap<number, Shape>,
): Normalising | undefined => {
  const [input = -1] = layer.inputs;
  const shape = shapes.get(input);
  if (shape === undefined || isVector(shape)) return undefined;
  const groups = entryOf(layer)?.normalises?.(shape[2], layer.options);
  return groups === undefined ? undefined : { over: groups === 1 ? "all" : "channels", groups };
};

const statisticsOf = (network: Network): Staged["statistics"] => {
  const shapes = shapesOf(network);
  const found = new Map<number, Set<"channels" | "all">>();
  for (const layer of network.layers) {
    const over = normalising(layer, shapes)?.over;
    const [input = -1] = layer.inputs;
    if (over !== undefined) found.set(input, (found.get(input) ?? new Set()).add(over));
  }
  return found;
};

/** How many layers read each value; the network's result is read by who asked for it. */
const readersOf = (network: Network): ReadonlyMap<number, number> => {
  const readers = new Map([[network.last, 1]]);
  for (const id of network.layers.flatMap(({ inputs }) => [...new Set(inputs)]))
    readers.set(id, (readers.get(id) ?? 0) + 1);
  return readers;
};

/** What must be whole before something else can begin. */
const neededWhole = (network: Network): Set<number> => {
  const kept = new Set<number>([network.last, ...statisticsOf(network).keys()]);
  for (const layer of network.layers)
    if (entryOf(layer)?.seesAll === true)
      for (const id of [layer.id, ...layer.inputs]) kept.add(id);
  return kept;
};

/**
 * And what several read that would have to be computed again for each: more than a point from a
 * single kept value.
 */
const keptOf = (network: Network): ReadonlySet<number> => {
  const kept = neededWhole(network);
  const readers = readersOf(network);
  // The one kept value that a value is made of, place by place.
  const source = new Map<number, number>(network.inputs.map((_, id) => [id, id]));
  for (const layer of network.layers) {
    const from = new Set(layer.inputs.map((id) => source.get(id)));
    const [only] = from;
    const isNear = from.size === 1 && only !== undefined && entryOf(layer)?.reach === undefined;
    if (!isNear && (readers.get(layer.id) ?? 0) > 1) kept.add(layer.id);
    if (kept.has(layer.id)) source.set(layer.id, layer.id);
    else if (isNear) source.set(layer.id, only);
  }
  return kept;
};

/** The layers between kept values and the one that is computed. */
const stageOf = (
  byId: ReadonlyMap<number, LayerNode>,
  kept: ReadonlySet<number>,
  value: number,
): Stage => {
  const own = byId.get(value) ?? impossible(`value ${value} is of no layer`);
  const reads = new Set<number>();
  const found = new Map([[value, own]]);
  for (const layer of found.values())
    for (const id of layer.inputs) {
      const of = byId.get(id);
      if (of === undefined || kept.has(id)) reads.add(id);
      else found.set(id, of);
    }
  const ordered = [...found.values()].sort((a, b) => a.id - b.id);
  const whole = ordered.find((layer) => entryOf(layer)?.seesAll === true);
  return {
    value,
    reads: [...reads].sort((a, b) => a - b),
    layers: ordered,
    ...(whole === undefined ? {} : { whole }),
  };
};

/** Without layers that the result is not made of. */
const needed = (network: Network): Network => {
  const found = new Set([network.last]);
  for (const layer of network.layers.toReversed())
    if (found.has(layer.id)) for (const id of layer.inputs) found.add(id);
  return { ...network, layers: network.layers.filter(({ id }) => found.has(id)) };
};

/** The stages of a network whose result is one of its layers. */
export const stagesOf = (whole: Network): Staged => {
  const network = needed(whole);
  const byId = new Map(network.layers.map((layer) => [layer.id, layer]));
  const kept = keptOf(network);
  const values = [...kept].filter((id) => byId.has(id)).sort((a, b) => a - b);
  return {
    stages: values.map((value) => stageOf(byId, kept, value)),
    statistics: statisticsOf(network),
  };
};
