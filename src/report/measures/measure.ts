/**
 * Defines a measure, an entry of the table in `index.ts`. All images are `[n, h, w, c]` of
 * intensities in [0, 1].
 */
import type { Either } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Interval } from "./intervals.js";

const { abs, ceil, floor, log10, max, round } = Math;

/** Images and their reconstructions, row by row. */
export interface Returned {
  readonly images: HostTensor;
  readonly returned: HostTensor;
}

/** Features of images, a row for each: `[n, d]`. */
export interface Features {
  readonly count: number;
  readonly size: number;
  readonly data: Float64Array;
}

/** Features of the results of a network, and of images of its target domain. */
export interface FeatureSets {
  readonly made: Features;
  readonly real: Features;
}

/** The images available for measuring one network. */
export interface Material {
  /** Results of the network. */
  readonly made: HostTensor;
  /** The right results: row k is the partner of row k. */
  readonly partners?: HostTensor | undefined;
  /** Images of its target domain. */
  readonly real?: HostTensor | undefined;
  /** Inputs, and what another network reconstructs from the results. */
  readonly cycle?: Returned | undefined;
  /** Images of the target domain, and the network's results for them. */
  readonly identity?: Returned | undefined;
  /** Features of results and target images by a network of the user's, usually Inception. */
  readonly features?: FeatureSets | undefined;
  /** The same by EfficientNet-Lite0, 1280 for each image. */
  readonly lite0?: FeatureSets | undefined;
}

/** Material with every part present. */
export type WholeMaterial = { readonly [K in keyof Material]-?: NonNullable<Material[K]> };

/** The effort spent: measuring often during training must be cheap. */
export interface Effort {
  readonly seed: number;
  /** Resamples of a bootstrap of sets. A mean of numbers always has 10,000. */
  readonly resamples: number;
  /** Patches of all images of a set together, at each pyramid level. */
  readonly patches: number;
  readonly projections: number;
}

export const thorough: Effort = { seed: 0, resamples: 100, patches: 8192, projections: 128 };

export const quick: Effort = { seed: 0, resamples: 50, patches: 2048, projections: 64 };

export interface Measured extends Interval {
  /** Number of images measured. */
  readonly count: number;
}

export interface Measure {
  /** Name in files: `colour_mean`. */
  readonly name: string;
  /** Name in tables. */
  readonly title: string;
  readonly better: "lower" | "higher";
  readonly unit: string;
  /** Explanation for people, without a full stop. */
  readonly says: string;
  /** Paper or project that defines it. */
  readonly source: string;
  readonly needs: readonly (keyof Material)[];
  /**
   * Computes the measure from material that has what it needs. The left side is the reason why
   * these images do not allow it, as the end of a sentence.
   */
  readonly compute: (material: WholeMaterial, effort: Effort) => Either<string, Measured>;
  /**
   * If there are too few images to tell, says why and how many would be enough. Usually undefined.
   */
  readonly doubt: (measured: Measured) => string | undefined;
}

/** Relative half-width of an interval that is narrow enough. */
const narrow = 0.1;

/** Rounds up to two digits. */
export const roundedUp = (count: number): number => {
  const unit = 10 ** max(0, floor(log10(count)) - 1);
  return ceil(count / unit) * unit;
};

/**
 * Doubts a value whose uncertainty falls with the root of the count, and says at which count it
 * would be a tenth of the value.
 */
export const tooWide = ({ mean, low, high, count }: Measured): string | undefined => {
  if (count < 2) return "one image tells nothing: at least 30 are needed";
  const half = max(mean - low, high - mean);
  if (half <= narrow * abs(mean)) return undefined;
  const enough = count * (half / (narrow * abs(mean))) ** 2;
  return Number.isFinite(enough) && enough < 1e6
    ? `uncertain by ${round((100 * half) / abs(mean))} % with ${count} images; about ${roundedUp(enough)} would make that 10 %`
    : `uncertain with ${count} images: its interval is as wide as the value itself, or wider`;
};

/** Doubts a distance between sets that comes out larger with few images. */
export const biased =
  (enough: number, why: string) =>
  (measured: Measured): string | undefined =>
    measured.count < enough
      ? `${measured.count} images are few: ${why}; from about ${roundedUp(enough)} on that matters little`
      : tooWide(measured);
