/** What the script of a report draws from: JSON within the page. Neither Node nor a browser is needed to read this. */
import type { GridCell } from "../pictures/grid-cells.js";

/** One quantity over the points that all curves share; null where it has no value. */
export interface PayloadCurve {
  readonly name: string;
  /** Of the steps of each point. */
  readonly mean: readonly (number | null)[];
  /** Left out where a point is one step. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

export interface PayloadCurves {
  /** Of each point: its first step, from 0. */
  readonly steps: readonly number[];
  /** The epoch of that step, from 0; whole, or with the share of it that had passed. */
  readonly epochs: readonly number[];
  /** Hours of training at its end. */
  readonly hours: readonly number[];
  readonly curves: readonly PayloadCurve[];
}

/** An image file that shows several pictures. */
export interface PayloadSheet {
  /** Who looks at the slider reads it: `epoch 3, step 1,500`. */
  readonly label: string;
  /** A data URI. */
  readonly src: string;
  readonly width: number;
  readonly height: number;
  /** None where it is not known what stands where. */
  readonly cells: readonly GridCell[];
}

export interface Payload {
  /** Curves that share their points stand together. */
  readonly curves: readonly PayloadCurves[];
  /** By the id of the element that shows them, in the order of time. */
  readonly sheets: Readonly<Record<string, readonly PayloadSheet[]>>;
}

/** The id of the element that holds the payload. */
export const payloadId = "report-data";
