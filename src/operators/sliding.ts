/** Windows that slide over an image: their options, and the shape of what they give. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { type Axis, areaText, axes, eachAxis, type Pair, type Sides } from "../base/sides.js";
import type { Shape } from "./layer.js";
import { int, type Options, type SidesName, side, sides, sidesNamed } from "./signature.js";

const texts = {
  kernel: "side of the square window, in pixels",
  stride: "step of the window, in pixels",
  pad: "zeros added on each side, in pixels",
} as const;
const first = { defaultValue: 1, least: 1 };
const none = { defaultValue: 0, least: 0 };

export const kernel = sides("kernel", "sides of the window, in pixels", { least: 1 });
export const stride = sides("stride", texts.stride, first);
export const pad = sides("pad", texts.pad, none);

/** The same of layers whose windows are square. */
export const squareKernel = int("kernel", texts.kernel, { least: 1 });
export const squareStride = int("stride", texts.stride, first);
export const squarePad = int("pad", texts.pad, none);

const positionsOf = (size: number, o: Options, axis: Axis): number =>
  Math.floor((size + 2 * side(o, "pad", axis) - spanOf(o, axis)) / side(o, "stride", axis)) + 1;

/** Pixels from the first place of the window to its last along an axis, both counted. */
export const spanOf = (o: Options, axis: Axis): number =>
  (side(o, "kernel", axis) - 1) * (o.dilation === undefined ? 1 : side(o, "dilation", axis)) + 1;

/** `channels`: of the output. */
export const slide =
  (channels: (input: Shape, o: Options) => number) =>
  (input: Shape, o: Options): Either<string, Shape> => {
    const padded = eachAxis((axis) => input[axis] + 2 * side(o, "pad", axis));
    const window = eachAxis((axis) => spanOf(o, axis));
    const positions = axes.map((axis) => positionsOf(input[axis], o, axis)) as unknown as Pair;
    const short = positions[1] < 1 || typeof window === "number" ? "wider" : "taller";
    return positions.some((count) => count < 1)
      ? left(
          `its window of ${areaText(window)} is ${short} than the ${areaText(padded)} pixels it slides over`,
        )
      : right([...positions, channels(input, o)]);
  };

/** Writes the numbers that divide all of these: `1, 2 or 4`. */
export const divisors = (...counts: readonly number[]): string => {
  const all = Array.from({ length: Math.min(...counts) }, (_, i) => i + 1);
  const fitting = all.filter((n) => counts.every((count) => count % n === 0));
  const last = `${fitting.at(-1)}`;
  return fitting.length === 1 ? last : `${fitting.slice(0, -1).join(", ")} or ${last}`;
};

/** How the graph is told of a window that slides. */
export const geometry = (o: Options): { readonly stride: Sides; readonly pad: Sides } => ({
  stride: sidesNamed(o, "stride"),
  pad: sidesNamed(o, "pad"),
});

export const windowOf = (o: Options) => ({ kernel: sidesNamed(o, "kernel"), ...geometry(o) });

/** The window of one output position along an axis, as receptive fields are counted by. */
export const windowAlong = (o: Options, axis: Axis) => ({
  kernel: spanOf(o, axis),
  stride: side(o, "stride", axis),
  upsampling: 1,
});

/** How many places a window has. */
export const areaOf = (o: Options, name: SidesName): number => side(o, name, 0) * side(o, name, 1);
