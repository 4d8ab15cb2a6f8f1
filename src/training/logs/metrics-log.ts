/** A line of `metrics.jsonl`, and the log to which a run appends. */
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
  /**
   * Restores the log if it was moved or removed in the meantime, and returns what the user should
   * know.
   */
  mend?(): Promise<TrainingError | undefined>;
  /** Flushes appended lines to survive a power cut, and returns the fingerprint of all lines. */
  settle(): Promise<Either<TrainingError, string>>;
  close(): Promise<void>;
}
