/** Values at places that are known only when the graph runs. */
import { make } from "../build.js";
import { type Attributes, type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { scatterAdd as addedAt, gather as elementsAt, type Strips, stripsOf } from "./offsets.js";
import * as onnx from "./onnx/gathering.js";
import {
  notAxes,
  notRank,
  notWholes,
  numbersOf,
  type Problem,
  shapeUnless,
  show,
  type Two,
} from "./rules.js";

/** The shape with the first of the axes as long as there are places, and the others of side 1. */
const gatheredShape = (x: Shape, axes: readonly number[], count: number): Shape =>
  x.map((side, axis) => (axis === axes[0] ? count : axes.includes(axis) ? 1 : side));

/** Whether the places are no list, or the axes are none, or do not follow one another. */
const notAlong = (x: Shape, places: Shape, attributes: Attributes): Problem => {
  const axes = numbersOf(attributes, "axes");
  const [first = 0] = axes;
  const areNeighbours = axes.length > 0 && axes.every((axis, i) => axis === first + i);
  return (
    notAxes(attributes, x.length) ??
    (areNeighbours ? undefined : "axes must be at least one, and neighbours") ??
    notRank(places, 1, "places")
  );
};

/** For each number of what is gathered, where it stands in the whole. */
const offsetsAt = ({ before, along, behind }: Strips, places: Float64Array): Int32Array => {
  const found = new Int32Array(before * places.length * behind);
  let next = 0;
  for (let strip = 0; strip < before; strip++)
    for (const place of places)
      for (let i = 0; i < behind; i++) found[next++] = (strip * along + place) * behind + i;
  return found;
};

const gatherOperator: Operator = {
  name: "gather",
  doc: "What x has at the places, of a list of whole numbers, in row-major order over neighbouring axes: the first of these is as long as the list, the others have a side of 1. 0 <= place < the product of their sides. No derivative for the places.",
  attributes: { axes: "numbers" },
  arity: 2,
  shape: (inputs, attributes) => {
    const [x, places] = inputs as Two<Shape>;
    return shapeUnless(notAlong(x, places, attributes), () =>
      gatheredShape(x, numbersOf(attributes, "axes"), places[0] as number),
    );
  },
  vjp: (node, dy) => {
    const [x, places] = node.inputs as Two<Node>;
    const axes = numbersOf(node.attributes, "axes");
    const sides = axes.map((axis) => x.shape[axis] as number);
    return [() => scatterAdd(dy, places, axes, sides), undefined];
  },
  evaluate: (inputs, attributes) => {
    const [x, places] = inputs as Two<Tensor>;
    const strips = stripsOf(x.shape, numbersOf(attributes, "axes"));
    return elementsAt(x.data, offsetsAt(strips, places.data));
  },
  onnx: onnx.gather,
};

/**
 * What x has at the places, which count over the axes (neighbours, ascending) in row-major order.
 */
export const gather = (x: Node, places: Node, axes: readonly number[]): Node =>
  make(gatherOperator, [x, places], { axes: [...axes] });

const scatterAddOperator: Operator = {
  name: "scatter_add",
  doc: "The adjoint of gather in x, whose axes have the given sides: each element of dy is added at its place, among zeros. No derivative for the places.",
  attributes: { axes: "numbers", sides: "numbers" },
  arity: 2,
  shape: (inputs, attributes) => {
    const [dy, places] = inputs as Two<Shape>;
    const [axes, sides] = [numbersOf(attributes, "axes"), numbersOf(attributes, "sides")];
    const gathered = gatheredShape(dy, axes, places[0] as number);
    return shapeUnless(
      notAlong(dy, places, attributes) ??
        notWholes(attributes, 1, "sides", axes.length) ??
        (show(gathered) === show(dy) ? undefined : `${show(dy)} should be ${show(gathered)}`),
      () => dy.map((side, axis) => sides[axes.indexOf(axis)] ?? side),
    );
  },
  vjp: (node, dx) => {
    const [, places] = node.inputs as Two<Node>;
    return [() => gather(dx, places, numbersOf(node.attributes, "axes")), undefined];
  },
  evaluate: (inputs, attributes, shape) => {
    const [dy, places] = inputs as Two<Tensor>;
    const strips = stripsOf(shape, numbersOf(attributes, "axes"));
    return addedAt(dy.data, offsetsAt(strips, places.data), new Float64Array(sizeOf(shape)));
  },
  onnx: onnx.scatterAdd,
};

/** The adjoint of `gather` in x, for axes of the given sides. */
export const scatterAdd = (
  dy: Node,
  places: Node,
  axes: readonly number[],
  sides: readonly number[],
): Node => make(scatterAddOperator, [dy, places], { axes: [...axes], sides: [...sides] });

export const gathering: readonly Operator[] = [gatherOperator, scatterAddOperator];
