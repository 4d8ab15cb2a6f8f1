/** The rules of shapes, applied to layers of a network. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { joins } from "../operators/joins.js";
import { reasonOf, type Shape } from "../operators/layer.js";
import { layers } from "../operators/layers.js";
import type { LayerNode } from "./network.js";

const show = (shape: readonly number[]): string => shape.join(" x ");

export const sameSize = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

/** Whether the layer's weights are those that it has for these inputs. */
export const hasWeights = (
  layer: LayerNode,
  [input = layer.shape, ...beside]: readonly Shape[],
): boolean => {
  const wanted = layers.get(layer.kind)?.parameters(input, layer.options, beside) ?? [];
  return (
    wanted.length === layer.parameters.length &&
    wanted.every(({ name, shape }, i) => {
      const own = layer.parameters[i];
      return own?.name === name && sameSize(own.shape, shape);
    })
  );
};

/** The shape of what a layer with these weights gives, or why it does not take these inputs. */
export const shapeOf = (layer: LayerNode, inputs: readonly Shape[]): Either<string, Shape> => {
  const entry = layers.get(layer.kind);
  if (entry === undefined) {
    const joined = joins.get(layer.kind)?.shape(inputs);
    return joined === undefined
      ? left(`it joins ${inputs.map(show).join(" and ")}`)
      : right(joined);
  }
  const [input = layer.shape, ...beside] = inputs;
  const shape = entry.shape(input, layer.options, beside);
  if (isLeft(shape)) return left(reasonOf(shape.left));
  return hasWeights(layer, inputs) ? shape : left("it has a weight for each place of its input");
};
