/**
 * The equalised learning rate (Karras et al. 2018): weights that begin with one spread, scaled
 * where they are used.
 */
import type { Equalized } from "../../parameters/equalized.js";
import type { Block } from "./layer.js";

const around: Equalized[] = [];

/** How layers that are built now are equalised, where they are: by the innermost `equalized`. */
export const equalizedNow = (): Equalized | undefined => around.at(-1);

/**
 * Applies a block with its weights multiplied by rate gain / sqrt(inputs), `inputs` being how many
 * numbers an output is summed from, and its biases by rate. The weights are to begin with a
 * standard deviation of 1 / rate. Both are 1 unless given.
 */
export const equalized =
  (block: Block, { gain = 1, rate = 1 }: Partial<Equalized> = {}): Block =>
  (...xs) => {
    around.push({ gain, rate });
    try {
      return block(...xs);
    } finally {
      around.pop();
    }
  };
