/** One image file on its way into a batch, up to what is drawn: the work that is done beside training. */
import { type Either, isLeft, left, map } from "fp-ts/lib/Either.js";
import type { AugmentStage } from "../../program/model.js";
import { readImage } from "../images/decode.js";
import type { Raster } from "../images/image.js";
import { inLevels } from "../images/numbers.js";
import { resize } from "../images/resize.js";

export interface LoadJob {
  readonly path: string;
  /** Whether fractions in it are of [0, 1]. */
  readonly isUnit: boolean;
  /** Of the domain's values. */
  readonly range: readonly [number, number];
  /** Of which only resizes count. */
  readonly stages: readonly AugmentStage[];
}

/** In levels, after the stages that draw nothing. The left side is the reason. */
export const fixedStagesOf = (
  image: Raster,
  range: LoadJob["range"],
  stages: LoadJob["stages"],
): Either<string, Raster> =>
  map((levels: Raster) =>
    stages.reduce(
      (made, stage) => (stage.kind === "resize" ? resize(made, stage.height, stage.width) : made),
      levels,
    ),
  )(inLevels(image, range));

/** Files that were seen whole are not looked through again. */
const known = new Set<string>();

/** Decodes a file and brings it through its stages: the same bits in whatever thread. */
export const loadFile = async ({
  path,
  isUnit,
  range,
  stages,
}: LoadJob): Promise<Either<string, Raster>> => {
  const read = await readImage(path, path, known.has(path));
  if (isLeft(read)) return left(read.left.reason);
  known.add(path);
  const scaled = isUnit ? inLevels(read.right, [0, 1]) : read;
  return isLeft(scaled) ? scaled : fixedStagesOf(scaled.right, range, stages);
};
