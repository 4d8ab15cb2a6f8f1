/**
 * The contents of a run's report: decoded, and independent of the disk. What may be missing is
 * optional.
 */
import type { MeasureRow } from "../measures/row.js";
import type { PayloadCurves, PayloadSheet } from "./payload.js";

/** A row of a table of two columns. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

export interface SpecText {
  /** The main file comes first. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** A drawing as `ganc graph` makes it. */
export interface DrawnPart {
  /** For example `The game`, `G : X -> Y`. */
  readonly title: string;
  /** An SVG document. */
  readonly svg: string;
}

/** Sheets of pictures to look at one by one, or through time. */
export interface Gallery {
  /** Letters, digits and hyphens; unique in the report. */
  readonly id: string;
  readonly title: string;
  /** A sentence that says what is shown. */
  readonly words: string;
  /** At least one, in order of time. */
  readonly sheets: readonly PayloadSheet[];
}

/** The images of one domain in one split. */
export interface DataSetFacts {
  /** For example `X, to train on`. */
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly thumbnails: readonly Thumbnail[];
}

export interface Thumbnail {
  readonly name: string;
  /** A data URI. */
  readonly src: string;
  readonly width: number;
  readonly height: number;
}

/** Measurements of one state of a run. */
export interface MeasuredFacts {
  /** For example `The last checkpoint, step 3,000, on test images`. */
  readonly title: string;
  /** Steps trained up to that state. */
  readonly step: number;
  readonly rows: readonly MeasureRow[];
}

/** A monitor's message. */
export interface MonitorWord {
  /** For example `epoch 3, step 1,500`. */
  readonly when: string;
  readonly monitor: string;
  readonly isStop: boolean;
  readonly saw: string;
  readonly means: string;
  /** What to change in the spec. */
  readonly write: string;
}

/** The conditions of a training. */
export interface Environment {
  readonly groups: readonly { readonly title: string; readonly facts: readonly Fact[] }[];
  /** Oldest first. */
  readonly processes: readonly TrainingProcess[];
}

export interface TrainingProcess {
  readonly begun: string;
  /** First and last step. */
  readonly steps: string;
  readonly ending: string;
}

export interface RunContents {
  readonly name: string;
  /** The run's path, as users see it. */
  readonly place: string;
  /** Time of the report, ISO 8601. */
  readonly made: string;
  /** Whether a process is training in the run now. */
  readonly isTraining: boolean;
  /** Problems in reading the run, a sentence each. */
  readonly troubles: readonly string[];
  readonly overview: readonly Fact[];
  readonly curves: PayloadCurves | undefined;
  readonly galleries: readonly Gallery[];
  readonly drawings: readonly DrawnPart[];
  /** In order of time. */
  readonly monitors: readonly MonitorWord[];
  readonly measured: readonly MeasuredFacts[];
  /** Reasons to doubt some measures, a sentence each. */
  readonly doubts: readonly string[];
  /** Measures over time; the band is the interval. */
  readonly measureCurves: PayloadCurves | undefined;
  readonly data: readonly DataSetFacts[];
  /** Why the images could not be looked at; undefined if they were, or were not wanted. */
  readonly dataTrouble: string | undefined;
  readonly spec: SpecText | undefined;
  readonly environment: Environment;
}
