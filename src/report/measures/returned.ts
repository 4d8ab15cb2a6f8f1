/**
 * Measures of what returns to its start. They show what is kept, not how good a translation is: a
 * copy has an error of 0.
 */
import { right } from "fp-ts/lib/Either.js";
import { l1PerImage } from "./baselines.js";
import { bootstrapMean } from "./intervals.js";
import { type Measure, tooWide } from "./measure.js";

const returning = (
  of: "cycle" | "identity",
  title: string,
  says: string,
  source: string,
): Measure => ({
  name: of,
  title,
  better: "lower",
  unit: "intensity",
  says,
  source,
  needs: [of],
  compute: (material, { seed }) => {
    const { images, returned } = material[of];
    const errors = l1PerImage(returned, images);
    return right({ ...bootstrapMean(errors, seed), count: errors.length });
  },
  doubt: tooWide,
});

/** Mean L1 of `F(G(x))` to `x`. */
export const cycle = returning(
  "cycle",
  "cycle error",
  "mean absolute difference between an image and its reconstruction",
  "Zhu, Park, Isola, Efros, ICCV 2017, the cycle consistency loss",
);

/** Mean L1 of `G(y)` to `y`. */
export const identity = returning(
  "identity",
  "identity error",
  "mean absolute difference between images of the target and the results for them",
  "Zhu, Park, Isola, Efros, ICCV 2017, section 5.2, the identity loss",
);
