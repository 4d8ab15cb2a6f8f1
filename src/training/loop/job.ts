/** The definition of a training job, its events and its outcome. */
import type { Either } from "fp-ts/lib/Either.js";
import type { Metrics, Session } from "../../contracts/session.js";
import type { BrokenImage } from "../../data/files/errors.js";
import type { Plateau } from "../../program/plateau.js";
import type { CheckpointStore } from "../checkpoints/checkpoint.js";
import type { Measured } from "../checkpoints/keep.js";
import type { TrainingError } from "../files/errors.js";
import type { MetricsLog } from "../logs/metrics-log.js";
import type { Spoken } from "../monitors/spoken.js";
import type { Watch } from "../monitors/watch.js";
import type { Cadence } from "../program/cadence.js";
import type { TrainingData } from "../program/data.js";
import type { SpecProgram } from "../program/program.js";
import type { Ending, Limits, Position } from "../program/schedule.js";

/** An observer of a training that may end it. It never throws. */
export type Watcher = Pick<Watch, "begin" | "step" | "broken" | "kept">;

export type TrainingEvent =
  | {
      readonly kind: "started";
      readonly position: Position;
      readonly stepsPerEpoch: number;
      /** Total steps of the whole run, ignoring its time limit. */
      readonly plannedSteps: number;
    }
  | {
      readonly kind: "step";
      /** Position of the step just made; `elapsed` is the time at its end. */
      readonly position: Position;
      readonly rate: number;
      readonly metrics: Metrics;
    }
  | { readonly kind: "sample"; readonly path: string }
  | { readonly kind: "checkpoint"; readonly path: string; readonly step: number }
  | { readonly kind: "monitor"; readonly spoken: Spoken }
  | { readonly kind: "skipped-image"; readonly image: BrokenImage }
  /** A problem that does not end the training. */
  | { readonly kind: "notice"; readonly error: TrainingError }
  | { readonly kind: "interrupted"; readonly position: Position };

export interface TrainingJob {
  readonly program: Pick<SpecProgram, "domains" | "recipe" | "draws">;
  /** Already holds the state at `start`. */
  readonly session: Session;
  readonly data: TrainingData;
  readonly start: Position;
  /** Of a resumed run whose schedule goes by scores: what it remembers of them. */
  readonly plateau?: Plateau | undefined;
  readonly limits: Limits;
  readonly sampleEvery: Cadence;
  readonly checkpointEvery: Cadence;
  /** How often to measure; never if missing. */
  readonly measureEvery?: Cadence | undefined;
  /**
   * Measures the session without changing it, and returns the score that chooses the best
   * checkpoint, if there is one. A checkpoint of the step with the score follows at once; a run
   * killed between the two measures the same again. Also called at the end of the schedule.
   */
  readonly measure?: (position: Position) => Promise<Either<TrainingError, Measured | undefined>>;
  readonly watch?: Watcher | undefined;
  readonly checkpoints: CheckpointStore;
  /** Returns why the run's folder must not be written to any more; usually undefined. */
  readonly displaced?: () => Promise<TrainingError | undefined>;
  readonly log: MetricsLog;
  /**
   * Makes a sample grid of the session and returns its path; undefined if no network makes images.
   */
  readonly sample: (position: Position) => Promise<Either<TrainingError, string | undefined>>;
  /** Returns milliseconds from any origin, monotonic. */
  readonly now: () => number;
  /** Ends the run after the current step. */
  readonly signal: AbortSignal;
  readonly listener: (event: TrainingEvent) => void;
}

export interface Outcome {
  readonly ending: Ending | "interrupted" | "monitor";
  /** The next step to make. */
  readonly position: Position;
}
