/** What parameters are before anything is learnt. */

/**
 * By the last part of a parameter's name: a layer begins without an effect of these. All others are
 * drawn.
 */
const starts: Readonly<Record<string, number>> = { bias: 0, shift: 0, gain: 0, scale: 1 };

/**
 * The number that all of a parameter begins as, by its name `G.conv.bias`; nothing where it is
 * drawn.
 */
export const startOf = (parameter: string): number | undefined =>
  starts[parameter.slice(parameter.lastIndexOf(".") + 1)];
