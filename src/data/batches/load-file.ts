/**
 * Loads one image file and applies the stages that draw nothing: the work done in parallel with
 * training.
 */
import { type Either, isLeft, left, map } from "fp-ts/lib/Either.js";
import type { AugmentStage } from "../../program/model.js";
import { readImage } from "../images/decode.js";
import type { Raster } from "../images/image.js";
import { inLevels } from "../images/numbers.js";
import { cutPart, type Part } from "../images/part.js";
import { sized } from "../images/resize.js";

export interface LoadJob {
  readonly path: string;
  /** Whether fractions in the file are in [0, 1]. */
  readonly isUnit: boolean;
  /** Which part of the picture is the image. */
  readonly part?: Part | undefined;
  /** Range of the domain's values. */
  readonly range: readonly [number, number];
  /** The domain's stages. Only resizes apply here. */
  readonly stages: readonly AugmentStage[];
}

/**
 * Converts an image to levels and applies the stages that draw nothing. The left side is the reason
 * why it cannot.
 */
export const fixedStagesOf = (
  image: Raster,
  range: LoadJob["range"],
  stages: LoadJob["stages"],
): Either<string, Raster> =>
  map((levels: Raster) =>
    stages.reduce((made, stage) => (stage.kind === "resize" ? sized(made, stage) : made), levels),
  )(inLevels(image, range));

/** Files already found intact. They are not checked again. */
const known = new Set<string>();

/**
 * Decodes a file and applies its fixed stages. The bits do not depend on the thread. The left side
 * is the reason why the file cannot be used.
 */
export const loadFile = async ({
  path,
  isUnit,
  part,
  range,
  stages,
}: LoadJob): Promise<Either<string, Raster>> => {
  const read = await readImage(path, path, known.has(path));
  if (isLeft(read)) return left(read.left.reason);
  known.add(path);
  const cut = cutPart(read.right, part);
  if (isLeft(cut)) return cut;
  const scaled = isUnit ? inLevels(cut.right, [0, 1]) : cut;
  return isLeft(scaled) ? scaled : fixedStagesOf(scaled.right, range, stages);
};
