/** The rules of shapes, applied to layers of a network. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf, type Shape } from "../operators/layer.js";
import { layers } from "../operators/layers.js";
import type { LayerNode } from "./network.js";

const show = (shape: readonly number[]): string => shape.join(" x ");

export const sameSize = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

/** Of values that are joined; a vector stands at every place of an image. */
const joined = (kind: string, inputs: readonly Shape[]): Either<string, Shape> => {
  const [height, width] = [0, 1].map((axis) => Math.max(...inputs.map((x) => x[axis] ?? 1)));
  const sides = [height ?? 1, width ?? 1] as const;
  const fits = ([h, w]: Shape): boolean =>
    (h === sides[0] && w === sides[1]) || (h === 1 && w === 1);
  if (!inputs.every(fits)) return left(`it joins ${inputs.map(show).join(" and ")}`);
  const channels = inputs.map(([, , c]) => c);
  const sum = channels.reduce((a, b) => a + b, 0);
  return right([...sides, kind === "concat" ? sum : Math.max(...channels)]);
};

/** Whether the layer's weights are those that it has for these inputs. */
export const hasWeights = (layer: LayerNode, [input = layer.shape]: readonly Shape[]): boolean => {
  const wanted = layers.get(layer.kind)?.parameters(input, layer.options) ?? [];
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
  if (entry === undefined) return joined(layer.kind, inputs);
  const [input = layer.shape] = inputs;
  const shape = entry.shape(input, layer.options);
  if (isLeft(shape)) return left(reasonOf(shape.left));
  return hasWeights(layer, inputs) ? shape : left("it has a weight for each place of its input");
};
