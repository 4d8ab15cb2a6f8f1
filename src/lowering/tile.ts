/**
 * One tile of a stage as a graph: of its value a part, from the parts of kept values that it is
 * made of.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { Axis } from "../base/sides.js";
import { type Graph, type Node, sizeOf } from "../graph/graph.js";
import { add, broadcast, mean as meanOver, mul, sub } from "../graph/operators/arithmetic.js";
import { power } from "../graph/operators/functions.js";
import { reshape, slice } from "../graph/operators/shaping.js";
import { constant, input } from "../graph/operators/sources.js";
import { reasonOf, type Shape, type Stretch } from "../operators/layer.js";
import { layers } from "../operators/layers.js";
import { number } from "../operators/signature.js";
import type { LayerNode, Network } from "../program/model.js";
import { parameterName } from "../program/network.js";
import * as names from "./names.js";
import { layerValue } from "./network.js";
import { fromGraph, toGraph } from "./objectives.js";
import { isVector, type Normalising, normalising, type Stage, shapesOf } from "./stages.js";

/** A part of a value. */
export interface Box {
  readonly rows: Stretch;
  readonly columns: Stretch;
}

export interface Tile {
  /**
   * Its output is the part, [1, h, w, c]; it takes parts of kept values, statistics and weights.
   */
  readonly graph: Graph;
  /** Which part of each kept value it takes. */
  readonly reads: ReadonlyMap<number, Box>;
}

/** A kept value, as an input. */
export const mapName = (value: number): string => `map/${value}`;
/**
 * Mean or variance of a kept value: of its channels, [1, c, 1, 1], or of all its numbers, [1, 1, 1,
 * 1].
 */
export const statisticName = (
  value: number,
  over: "channels" | "all",
  of: "mean" | "variance",
): string => `statistic/${value}/${over}/${of}`;

const length = ({ from, to }: Stretch): number => to - from;

export const wholeOf = ([height, width]: Shape): Box => ({
  rows: { from: 0, to: height },
  columns: { from: 0, to: width },
});

const around = (a: Stretch, b: Stretch): Stretch => ({
  from: Math.min(a.from, b.from),
  to: Math.max(a.to, b.to),
});

/** What of an input of this shape a layer must be given. */
const neededBy = (layer: LayerNode, of: Box, shape: Shape): Box => {
  const entry = layers.get(layer.kind);
  if (isVector(shape) || entry?.seesAll === true) return wholeOf(shape);
  const { reach } = entry ?? {};
  if (reach === undefined) return of;
  return {
    rows: reach(of.rows, shape[0], layer.options, 0),
    columns: reach(of.columns, shape[1], layer.options, 1),
  };
};

/** Of each value of the stage, the part that some layer needs. */
const demandsOf = (
  { value, layers: all }: Stage,
  box: Box,
  shapes: ReadonlyMap<number, Shape>,
): ReadonlyMap<number, Box> => {
  const demands = new Map([[value, box]]);
  for (const layer of all.toReversed()) {
    const of = demands.get(layer.id) ?? impossible(`nobody needs ${layer.path}`);
    for (const id of layer.inputs) {
      const need = neededBy(layer, of, shapes.get(id) ?? impossible(`there is no value ${id}`));
      const known = demands.get(id);
      demands.set(
        id,
        known === undefined
          ? need
          : { rows: around(known.rows, need.rows), columns: around(known.columns, need.columns) },
      );
    }
  }
  return demands;
};

/** The part `of` a value, of which x is the part `from`. */
const cut = (x: Node, from: Box, of: Box): Node => {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  const top = of.rows.from - from.rows.from;
  const left = of.columns.from - from.columns.from;
  const [height, width] = [length(of.rows), length(of.columns)];
  if (top === 0 && left === 0 && height === h && width === w) return x;
  return slice(x, [0, 0, top, left], [n, c, top + height, left + width]);
};

/** Where the result of a layer begins that is applied to the part `given`. */
const beginOf = (layer: LayerNode, { rows, columns }: Box): Box => {
  const window = layers.get(layer.kind)?.window;
  const at = ({ from }: Stretch, axis: Axis): Stretch => {
    const { stride, upsampling } = window?.(layer.options, axis) ?? { stride: 1, upsampling: 1 };
    const begin = (from * upsampling) / stride;
    return { from: begin, to: begin };
  };
  return { rows: at(rows, 0), columns: at(columns, 1) };
};

