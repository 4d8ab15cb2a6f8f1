/** How the equalised learning rate (Karras et al. 2018) scales parameters where they are used. */
import { startOf } from "./starts.js";

export interface Equalized {
  readonly gain: number;
  /** How fast it learns, as a factor. */
  readonly rate: number;
}

/**
 * The standard deviation that its weights begin with: so scaled they are those of a rate of 1.
 */
export const equalizedSpread = ({ rate }: Equalized): number => 1 / rate;

/**
 * The factor of a parameter where it is used. Weights are multiplied by rate gain / sqrt(inputs),
 * and learnt constants, which nothing is summed by, and what begins as 0, such as biases, by rate.
 * Scales and slopes stay as they are.
 * @param inputs how many numbers each output is summed from
 */
export const equalizedFactor = (
  parameter: string,
  inputs: number,
  { gain, rate }: Equalized,
): number => {
  const start = startOf(parameter);
  if (start === undefined)
    return parameter === "constant" ? rate : (gain * rate) / Math.sqrt(inputs);
  return start === 0 ? rate : 1;
};
