/**
 * The quality of a translation whose test split has a hidden pairing: its L1 distance to the
 * partner, against simple baselines. Images are tensors `[n, h, w, c]` of intensities in [0, 1]
 * (`toUnit`).
 */

import { mean } from "../../base/statistics.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { blur, histogramMatch, l1PerImage } from "./baselines.js";
import { bootstrapMean, type Interval } from "./intervals.js";

export interface Comparison {
  readonly baseline: string;
  /** Mean L1 of the baseline to the partner. */
  readonly error: number;
  /**
   * Mean of translation minus baseline over the pairs. Below 0 the translation is nearer to the
   * partner.
   */
  readonly difference: Interval;
}

export interface DirectionQuality {
  /** For example `X -> Y by G`. */
  readonly name: string;
  readonly pairs: number;
  /** Mean L1 of the translation to the partner. */
  readonly error: number;
  readonly comparisons: readonly Comparison[];
}

export interface DirectionImages {
  readonly name: string;
  /** At least one image. Row k of the first three tensors belongs together. */
  readonly inputs: HostTensor;
  readonly translated: HostTensor;
  readonly partners: HostTensor;
  /** Training images of the target domain, for the histogram. */
  readonly targets: HostTensor;
}

/** Standard deviations in pixels among which the blurred copy chooses. */
export const BLURS: readonly number[] = [0.5, 1, 2, 4];

const sameSize = (a: HostTensor, b: HostTensor): boolean =>
  a.shape.length === b.shape.length && a.shape.every((extent, i) => extent === b.shape[i]);

/**
 * Blurs the input with the sigma that comes nearest to the partners. This looks at the answer,
 * which a translation may not; it favours the baseline, so beating it says more.
 */
const bestBlur = (inputs: HostTensor, partners: HostTensor) =>
  BLURS.map((sigma) => ({ sigma, errors: l1PerImage(blur(inputs, sigma), partners) })).reduce(
    (best, next) => (mean(next.errors) < mean(best.errors) ? next : best),
  );

/** Weights of Rec. 601, as for grey images of files. */
const luma = [0.299, 0.587, 0.114] as const;

/**
 * Repeats grey to three channels, or weights colour to one. Returns images with the right number of
 * channels unchanged.
 */
const withChannels = (images: HostTensor, channels: number): HostTensor => {
  const own = images.shape[3] ?? 0;
  if (own === channels || !(own === 1 || (own === 3 && channels === 1))) return images;
  const places = images.data.length / own;
  const data = new Float32Array(places * channels);
  for (let i = 0; i < places; i++) {
    const grey =
      own === 1
        ? (images.data[i] ?? 0)
        : luma.reduce((sum, weight, c) => sum + weight * (images.data[3 * i + c] ?? 0), 0);
    data.fill(grey, i * channels, (i + 1) * channels);
  }
  return { shape: [...images.shape.slice(0, 3), channels], data };
};

/**
 * Computes each baseline's name and error per image. Empty if the domains differ in size, because
 * then nothing can be copied.
 */
const baselines = ({ inputs: own, partners, targets }: DirectionImages) => {
  const inputs = withChannels(own, partners.shape[3] ?? 0);
  if (!sameSize(inputs, partners)) return [];
  const blurred = bestBlur(inputs, partners);
  return [
    { name: "input copied", errors: l1PerImage(inputs, partners) },
    { name: `input blurred (best sigma: ${blurred.sigma})`, errors: blurred.errors },
    {
      name: "input, histogram matched",
      errors: l1PerImage(histogramMatch(inputs, targets), partners),
    },
  ];
};

/**
 * Compares one direction with its baselines by paired bootstrap: 95 %, 10,000 resamples of the
 * pairs.
 */
export const evaluateDirection = (images: DirectionImages, seed: number): DirectionQuality => {
  const errors = l1PerImage(images.translated, images.partners);
  return {
    name: images.name,
    pairs: errors.length,
    error: mean(errors),
    comparisons: baselines(images).map(({ name, errors: baseline }) => ({
      baseline: name,
      error: mean(baseline),
      difference: bootstrapMean(
        errors.map((error, k) => error - (baseline[k] ?? 0)),
        seed,
      ),
    })),
  };
};

const signed = (value: number): string => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;

const verdict = ({ low, high }: Interval): string =>
  high < 0 ? "better" : low > 0 ? "worse" : "unclear";

const row = (name: string, error: string, difference: string, word: string): string =>
  `${name.padEnd(40)} ${error.padStart(7)} ${difference.padEnd(18).padStart(19)}  ${word}`.trimEnd();

const directionRows = ({
  name,
  pairs,
  error,
  comparisons,
}: DirectionQuality): readonly string[] => [
  row(`${name}, ${pairs} pairs`, "L1", comparisons.length > 0 ? "95 % interval" : "", ""),
  row("  translation", error.toFixed(4), "", ""),
  ...(comparisons.length > 0 ? [] : ["  no baseline: inputs and partners differ in size"]),
  ...comparisons.map(({ baseline, error: of, difference }) =>
    row(
      `  ${baseline}`,
      of.toFixed(4),
      `${signed(difference.low)} ${signed(difference.high)}`,
      verdict(difference),
    ),
  ),
];

/** Writes the report as text of at most 80 columns. */
export const renderQuality = (directions: readonly DirectionQuality[]): string =>
  [
    "L1 to the hidden partner, intensities in [0, 1]: lower is better.",
    ...(directions.some(({ comparisons }) => comparisons.length > 0)
      ? [
          "95 % interval: of translation minus baseline. Better: all of it below 0.",
          "The blur is the best of several in hindsight, which favours the baseline.",
        ]
      : []),
    ...directions.flatMap((direction) => ["", ...directionRows(direction)]),
  ].join("\n");
