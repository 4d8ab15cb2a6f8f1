/** Reflection of an image [n, c, h, w] at its border, and its adjoint. */
import { make } from "../build.js";
import { type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { gather, scatterAdd } from "./offsets.js";
import * as onnx from "./onnx/padding.js";
import { notRank, notWhole, numberOf, type One, type Shape4, shapeUnless } from "./rules.js";

/** For each position of a padded axis, the position in the axis that it mirrors. */
const mirrored = (side: number, pad: number): readonly number[] =>
  Array.from({ length: side + 2 * pad }, (_, i) => {
    const at = Math.abs(i - pad);
    return at < side ? at : 2 * (side - 1) - at;
  });

/** For each position of the padded image, the offset in the image that it mirrors. */
const mirroredOffsets = ([n, c, h, w]: Shape4, pad: number): Int32Array => {
  const [rows, columns] = [mirrored(h, pad), mirrored(w, pad)];
  return Int32Array.from(
    Array.from({ length: n * c }, (_, plane) =>
      rows.flatMap((row) => columns.map((column) => (plane * h + row) * w + column)),
    ).flat(),
  );
};

const grown = ([n, c, h, w]: Shape4, by: number): Shape4 => [n, c, h + by, w + by];

export const reflectPadOperator: Operator = {
  name: "reflect_pad",
  doc: "Images [n, c, h, w] with `pad` mirrored pixels on each side; the border itself is not repeated. pad < side.",
  attributes: { pad: "number" },
  extent: "each image",
  moves: true,
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape4>;
    const pad = numberOf(attributes, "pad");
    return shapeUnless(
      notRank(x, 4, "the image") ??
        notWhole(attributes, 0, ["pad"]) ??
        (pad < Math.min(x[2], x[3]) ? undefined : "pad must be less than the sides"),
      () => grown(x, 2 * pad),
    );
  },
  vjp: (node, dy) => [() => reflectFold(dy, numberOf(node.attributes, "pad"))],
  evaluate: (inputs, attributes) => {
    const [x] = inputs as One<Tensor>;
    return gather(x.data, mirroredOffsets(x.shape as Shape4, numberOf(attributes, "pad")));
  },
  onnx: onnx.reflectPad,
};

/** x [n, c, h, w] with `pad` mirrored pixels on each side. */
export const reflectPad = (x: Node, pad: number): Node => make(reflectPadOperator, [x], { pad });

const reflectFoldOperator: Operator = {
  name: "reflect_fold",
  doc: "The adjoint of reflect_pad: every pixel of the `pad` outermost rows and columns is added to the one that it mirrors.",
  attributes: { pad: "number" },
  extent: "each image",
  arity: 1,
  shape: (inputs, attributes) => {
    const [dy] = inputs as One<Shape4>;
    const pad = numberOf(attributes, "pad");
    return shapeUnless(
      notRank(dy, 4, "the gradient") ??
        notWhole(attributes, 0, ["pad"]) ??
        (3 * pad < Math.min(dy[2], dy[3]) ? undefined : "pad must be less than the folded sides"),
      () => grown(dy, -2 * pad),
    );
  },
  vjp: (node, dx) => [() => reflectPad(dx, numberOf(node.attributes, "pad"))],
  evaluate: (inputs, attributes, shape: Shape) => {
    const [dy] = inputs as One<Tensor>;
    const to = mirroredOffsets(shape as Shape4, numberOf(attributes, "pad"));
    return scatterAdd(dy.data, to, new Float64Array(sizeOf(shape)));
  },
  onnx: onnx.reflectFold,
};

/** The adjoint of `reflectPad`. */
export const reflectFold = (x: Node, pad: number): Node => make(reflectFoldOperator, [x], { pad });

export const padding: readonly Operator[] = [reflectPadOperator, reflectFoldOperator];
