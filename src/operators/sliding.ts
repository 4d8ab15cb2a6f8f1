/** Windows that slide over an image: their options, and the shape of what they give. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Shape } from "./layer.js";
import { int, number, type Options } from "./signature.js";

export const kernel = int("kernel", "side of the square window, in pixels", { least: 1 });
export const stride = int("stride", "step of the window, in pixels", { defaultValue: 1, least: 1 });
export const pad = int("pad", "zeros added on each side, in pixels", { defaultValue: 0, least: 0 });

const positions = (size: number, k: number, s: number, p: number): number =>
  Math.floor((size + 2 * p - k) / s) + 1;

/** Pixels from the first place of the window to its last, both counted. */
export const spanOf = (o: Options): number =>
  (number(o, "kernel") - 1) * (o.dilation === undefined ? 1 : number(o, "dilation")) + 1;

/** `channels`: of the output. */
export const slide =
  (channels: (input: Shape, o: Options) => number) =>
  (input: Shape, o: Options): Either<string, Shape> => {
    const [height, width] = input;
    const [k, s, p] = [spanOf(o), number(o, "stride"), number(o, "pad")];
    const smallest = Math.min(height, width) + 2 * p;
    return smallest < k
      ? left(
          `its window of ${k} x ${k} is wider than the ${height + 2 * p} x ${width + 2 * p} pixels it slides over`,
        )
      : right([positions(height, k, s, p), positions(width, k, s, p), channels(input, o)]);
  };

/** Writes the numbers that divide all of these: `1, 2 or 4`. */
export const divisors = (...counts: readonly number[]): string => {
  const all = Array.from({ length: Math.min(...counts) }, (_, i) => i + 1);
  const fitting = all.filter((n) => counts.every((count) => count % n === 0));
  const last = `${fitting.at(-1)}`;
  return fitting.length === 1 ? last : `${fitting.slice(0, -1).join(", ")} or ${last}`;
};

export const geometry = (o: Options) => ({ stride: number(o, "stride"), pad: number(o, "pad") });

export const windowOf = (o: Options) => ({ kernel: number(o, "kernel"), ...geometry(o) });
