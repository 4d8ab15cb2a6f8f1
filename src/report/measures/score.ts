/**
 * The number that chooses the best checkpoint of a run: stated, and measured on images that were
 * not trained on.
 */
import type { NetworkReadings } from "./index.js";

export interface Score {
  /** Description for people. Only values of equal descriptions are compared. */
  readonly measure: string;
  readonly value: number;
  readonly better: "lower";
}

/** Sums to use, the first that every network has. Units: intensities, and deviations of patches. */
const choices: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ["L1 to the partner", { l1: 1 }],
  ["colour histograms + sliced Wasserstein / 1000", { colour_histogram: 1, swd: 1e-3 }],
  ["colour histograms", { colour_histogram: 1 }],
];

/** Sums the measures of one network. Undefined if one is missing. */
const sumOf = (
  { readings }: NetworkReadings,
  factors: Readonly<Record<string, number>>,
): number | undefined => {
  let sum = 0;
  for (const [name, factor] of Object.entries(factors)) {
    const found = readings.find(({ measure }) => measure.name === name);
    if (found === undefined) return undefined;
    sum += factor * found.measured.mean;
  }
  return sum;
};

/**
 * Averages the score over networks: L1 if partners are known, otherwise the distance of colours and
 * patches to the target's, both Wasserstein distances of order 0.01 to 1. Undefined if none of
 * these was measured.
 */
export const scoreOf = (networks: readonly NetworkReadings[]): Score | undefined => {
  for (const [measure, factors] of choices) {
    const sums = networks.flatMap((network) => sumOf(network, factors) ?? []);
    if (networks.length === 0 || sums.length < networks.length) continue;
    const value = sums.reduce((a, b) => a + b, 0) / sums.length;
    if (Number.isFinite(value)) return { measure, value, better: "lower" };
  }
  return undefined;
};
