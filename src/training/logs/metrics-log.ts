/** A line of `metrics.jsonl`, and the log that a run appends its lines to. */
import type { Either } from "fp-ts/lib/Either.js";
import type { Metrics } from "../../contracts/session.js";
import type { TrainingError } from "../files/errors.js";

export interface MetricsLine {
  /** From 0. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  /** Learning rate of the step. */
  readonly rate: number;
  /** Milliseconds of training up to the end of the step. */
  readonly elapsed: number;
  readonly metrics: Metrics;
}

export interface MetricsLog {
  append(line: MetricsLine): Promise<Either<TrainingError, void>>;
  /** Puts the log back where it was moved or removed meanwhile, and gives what the user should know of it. */
  mend?(): Promise<TrainingError | undefined>;
  /** Makes what was appended outlast a power cut, and gives the fingerprint of all lines. */
  settle(): Promise<Either<TrainingError, string>>;
  close(): Promise<void>;
}
