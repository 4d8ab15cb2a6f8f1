/**
 * Networks as instantiated: layers with every size known, and parameters with the names that every
 * engine gives them.
 */
import type { Sides } from "../base/sides.js";
import type { Span } from "../base/source.js";
import type { Equalized } from "../operators/equalized.js";
import type { Parameter, Shape } from "../operators/layer.js";
import { layers, outputAxis } from "../operators/layers.js";
import type { Options } from "../operators/signature.js";
import type { InnerOf } from "./term.js";

/** The inner network that a layer belongs to. */
export interface Owner {
  /** The network that the parameters belong to. */
  readonly network: string;
  /** The layer's path there. */
  readonly path: string;
  /** Inputs of the inner network, as value numbers of the outer network. */
  readonly inputs: readonly number[];
}

/** One layer of a network, after expansion and repetition. */
export interface LayerNode {
  /** The network's inputs have the numbers from 0 on, its layers those behind them. */
  readonly id: number;
  /** Unique within the network: `R_3.conv_2`. */
  readonly path: string;
  /** The layer's name, or `add`, `sub`, `mul`, `concat` for what joins two values. */
  readonly kind: string;
  readonly options: Options;
  readonly inputs: readonly number[];
  readonly shape: Shape;
  readonly parameters: readonly Parameter[];
  /** Whether its weight is divided by its largest singular value. */
  readonly isSpectral?: boolean | undefined;
  /** How its parameters are multiplied where they are used, and drawn. */
  readonly equalized?: Equalized | undefined;
  readonly owner?: Owner | undefined;
  /**
   * The outermost of the networks inside of this one that it stands in: what that is applied to,
   * and the path there.
   */
  readonly within?: Owner | undefined;
  /** Receptive field of one output position, in input pixels. */
  readonly field: Sides;
  readonly span: Span;
}

/** `G.R_3.conv_2.weight`: of a layer of a network inside, by the network that it belongs to. */
export const parameterName = (
  network: string,
  { path, owner }: Pick<LayerNode, "path" | "owner">,
  parameter: string,
): string => `${owner?.network ?? network}.${owner?.path ?? path}.${parameter}`;

export interface NetworkParameter {
  /** `G.R_3.conv_2.weight` */
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Network {
  readonly name: string;
  /** The domain of each input. */
  readonly from: readonly string[];
  /** A domain's name, or `Scores`. */
  readonly to: string;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  /** Names of the networks inside of it, whose parameters it computes with. */
  readonly inner: readonly string[];
  readonly layers: readonly LayerNode[];
  /**
   * Number of the layer that gives the output, or of an input: these count from 0, layers go on
   * behind them.
   */
  readonly last: number;
  /** Its own. */
  readonly parameters: readonly NetworkParameter[];
  /** All that it computes with: its own, and those of networks inside of it. */
  readonly reads: readonly NetworkParameter[];
  /**
   * Tensors that it and its inner networks keep without learning them: `D.conv.weight.u`,
   * `D.batch_norm.mean`.
   */
  readonly buffers: readonly NetworkParameter[];
  /** Whether no player trains it. */
  readonly isFrozen: boolean;
  /** The path, from the spec's file, of the file that its first weights are in. */
  readonly weights?: string;
  /** Place of the `from` in the spec. */
  readonly weightsSpan?: Span;
  /** Count of learnt numbers that it computes with. */
  readonly size: number;
  /** Sides in pixels of the input window that one output position sees, normalisation aside. */
  readonly receptiveField: Sides;
  readonly span: Span;
}

/** The networks inside of each of these. */
export const innerOf =
  (networks: readonly Network[]): InnerOf =>
  (name) =>
    networks.find((network) => network.name === name)?.inner ?? [];

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Each name once: a network may stand inside of another more than once. */
const once = (parameters: readonly NetworkParameter[]): readonly NetworkParameter[] => [
  ...new Map(parameters.map((parameter) => [parameter.name, parameter])).values(),
];

/**
 * For a weight that spectral normalisation divides, the vector that it finds the singular value by.
 */
const vectorsOf = ({ kind, parameters, isSpectral }: LayerNode): readonly Parameter[] =>
  isSpectral !== true
    ? []
    : parameters
        .filter(({ name }) => name === "weight")
        .map(({ name, shape }) => ({
          name: `${name}.u`,
          shape: [shape[outputAxis(kind, shape.length)] ?? 1],
        }));

/** Statistics that the layer keeps of what passes in training. */
export const statisticsOf = ({ kind, shape, options }: LayerNode): readonly Parameter[] =>
  layers.get(kind)?.keeps?.buffers(shape, options) ?? [];

const buffersOf = (network: string, all: readonly LayerNode[]): readonly NetworkParameter[] =>
  once(
    all.flatMap((layer) =>
      [...vectorsOf(layer), ...statisticsOf(layer)].map(({ name, shape }) => ({
        name: parameterName(network, layer, name),
        shape,
      })),
    ),
  );

/** Facts that follow from a network's layers. */
export type MadeOf = Pick<Network, "inner" | "parameters" | "reads" | "buffers" | "size">;

export const madeOf = (network: string, all: readonly LayerNode[]): MadeOf => {
  const parametersOf = (layer: LayerNode): readonly NetworkParameter[] =>
    layer.parameters.map(({ name, shape }) => ({
      name: parameterName(network, layer, name),
      shape,
    }));
  const reads = once(all.flatMap(parametersOf));
  return {
    inner: [...new Set(all.flatMap(({ owner }) => owner?.network ?? []))],
    parameters: all.filter(({ owner }) => owner === undefined).flatMap(parametersOf),
    reads,
    buffers: buffersOf(network, all),
    size: reads.reduce((sum, { shape }) => sum + product(shape), 0),
  };
};
