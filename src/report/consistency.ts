/** What should come back the same, and how far it does: a measure for images without partners. */
import type { HostTensor } from "../engines/session.js";
import { l1PerImage } from "./baselines.js";
import { bootstrapMean, type Interval } from "./statistics.js";

/** Images in [0, 1] and what should be the same. */
export interface Return {
  /** For example `F(G(x))`. */
  readonly name: string;
  /** For example `x of X`. */
  readonly what: string;
  readonly images: HostTensor;
  readonly returned: HostTensor;
}

export interface Consistency {
  readonly name: string;
  readonly what: string;
  readonly count: number;
  /** Of the L1 over the images. */
  readonly error: Interval;
}

export const consistencyOf = (
  { name, what, images, returned }: Return,
  seed: number,
): Consistency => {
  const errors = l1PerImage(returned, images);
  return { name, what, count: errors.length, error: bootstrapMean(errors, seed) };
};

const row = ({ name, what, count, error: { mean, low, high } }: Consistency): string => {
  const title = `${name} to ${what}, ${count} ${count === 1 ? "image" : "images"}`;
  return `${title.padEnd(48)} ${mean.toFixed(4)}  ${low.toFixed(4)} ${high.toFixed(4)}`;
};

/** The report as text of some 80 columns. */
export const renderConsistency = (all: readonly Consistency[]): string =>
  [
    "Without partners: L1 to what should come back, intensities in [0, 1], with its",
    "95 % interval: lower is better. A network that only copies has 0: this tells what",
    "is kept, and not how good a translation is.",
    "",
    ...all.map(row),
  ].join("\n");
