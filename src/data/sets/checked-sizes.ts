/**
 * Checks before a run that images have their domain's size if nothing resizes them, so that its
 * first step does not fail.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { AugmentStage, Domain } from "../../program/model.js";
import type { DataError } from "../files/errors.js";
import { someOfSet } from "./looked-at.js";
import type { ImageSource } from "./source.js";

const shapeText = ({ height, width }: { readonly height: number; readonly width: number }) =>
  `${height} x ${width}`;

/** Writes the chain that resizes them: `resize(64) >> random_flip`. */
const mended = ([height, width]: Domain["shape"], stages: readonly AugmentStage[]): string =>
  [
    height === width ? `resize(${height})` : `resize(${height}, ${width})`,
    ...stages.map(({ kind }) => kind),
  ].join(" >> ");

const checkSource = async (
  source: ImageSource,
  domain: Domain,
  stages: readonly AugmentStage[],
): Promise<Either<DataError, void>> => {
  const [height, width] = domain.shape;
  let other: string | undefined;
  const looked = someOfSet(source.size);
  for (const i of looked) {
    const loaded = await source.load(i);
    // Unreadable images are reported elsewhere, where they are passed over.
    if (isLeft(loaded)) continue;
    if (loaded.right.height === height && loaded.right.width === width) return right(undefined);
    other ??= `${source.id(i)}: ${shapeText(loaded.right)}`;
  }
  if (other === undefined) return right(undefined);
  return left({
    kind: "augment-mismatch",
    path: source.name,
    reason: `none of the ${looked.length} images examined has the ${shapeText({ height, width })} pixels of domain ${domain.name} (${other}), and \`augment\` does not resize them`,
    hint: `Write \`augment: ${mended(domain.shape, stages)}\` in the \`train\` block`,
  });
};

/**
 * Looks at up to 16 images of each image domain whose chain neither resizes nor crops. If none of
 * them fits, the left side names one, and the chain to write.
 */
export const checkSizes = async (
  train: Readonly<Record<string, ImageSource>>,
  domains: readonly Domain[],
  augment: Readonly<Record<string, readonly AugmentStage[]>>,
): Promise<Either<DataError, void>> => {
  for (const domain of domains) {
    const [source, stages] = [train[domain.name], augment[domain.name] ?? []];
    if (source === undefined || stages.some((stage) => "height" in stage)) continue;
    const checked = await checkSource(source, domain, stages);
    if (isLeft(checked)) return checked;
  }
  return right(undefined);
};
