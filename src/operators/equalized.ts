/**
 * The equalised learning rate (Karras et al. 2018, section 4.1): weights begin with one spread and
 * are scaled where they are used, so that an optimizer moves all of them alike.
 */
import type { Equalized } from "../parameters/equalized.js";
import { number, type Options, real, type Signature } from "./signature.js";

export type { Equalized };

/** What `equalized(f)` takes besides f. */
export const equalizedOptions: Signature = [
  real("gain", "factor of all weights", {
    defaultValue: 1,
    least: 0,
    open: true,
    usual: {
      least: 1e-2,
      most: 10,
      value: 1,
      why: "Each layer multiplies what it takes by about this: over a few layers all values vanish, or explode.",
    },
  }),
  real("rate", "how fast what is within learns, as a factor", {
    defaultValue: 1,
    least: 0,
    open: true,
    usual: {
      least: 1e-4,
      most: 100,
      value: 1,
      why: "Weights and biases then move that much more, or less, than those of other layers.",
    },
  }),
];

export const equalizedBy = (o: Options): Equalized => ({
  gain: number(o, "gain"),
  rate: number(o, "rate"),
});
