/** A training as it is asked for, what happens in it, and what comes of it. */
import type { Either } from "fp-ts/lib/Either.js";
import type { Metrics, Session } from "../../contracts/session.js";
import type { BrokenImage } from "../../data/files/errors.js";
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

/** Who looks at a training while it goes on, and may end it. Nothing of it throws. */
export type Watcher = Pick<Watch, "begin" | "step" | "broken" | "kept">;

export type TrainingEvent =
  | {
      readonly kind: "started";
      readonly position: Position;
      readonly stepsPerEpoch: number;
      /** Steps that the whole run will have made, its limit in time left aside. */
      readonly plannedSteps: number;
    }
  | {
      readonly kind: "step";
      /** Of the step that was made; `elapsed` is the time at its end. */
      readonly position: Position;
      readonly rate: number;
      readonly metrics: Metrics;
    }
  | { readonly kind: "sample"; readonly path: string }
  | { readonly kind: "checkpoint"; readonly path: string; readonly step: number }
  | { readonly kind: "monitor"; readonly spoken: Spoken }
  | { readonly kind: "skipped-image"; readonly image: BrokenImage }
  /** Something went wrong that training survives. */
  | { readonly kind: "notice"; readonly error: TrainingError }
  | { readonly kind: "interrupted"; readonly position: Position };

export interface TrainingJob {
  readonly program: Pick<SpecProgram, "domains" | "recipe" | "draws">;
  /** Holds the state that belongs to `start`. */
  readonly session: Session;
  readonly data: TrainingData;
  readonly start: Position;
  readonly limits: Limits;
  readonly sampleEvery: Cadence;
  readonly checkpointEvery: Cadence;
  /** How often the session is measured; never unless given. */
  readonly measureEvery?: Cadence | undefined;
  /**
   * Measures the session as it is, changing nothing in it, and gives the value by which the best checkpoint is known, if there
   * is one. A checkpoint of the step is written next, which holds the value: who is killed between the two measures the
   * same again. Called at the end of the schedule too.
   */
  readonly measure?: (position: Position) => Promise<Either<TrainingError, Measured | undefined>>;
  readonly watch?: Watcher | undefined;
  readonly checkpoints: CheckpointStore;
  /** Why nothing may be written into the run's folder any more; undefined as a rule. */
  readonly displaced?: () => Promise<TrainingError | undefined>;
  readonly log: MetricsLog;
  /** Makes a sample grid of the session as it is and gives its path; nothing where no network makes images. */
  readonly sample: (position: Position) => Promise<Either<TrainingError, string | undefined>>;
  /** Milliseconds from any origin, never backwards. */
  readonly now: () => number;
  /** Ends the run after the step that is being made. */
  readonly signal: AbortSignal;
  readonly listener: (event: TrainingEvent) => void;
}

export interface Outcome {
  readonly ending: Ending | "interrupted" | "monitor";
  /** The next step that would be made. */
  readonly position: Position;
}
