/** How the weights and buffers of a model begin: as plain data, and drawn by a seed. */

import { impossible } from "../../base/impossible.js";
import { normals, uniforms } from "../../base/random.js";
import { sizeOf } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import { inits } from "../../operators/inits.js";
import { type Distribution, fansOf } from "../../parameters/distributions.js";
import { equalizedSpread } from "../../parameters/equalized.js";
import { startOf } from "../../parameters/starts.js";
import { initOf, type Model, type Network } from "../../program/model.js";
import { parameterName } from "../../program/network.js";
import type { InitChoice } from "../../program/recipe.js";
import { orthogonal } from "./orthogonal.js";

/** How a weight or a buffer begins: as one number, or drawn from a stream. */
export type Start =
  | { readonly name: string; readonly shape: readonly number[]; readonly value: number }
  | {
      readonly name: string;
      readonly shape: readonly number[];
      /** Name of the stream. */
      readonly stream: string;
      readonly from: Distribution;
    };

/** Any direction will do for what is drawn of buffers: the step rotates it. */
const unit: InitChoice = { kind: "normal", options: { mean: 0, std: 1 } };

/** How the parameters of layers begin whose learning rate is equalised. */
const equalizedIn = ({ name: network, layers }: Network): ReadonlyMap<string, InitChoice> =>
  new Map(
    layers.flatMap((layer) => {
      const { owner, equalized, parameters } = layer;
      if (owner !== undefined || equalized === undefined) return [];
      const init = { kind: "normal", options: { mean: 0, std: equalizedSpread(equalized) } };
      return parameters.map(({ name }) => [parameterName(network, layer, name), init] as const);
    }),
  );

/** Lists how all weights and buffers begin, by their names in the state. */
export const startsIn = ({ networks, recipe }: Model): readonly Start[] => {
  const begun = (
    name: string,
    key: string,
    shape: readonly number[],
    { kind, options }: InitChoice,
  ): Start => {
    const value = startOf(key);
    if (value !== undefined) return { name, shape, value };
    const init = inits.get(kind) ?? impossible(`${kind} is no init`);
    return { name, shape, stream: `init/${key}`, from: init.distribution(fansOf(shape), options) };
  };
  return [
    ...networks.flatMap((network) => {
      const own = equalizedIn(network);
      return network.parameters.map(({ name, shape }) =>
        begun(
          names.parameterName(name),
          name,
          shape,
          own.get(name) ?? initOf(recipe, network.name),
        ),
      );
    }),
    ...networks
      .flatMap(({ buffers }) => buffers)
      .map(({ name, shape }) => begun(names.bufferName(name), name, shape, unit)),
  ];
};

/** The numbers that a weight or a buffer begins as. */
export const startValues = (start: Start, seed: number): Float32Array => {
  const size = sizeOf(start.shape);
  if (!("stream" in start)) return new Float32Array(size).fill(start.value);
  const { stream, from } = start;
  switch (from.kind) {
    case "normal":
      return normals(seed, stream, size, from.mean, from.std);
    case "uniform":
      return uniforms(seed, stream, size, from.low, from.high);
    case "orthogonal":
      return orthogonal(seed, stream, start.shape, from.gain);
  }
};

/** Yields the initial weights and buffers that are not zero. */
export function* weightsOf(model: Model, seed: number): Generator<readonly [string, Float32Array]> {
  for (const start of startsIn(model))
    if ("stream" in start || start.value !== 0) yield [start.name, startValues(start, seed)];
}
