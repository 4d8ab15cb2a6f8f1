/**
 * One number by which the best checkpoint of a run is chosen: stated, and of images that nothing
 * was trained on.
 */
import type { NetworkReadings } from "./index.js";

export interface Score {
  /** What it is, for people: values of one name alone are compared. */
  readonly measure: string;
  readonly value: number;
  readonly better: "lower";
}

/**
 * What is summed, the first that every network has. Units: intensities, and deviations of patches.
 */
const choices: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ["L1 to the partner", { l1: 1 }],
  ["colour histograms + sliced Wasserstein / 1000", { colour_histogram: 1, swd: 1e-3 }],
  ["colour histograms", { colour_histogram: 1 }],
];

/** Of one network; undefined where it lacks any of the measures. */
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
 * A mean over networks: of L1 where partners are known; else of how far colours and patches of what
 * is made are from the target's, both Wasserstein distances of order 0.01 to 1. Undefined where
 * nothing of that was measured.
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
