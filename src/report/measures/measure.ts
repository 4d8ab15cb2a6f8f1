/**
 * What a measure is: an entry of the table in `index.ts`. All images are `[n, h, w, c]` of
 * intensities in [0, 1].
 */
import type { Either } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Interval } from "./intervals.js";

const { abs, ceil, floor, log10, max, round } = Math;

/** Images, and what came back of them: row k belongs to row k. */
export interface Returned {
  readonly images: HostTensor;
  readonly returned: HostTensor;
}

/** A row of numbers for each image, `[n, d]`. */
export interface Features {
  readonly count: number;
  readonly size: number;
  readonly data: Float64Array;
}

/** What there is of one network to measure by. */
export interface Material {
  /** What the network made. */
  readonly made: HostTensor;
  /** What it should have made: row k is the partner of row k. */
  readonly partners?: HostTensor | undefined;
  /** Images of the domain that it makes images of. */
  readonly real?: HostTensor | undefined;
  /** What another network led back. */
  readonly cycle?: Returned | undefined;
  /** What it makes of images that are of its own domain already. */
  readonly identity?: Returned | undefined;
  /** What a network of the user's, as a rule Inception, sees in both. */
  readonly features?: { readonly made: Features; readonly real: Features } | undefined;
}

/** All of it. */
export type WholeMaterial = { readonly [K in keyof Material]-?: NonNullable<Material[K]> };

/** How much is spent: what is measured again and again during a training may cost little. */
export interface Effort {
  readonly seed: number;
  /** Of a bootstrap of sets; a mean of numbers is resampled 10,000 times. */
  readonly resamples: number;
  /** Patches of all images of a set together, at each level of a pyramid. */
  readonly patches: number;
  readonly projections: number;
}

export const thorough: Effort = { seed: 0, resamples: 100, patches: 8192, projections: 128 };

export const quick: Effort = { seed: 0, resamples: 50, patches: 2048, projections: 64 };

export interface Measured extends Interval {
  /** Images that it is of. */
  readonly count: number;
}

export interface Measure {
  /** As files have it: `colour_mean`. */
  readonly name: string;
  /** As tables have it. */
  readonly title: string;
  readonly better: "lower" | "higher";
  readonly unit: string;
  /** A sentence for people. */
  readonly says: string;
  /** Where it comes from. */
  readonly source: string;
  readonly needs: readonly (keyof Material)[];
  /**
   * Of material that has what it needs. Left: why it cannot be computed of these images, as the end
   * of a sentence.
   */
  readonly compute: (material: WholeMaterial, effort: Effort) => Either<string, Measured>;
  /**
   * How many images would be enough, and why, where these are too few to tell; undefined as a rule.
   */
  readonly doubt: (measured: Measured) => string | undefined;
}

/** Relative half-width of an interval that is narrow enough. */
const narrow = 0.1;

/** To two digits, upwards. */
export const roundedUp = (count: number): number => {
  const unit = 10 ** max(0, floor(log10(count)) - 1);
  return ceil(count / unit) * unit;
};

/**
 * Of a value whose uncertainty falls with the root of the count: the count at which it would be a
 * tenth of the value.
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

/** Of a distance between sets, which few images make larger than it is. */
export const biased =
  (enough: number, why: string) =>
  (measured: Measured): string | undefined =>
    measured.count < enough
      ? `${measured.count} images are few: ${why}; from about ${roundedUp(enough)} on that matters little`
      : tooWide(measured);
