/** Reflection of an image [n, c, h, w] at its border, and its adjoint. */
import { along, bothOf, type Sides } from "../../base/sides.js";
import { make } from "../build.js";
import { type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { gather, scatterAdd } from "./offsets.js";
import * as onnx from "./onnx/padding.js";
import { notRank, notWhole, type One, type Shape4, shapeUnless, sidesOf } from "./rules.js";

/** For each position of a padded axis, the position in the axis that it mirrors. */
const mirrored = (side: number, pad: number): readonly number[] =>
  Array.from({ length: side + 2 * pad }, (_, i) => {
    const at = Math.abs(i - pad);
    return at < side ? at : 2 * (side - 1) - at;
  });

/** For each position of the padded image, the offset in the image that it mirrors. */
const mirroredOffsets = ([n, c, h, w]: Shape4, pad: Sides): Int32Array => {
  const [rows, columns] = [mirrored(h, along(pad, 0)), mirrored(w, along(pad, 1))];
  return Int32Array.from(
    Array.from({ length: n * c }, (_, plane) =>
      rows.flatMap((row) => columns.map((column) => (plane * h + row) * w + column)),
    ).flat(),
  );
};

/** The shape with so many times the border more. */
const grown = ([n, c, h, w]: Shape4, pad: Sides, times: number): Shape4 => {
  const [high, wide] = bothOf(pad);
  return [n, c, h + times * high, w + times * wide];
};

/** How many pixels a reflection mirrors on each side. */
export const mirroredOf = ({ attributes }: Node): Sides => sidesOf(attributes, "pad");

export const reflectPadOperator: Operator = {
  name: "reflect_pad",
  doc: "Images [n, c, h, w] with `pad` mirrored pixels on each side; the border itself is not repeated. pad < side.",
  attributes: { pad: "sides" },
  extent: "each image",
  moves: true,
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape4>;
    const pad = sidesOf(attributes, "pad");
    return shapeUnless(
      notRank(x, 4, "the image") ??
        notWhole(attributes, 0, ["pad"]) ??
        (along(pad, 0) < x[2] && along(pad, 1) < x[3]
          ? undefined
          : "pad must be less than the sides"),
      () => grown(x, pad, 2),
    );
  },
  vjp: (node, dy) => [() => reflectFold(dy, sidesOf(node.attributes, "pad"))],
  evaluate: (inputs, attributes) => {
    const [x] = inputs as One<Tensor>;
    return gather(x.data, mirroredOffsets(x.shape as Shape4, sidesOf(attributes, "pad")));
  },
  onnx: onnx.reflectPad,
};

/** x [n, c, h, w] with `pad` mirrored pixels on each side. */
export const reflectPad = (x: Node, pad: Sides): Node => make(reflectPadOperator, [x], { pad });

const reflectFoldOperator: Operator = {
  name: "reflect_fold",
  doc: "The adjoint of reflect_pad: every pixel of the `pad` outermost rows and columns is added to the one that it mirrors.",
  attributes: { pad: "sides" },
  extent: "each image",
  arity: 1,
  shape: (inputs, attributes) => {
    const [dy] = inputs as One<Shape4>;
    const pad = sidesOf(attributes, "pad");
    return shapeUnless(
      notRank(dy, 4, "the gradient") ??
        notWhole(attributes, 0, ["pad"]) ??
        (3 * along(pad, 0) < dy[2] && 3 * along(pad, 1) < dy[3]
          ? undefined
          : "pad must be less than the folded sides"),
      () => grown(dy, pad, -2),
    );
  },
  vjp: (node, dx) => [() => reflectPad(dx, sidesOf(node.attributes, "pad"))],
  evaluate: (inputs, attributes, shape: Shape) => {
    const [dy] = inputs as One<Tensor>;
    const to = mirroredOffsets(shape as Shape4, sidesOf(attributes, "pad"));
    return scatterAdd(dy.data, to, new Float64Array(sizeOf(shape)));
  },
  onnx: onnx.reflectFold,
};

/** The adjoint of `reflectPad`. */
export const reflectFold = (x: Node, pad: Sides): Node => make(reflectFoldOperator, [x], { pad });

export const padding: readonly Operator[] = [reflectPadOperator, reflectFoldOperator];
