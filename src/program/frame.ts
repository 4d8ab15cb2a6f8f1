/**
 * The frame that a picture of any size is put into for a network: the smallest sides, not below the
 * picture's, at which the layers fit together and the result is in the proportion of the network's
 * domains, so that it can be cut back.
 */
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import type { Shape } from "../operators/layer.js";
import type { Network } from "./model.js";
import { resized } from "./resized.js";

export interface Side {
  readonly height: number;
  readonly width: number;
}

export interface Frame {
  /** The network at the frame's size. */
  readonly network: Network;
  /** For each input, the part that the picture fills, from the upper left. Vectors are whole. */
  readonly filled: readonly Side[];
  /** The part of the result that belongs to the picture. */
  readonly result: Side;
}

/** A side in the proportion of two sides of domains; undefined where it is no whole number. */
const inProportion = (side: number, of: number, to: number): number | undefined =>
  (side * to) % of === 0 ? (side * to) / of : undefined;

const isVector = ([height, width]: Shape): boolean => height * width === 1;

/** Every input's shape where that of the picture, at `place`, has these sides. */
const inputsAt = (
  { inputs }: Network,
  place: number,
  { height, width }: Side,
): readonly Shape[] | undefined => {
  const [h = 1, w = 1] = inputs[place] ?? [];
  const shapes = inputs.map((shape): Shape | undefined => {
    if (isVector(shape)) return shape;
    const [tall, wide] = [inProportion(height, h, shape[0]), inProportion(width, w, shape[1])];
    return tall === undefined || wide === undefined ? undefined : [tall, wide, shape[2]];
  });
  return shapes.every((shape) => shape !== undefined) ? shapes : undefined;
};

/** The network where the picture has these sides, if the result is in proportion. */
const networkAt = (network: Network, place: number, side: Side): Either<string, Network> => {
  const shapes = inputsAt(network, place, side);
  if (shapes === undefined) return left("its inputs are of sizes that have no common measure");
  const fitting = resized(network, shapes);
  if (isLeft(fitting)) return fitting;
  const [h = 1, w = 1] = network.inputs[place] ?? [];
  const [height, width] = fitting.right.output;
  return inProportion(side.height, h, network.output[0]) === height &&
    inProportion(side.width, w, network.output[1]) === width
    ? fitting
    : left("what it makes is not in proportion to what it takes");
};

/** Looked at beyond the picture's own side: a U-Net of eight halvings takes every 256th. */
const margin = 1024;

/** The smallest side from `least` on that fits along one axis; the other has the domain's. */
const smallest = (least: number, fits: (side: number) => boolean): number | undefined => {
  for (let side = Math.max(1, least); side <= least + margin; side++) if (fits(side)) return side;
  return undefined;
};

/**
 * The frame for a picture of `height` x `width` pixels as input `place`; other inputs grow with it.
 * Left: why the network keeps to the size of its domains.
 */
export const frameOf = (
  network: Network,
  place: number,
  { height, width }: Side,
): Either<string, Frame> => {
  const [h = 1, w = 1] = network.inputs[place] ?? [];
  const doubled = networkAt(network, place, { height: 2 * h, width: 2 * w });
  const tall = smallest(height, (side) =>
    isRight(networkAt(network, place, { height: side, width: w })),
  );
  const wide = smallest(width, (side) =>
    isRight(networkAt(network, place, { height: h, width: side })),
  );
  const none = isLeft(doubled) ? doubled.left : "no size near the picture's fits its layers";
  if (tall === undefined || wide === undefined || isLeft(doubled)) return left(none);
  const framed = networkAt(network, place, { height: tall, width: wide });
  if (isLeft(framed)) return framed;
  const partOf = (shape: Shape, whole: Shape): Side =>
    isVector(shape)
      ? { height: whole[0], width: whole[1] }
      : {
          height: Math.ceil((height * shape[0]) / h),
          width: Math.ceil((width * shape[1]) / w),
        };
  return right({
    network: framed.right,
    filled: network.inputs.map((shape, i) => partOf(shape, framed.right.inputs[i] ?? shape)),
    result: {
      height: Math.max(1, Math.round((height * network.output[0]) / h)),
      width: Math.max(1, Math.round((width * network.output[1]) / w)),
    },
  });
};
