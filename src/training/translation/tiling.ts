/** Cuts the stages of a network into tiles, and estimates their memory and disk space. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { bytesText } from "../../base/bytes.js";
import { type Graph, inputName, sizeOf } from "../../graph/graph.js";
import { peakOf, schedule } from "../../graph/schedule.js";
import { isVector, type Stage, type Staged, shapesOf } from "../../lowering/stages.js";
import { type Box, tileOf, wholeOf } from "../../lowering/tile.js";
import { lowerTranslate } from "../../lowering/translate.js";
import type { Shape } from "../../operators/layer.js";
import type { Network } from "../../program/model.js";
import { bytesOnDisk } from "./maps.js";

/** Most bytes of one program. There may be a few at once; all together stay well below 2 GB. */
export const usualBudget = 400e6;

/** Most bytes of a picture translated in one piece. */
export const wholeBudget = 800e6;

/**
 * Estimates the bytes of a running program: intermediate values, and inputs other than weights and
 * buffers.
 */
export const plannedBytes = (graph: Graph): number => {
  const fed = graph.inputs.filter((node) => !/^(?:param|buffer)\//.test(inputName(node)));
  return (
    4 * (peakOf(graph, schedule(graph)) + fed.reduce((sum, { shape }) => sum + sizeOf(shape), 0))
  );
};

/** Estimates the bytes of a network applied to one sample in one piece. */
export const wholeBytes = (network: Network): number => plannedBytes(lowerTranslate(network, 1));

/** Least side of a tile in pixels of its own; smaller ones are mostly border. */
const least = 16;

const ceilTo = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Places a box in the middle of a value, where all borders are cut. */
const middle = ([height, width]: Shape, tall: number, wide: number): Box => {
  const at = (side: number, of: number) => {
    const from = Math.floor((side - of) / 2 / least) * least;
    return { from, to: from + of };
  };
  return { rows: at(height, tall), columns: at(width, wide) };
};

/**
 * Returns height and width of a stage's tiles, as large as the budget allows: bands as wide as the
 * value, else parts of them.
 */
const sidesFor = (
  network: Network,
  stage: Stage,
  shape: Shape,
  budget: number,
): readonly [number, number] | undefined => {
  const fits = (tall: number, wide: number): boolean =>
    plannedBytes(tileOf(network, stage, middle(shape, tall, wide)).graph) <= budget;
  let [tall, wide] = [shape[0], shape[1]];
  while (!fits(tall, wide)) {
    if (tall > 4 * least || (tall > least && wide <= 4 * least)) tall = ceilTo(tall / 2, least);
    else if (wide > least) wide = ceilTo(wide / 2, least);
    else return undefined;
  }
  return [tall, wide];
};

const boxesOf = ([height, width]: Shape, tall: number, wide: number): readonly Box[] => {
  const stretches = (side: number, step: number) =>
    Array.from({ length: Math.ceil(side / step) }, (_, i) => ({
      from: i * step,
      to: Math.min(side, (i + 1) * step),
    }));
  return stretches(height, tall).flatMap((rows) =>
    stretches(width, wide).map((columns) => ({ rows, columns })),
  );
};

/** A stage with its tiles. */
export interface Tiled {
  readonly stage: Stage;
  readonly shape: Shape;
  readonly tiles: readonly Box[];
  /** Kept values that no later stage reads. */
  readonly done: readonly number[];
}

/** Words the refusal of a layer that sees all of a value and does not fit into memory. */
const tooLarge = (stage: Stage, network: Network, bytes: number): string =>
  `${network.name}'s ${stage.whole?.path} sees all of a picture at once, and at this size holds ${bytesText(bytes)}: it cannot be computed in tiles. Give a smaller --size.`;

/**
 * Cuts every stage into tiles. `side`: the user's size in pixels of the picture; else as large as
 * the budget allows. The left side names a layer that must see everything and does not fit.
 */
export const tilesOf = (
  network: Network,
  { stages }: Staged,
  { side, budget = usualBudget }: { readonly side?: number | undefined; readonly budget?: number },
): Either<string, readonly Tiled[]> => {
  const shapes = shapesOf(network);
  const [height = 1] = network.inputs[0] ?? [];
  const tiled: Tiled[] = [];
  for (const [i, stage] of stages.entries()) {
    const shape = shapes.get(stage.value) ?? network.output;
    const later = new Set(stages.slice(i + 1).flatMap(({ reads }) => reads));
    const done = stage.reads.filter((id) => id >= network.inputs.length && !later.has(id));
    if (stage.whole !== undefined || isVector(shape)) {
      const bytes = plannedBytes(tileOf(network, stage, wholeOf(shape)).graph);
      if (bytes > 2 * budget) return left(tooLarge(stage, network, bytes));
      tiled.push({ stage, shape, tiles: [wholeOf(shape)], done });
      continue;
    }
    const own =
      side === undefined ? undefined : Math.max(1, Math.round((side * shape[0]) / height));
    const sides = own === undefined ? sidesFor(network, stage, shape, budget) : [own, own];
    if (sides === undefined)
      return left(`${network.name} holds more than ${bytesText(budget)} even in small tiles.`);
    const [tall = 1, wide = 1] = sides;
    tiled.push({ stage, shape, tiles: boxesOf(shape, tall, wide), done });
  }
  return right(tiled);
};

/** Returns the most bytes on disk while the stages are computed. */
export const diskBytes = (all: readonly Tiled[]): number => {
  const sizes = new Map(all.map(({ stage, shape }) => [stage.value, bytesOnDisk(shape)]));
  let [held, most] = [0, 0];
  for (const [i, { stage, done }] of all.entries()) {
    // The last value is the picture.
    if (i < all.length - 1) held += sizes.get(stage.value) ?? 0;
    most = Math.max(most, held);
    for (const id of done) held -= sizes.get(id) ?? 0;
  }
  return most;
};