/** Means and variances of groups of channels, from those of their channels, for each channel. */
const ofGroups = (mean: Node, variance: Node, groups: number): readonly [Node, Node] => {
  const { shape } = mean;
  const channels = sizeOf(shape);
  if (groups === channels) return [mean, variance];
  const parted = [1, groups, channels / groups, 1];
  const [means, variances] = [reshape(mean, parted), reshape(variance, parted)];
  const middle = meanOver(means, [2]);
  const spread = meanOver(add(variances, power(sub(means, middle), 2)), [2]);
  const repeated = (x: Node): Node => reshape(broadcast(x, parted), shape);
  return [repeated(middle), repeated(spread)];
};

class TileBuilder {
  private readonly given = new Map<string, Node>();
  private readonly shapes: ReadonlyMap<number, Shape>;
  private readonly demands: ReadonlyMap<number, Box>;
  private readonly values = new Map<number, Node>();
  readonly reads = new Map<number, Box>();

  constructor(
    private readonly network: Network,
    private readonly stage: Stage,
    box: Box,
  ) {
    this.shapes = shapesOf(network);
    this.demands = demandsOf(stage, box, this.shapes);
    for (const id of stage.reads) this.read(id);
  }

  private of(name: string, shape: readonly number[]): Node {
    const node = this.given.get(name) ?? input(name, shape);
    this.given.set(name, node);
    return node;
  }

  private demand(id: number): Box {
    return this.demands.get(id) ?? impossible(`nobody needs value ${id}`);
  }

  private shape(id: number): Shape {
    return this.shapes.get(id) ?? impossible(`there is no value ${id}`);
  }

  private read(id: number): void {
    const box = this.demand(id);
    this.reads.set(id, box);
    const sides = [length(box.rows), length(box.columns)];
    this.values.set(id, toGraph(this.of(mapName(id), [1, ...sides, this.shape(id)[2]])));
  }

  private parameter(name: string): Node {
    const { shape } =
      this.network.reads.find((one) => one.name === name) ??
      impossible(`${name} is no parameter of ${this.network.name}`);
    return this.of(names.parameterName(name), shape);
  }

  /** The layer by statistics of all places, where it has only some. */
  private normalised(layer: LayerNode, x: Node, { over, groups }: Normalising): Node {
    const [id = -1] = layer.inputs;
    const sides = [1, over === "all" ? 1 : this.shape(id)[2], 1, 1];
    const [mean, variance] = ofGroups(
      this.of(statisticName(id, over, "mean"), sides),
      this.of(statisticName(id, over, "variance"), sides),
      groups,
    );
    const inverse = power(add(variance, constant(number(layer.options, "epsilon"))), -0.5);
    const y = mul(sub(x, mean), inverse);
    if (layer.options.affine !== true) return y;
    const [scale, shift] = ["scale", "shift"].map((name) => {
      const weight = this.parameter(parameterName(this.network.name, layer, name));
      return reshape(weight, [1, weight.shape[0] ?? 0, 1, 1]);
    });
    return add(mul(y, scale ?? impossible("no scale")), shift ?? impossible("no shift"));
  }

  private apply(layer: LayerNode): Node {
    const box = this.demand(layer.id);
    const needs = layer.inputs.map((id) => neededBy(layer, box, this.shape(id)));
    const inputs = layer.inputs.map((id, i) => {
      const x = this.values.get(id) ?? impossible(`value ${id} comes later`);
      return cut(x, this.demand(id), needs[i] ?? box);
    });
    const [x = impossible(`${layer.path} has no input`)] = inputs;
    const by = normalising(layer, this.shapes);
    if (by !== undefined) return this.normalised(layer, x, by);
    const [part, ...beside] = inputs.map(({ shape: [, c = 1, h = 1, w = 1] }): Shape => [h, w, c]);
    const made = layers.get(layer.kind)?.shape(part ?? layer.shape, layer.options, beside);
    if (made !== undefined && isLeft(made))
      return impossible(`${layer.path}: ${reasonOf(made.left)}`);
    const own = made === undefined ? layer : { ...layer, shape: made.right };
    const value = layerValue(this.network, own, inputs, (name) => this.parameter(name), {
      buffer: (name, shape) => this.of(names.bufferName(name), shape),
    });
    const [need = box] = needs;
    return isVector(layer.shape) || made === undefined
      ? value
      : cut(value, beginOf(layer, need), box);
  }

  build(): Graph {
    for (const layer of this.stage.layers) this.values.set(layer.id, this.apply(layer));
    const result = this.values.get(this.stage.value) ?? impossible("a stage gives nothing");
    return {
      name: `${this.network.name}.tile`,
      inputs: [...this.given.values()],
      outputs: new Map([[names.translatedName, fromGraph(result)]]),
    };
  }
}

/** The part `box` of the stage's value. */
export const tileOf = (network: Network, stage: Stage, box: Box): Tile => {
  const builder = new TileBuilder(network, stage, box);
  return { graph: builder.build(), reads: builder.reads };
};
