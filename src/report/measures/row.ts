/** One measure of one network as a number, as files and pages of a run have it. */
import { measures } from "./index.js";

export interface MeasureRow {
  /** `G`, or of several in a row `Dec(Enc(x))`. */
  readonly network: string;
  /** As the table of measures has it. */
  readonly name: string;
  readonly value: number;
  /** Ends of the 95 % interval over images. */
  readonly low: number;
  readonly high: number;
  /** Images that it is of. */
  readonly count: number;
  readonly better: "lower" | "higher";
}

/** What people read of a measure: `sliced Wasserstein`, not `swd`. A name of another version stays. */
export const measureTitle = (name: string): string =>
  measures.find((one) => one.name === name)?.title ?? name;
