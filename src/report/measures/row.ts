/** One measurement of one network, as files and pages of a run store it. */
import { measures } from "./index.js";

export interface MeasureRow {
  /** `G`, or several applied in turn: `Dec(Enc(x))`. */
  readonly network: string;
  /** Name in the table of measures. */
  readonly name: string;
  readonly value: number;
  /** Ends of the 95 % interval over images. */
  readonly low: number;
  readonly high: number;
  /** Number of images measured. */
  readonly count: number;
  readonly better: "lower" | "higher";
}

/**
 * Returns the title of a measure for people: `sliced Wasserstein`, not `swd`. A name from another
 * version stays as it is.
 */
export const measureTitle = (name: string): string =>
  measures.find((one) => one.name === name)?.title ?? name;
