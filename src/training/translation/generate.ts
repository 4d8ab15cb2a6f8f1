/**
 * Writes images that a trained network makes from noise and classes. The same seed gives the same
 * images.
 */
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { hostDraw, oneHot } from "../../data/batches/host-draws.js";
import { reasonOf } from "../../data/files/errors.js";
import { encodePng, fromTensor } from "../../data/images/image.js";
import { diskError, makeFolder, realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { Generator } from "../program/program.js";

export interface GenerationJob {
  readonly session: Session;
  readonly generator: Generator;
  readonly count: number;
  /**
   * Images made at once, the recipe's batch: layers that look at the whole batch see as many as in
   * training.
   */
  readonly batch: number;
  /** Class of every image, from 0. If missing, classes take turns. */
  readonly only: number | undefined;
  readonly seed: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly written: (path: string) => void;
}

/** Draws the k-th batch of samples of every domain. Image i does not depend on the count. */
const drawn = (job: GenerationJob, k: number): readonly HostTensor[] => {
  const { generator, batch, only, seed } = job;
  return generator.from.map((domain, place) => {
    const [, , classes] = domain.shape;
    const classOf = (i: number): number => only ?? (k * batch + i) % classes;
    return domain.kind === "labels"
      ? oneHot(
          Array.from({ length: batch }, (_, i) => classOf(i)),
          classes,
        )
      : hostDraw(domain, `generate/${generator.network}/${place}`, batch, seed, 0, k);
  });
};

/** Writes `0001.png` and so on, over existing images. */
const writeBatch = async (
  job: GenerationJob,
  k: number,
): Promise<Either<TrainingError, undefined>> => {
  const { session, generator, batch, count, folder } = job;
  const made = await session.translate(generator.network, drawn(job, k));
  const images = fromTensor(made, generator.to.range).slice(0, count - k * batch);
  for (const [i, image] of images.entries()) {
    const path = join(folder, `${String(k * batch + i + 1).padStart(4, "0")}.png`);
    const written = await writeAtomically(realDisk, path, [await encodePng(image)]);
    if (isLeft(written)) return written;
    job.written(path);
  }
  return right(undefined);
};

/** Writes `count` images, or fewer if interrupted. */
export const generateFiles = async (
  job: GenerationJob,
): Promise<Either<TrainingError, undefined>> => {
  try {
    makeFolder(job.folder);
  } catch (thrown) {
    return left(diskError(job.folder, thrown));
  }
  try {
    for (let k = 0; k * job.batch < job.count && !job.signal.aborted; k++) {
      const written = await writeBatch(job, k);
      if (isLeft(written)) return written;
    }
    return right(undefined);
  } catch (thrown) {
    return left({ kind: "engine", reason: reasonOf(thrown) });
  }
};
