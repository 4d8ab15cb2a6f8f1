/** Which parameters an optimizer's weight decay shrinks. */

/**
 * Whether a parameter of this shape decays: weights, which have several axes, do; biases, scales,
 * shifts and gains, which have one, do not.
 */
export const decays = (shape: readonly number[]): boolean => shape.length > 1;
