/**
 * The data for the script of a report: JSON within the page. This file needs neither Node nor a
 * browser.
 */
import type { GridCell } from "../pictures/grid-cells.js";

/** One quantity at the points that all curves share; null where it has no value. */
export interface PayloadCurve {
  readonly name: string;
  /** Mean over the steps of each point. */
  readonly mean: readonly (number | null)[];
  /** Left out if a point is one step. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

export interface PayloadCurves {
  /** First step of each point, from 0. */
  readonly steps: readonly number[];
  /** Epoch of that step, from 0; whole, or with its fraction. */
  readonly epochs: readonly number[];
  /** Hours of training at the end of each point. */
  readonly hours: readonly number[];
  readonly curves: readonly PayloadCurve[];
}

/** An image file with several pictures. */
export interface PayloadSheet {
  /** Shown at the slider: `epoch 3, step 1,500`. */
  readonly label: string;
  /** A data URI. */
  readonly src: string;
  readonly width: number;
  readonly height: number;
  /** Empty if it is not known what is where. */
  readonly cells: readonly GridCell[];
}

export interface Payload {
  /** Curves in one entry share their points. */
  readonly curves: readonly PayloadCurves[];
  /** By the id of the element that shows them, in order of time. */
  readonly sheets: Readonly<Record<string, readonly PayloadSheet[]>>;
}

/** The id of the element that holds the payload. */
export const payloadId = "report-data";
