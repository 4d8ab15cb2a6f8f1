/** Windows that slide over an image: their options, and the shape of what they give. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Shape } from "./layer.js";
import { int, number, type Options } from "./signature.js";

export const kernel = int("kernel", "side of the square window, in pixels", { least: 1 });
export const stride = int("stride", "step of the window, in pixels", { defaultValue: 1, least: 1 });
export const pad = int("pad", "zeros added on each side, in pixels", { defaultValue: 0, least: 0 });

const positions = (size: number, k: number, s: number, p: number): number =>
  Math.floor((size + 2 * p - k) / s) + 1;

/** `channels`: of the output. */
export const slide =
  (channels: (input: Shape, o: Options) => number) =>
  (input: Shape, o: Options): Either<string, Shape> => {
    const [height, width] = input;
    const [k, s, p] = [number(o, "kernel"), number(o, "stride"), number(o, "pad")];
    const smallest = Math.min(height, width) + 2 * p;
    return smallest < k
      ? left(
          `its window of ${k} x ${k} is wider than the ${height + 2 * p} x ${width + 2 * p} pixels it slides over`,
        )
      : right([positions(height, k, s, p), positions(width, k, s, p), channels(input, o)]);
  };

export const geometry = (o: Options) => ({ stride: number(o, "stride"), pad: number(o, "pad") });

export const windowOf = (o: Options) => ({ kernel: number(o, "kernel"), ...geometry(o) });
