/** The table of measures. A new entry is computed, printed, written and documented everywhere. */
import { isLeft } from "fp-ts/lib/Either.js";
import { colourHistogram, colourMean, colourSpread } from "./colour.js";
import { diversity } from "./diversity.js";
import { fid, kid, lite0Frechet, lite0Kernel } from "./features.js";
import {
  type Effort,
  type Material,
  type Measure,
  type Measured,
  thorough,
  type WholeMaterial,
} from "./measure.js";
import { l1, psnr, retrieval } from "./paired.js";
import { cycle, identity } from "./returned.js";
import { sliced } from "./sliced.js";
import { ssim } from "./ssim.js";

export {
  type Effort,
  type Material,
  type Measure,
  type Measured,
  quick,
  type Returned,
  thorough,
} from "./measure.js";

/** In the order of tables. */
export const measures: readonly Measure[] = [
  l1,
  ssim,
  psnr,
  retrieval,
  sliced,
  colourMean,
  colourSpread,
  colourHistogram,
  diversity,
  fid,
  kid,
  lite0Frechet,
  lite0Kernel,
  cycle,
  identity,
];

/** A measure with its result. */
export interface Reading {
  readonly measure: Measure;
  readonly measured: Measured;
}

/** The measurements of one network, or of several applied one after the other. */
export interface NetworkReadings {
  /** Name in files: `G`. */
  readonly name: string;
  /** For example `X -> Y by G`. */
  readonly title: string;
  readonly readings: readonly Reading[];
  /** By measure, what exactly was compared: `F(G(x)) to x`. */
  readonly details: Readonly<Record<string, string>>;
}

export interface Readings {
  readonly readings: readonly Reading[];
  /** Reasons why some measures cannot be computed for these images, a sentence each. */
  readonly remarks: readonly string[];
}

const isThere = (material: Material): ((name: keyof Material) => boolean) => {
  const { shape } = material.made;
  const fits = (other: Material["real"]): boolean =>
    other !== undefined &&
    (other.shape[0] ?? 0) > 0 &&
    other.shape.slice(1).join() === shape.slice(1).join();
  return (name) =>
    name === "partners" || name === "real" ? fits(material[name]) : material[name] !== undefined;
};

/** Computes all measures for which there is material. */
export const measureAll = (
  material: Material,
  effort: Effort = thorough,
  which: readonly Measure[] = measures,
): Readings => {
  const readings: Reading[] = [];
  const remarks: string[] = [];
  if ((material.made.shape[0] ?? 0) === 0) return { readings, remarks };
  const has = isThere(material);
  for (const measure of which) {
    if (!measure.needs.every(has)) continue;
    const measured = measure.compute(material as WholeMaterial, effort);
    if (isLeft(measured)) remarks.push(`${measure.title}: ${measured.left}.`);
    else if (!Number.isFinite(measured.right.mean))
      remarks.push(`${measure.title}: the results hold values that are not numbers.`);
    else readings.push({ measure, measured: measured.right });
  }
  return { readings, remarks };
};
