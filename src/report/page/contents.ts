/** A run as its report shows it: decoded, and free of the disk that it came from. Whatever may be missing is optional. */
import type { MeasureRow } from "../measures/row.js";
import type { PayloadCurves, PayloadSheet } from "./payload.js";

/** A line of a table of two columns. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

export interface SpecText {
  /** The file that was asked for comes first. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** A drawing as `ganc graph` makes it. */
export interface DrawnPart {
  /** For example `The game`, `G : X -> Y`. */
  readonly title: string;
  /** An SVG document. */
  readonly svg: string;
}

/** Sheets of pictures that are looked at one by one, or through time. */
export interface Gallery {
  /** Of letters, digits and hyphens; unique in the report. */
  readonly id: string;
  readonly title: string;
  /** What is shown, a sentence. */
  readonly words: string;
  /** At least one, in the order of time. */
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

/** Measures of one state of a run. */
export interface MeasuredFacts {
  /** For example `The last checkpoint, step 3,000, on test images`. */
  readonly title: string;
  /** Steps behind that state. */
  readonly step: number;
  readonly rows: readonly MeasureRow[];
}

/** What a monitor said. */
export interface MonitorWord {
  /** For example `epoch 3, step 1,500`. */
  readonly when: string;
  readonly monitor: string;
  readonly isStop: boolean;
  readonly saw: string;
  readonly means: string;
  /** What to write in the spec. */
  readonly write: string;
}

/** Under what a run was trained. */
export interface Environment {
  readonly groups: readonly { readonly title: string; readonly facts: readonly Fact[] }[];
  /** Oldest first. */
  readonly processes: readonly TrainingProcess[];
}

export interface TrainingProcess {
  readonly begun: string;
  /** From which to which step. */
  readonly steps: string;
  readonly ending: string;
}

export interface RunContents {
  readonly name: string;
  /** Where the run lies, as users see it. */
  readonly place: string;
  /** When the report was made: ISO 8601. */
  readonly made: string;
  /** Whether a process trains in it now. */
  readonly isTraining: boolean;
  /** What could not be read, a sentence each. */
  readonly troubles: readonly string[];
  readonly overview: readonly Fact[];
  readonly curves: PayloadCurves | undefined;
  readonly galleries: readonly Gallery[];
  readonly drawings: readonly DrawnPart[];
  /** In the order of time. */
  readonly monitors: readonly MonitorWord[];
  readonly measured: readonly MeasuredFacts[];
  /** Why some of the measures tell little, a sentence each. */
  readonly doubts: readonly string[];
  /** Measures over time: the band is the interval. */
  readonly measureCurves: PayloadCurves | undefined;
  readonly data: readonly DataSetFacts[];
  /** Why the images could not be looked at; undefined where they were, or were not to be. */
  readonly dataTrouble: string | undefined;
  readonly spec: SpecText | undefined;
  readonly environment: Environment;
}
