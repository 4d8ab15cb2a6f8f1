/** Initial values of parameters. */

/**
 * Initial values by the last part of a parameter's name: with these the layer has no effect yet.
 * All others are drawn.
 */
const starts: Readonly<Record<string, number>> = { bias: 0, shift: 0, gain: 0, scale: 1 };

/**
 * The number that all of a parameter begins as, by its name `G.conv.bias`; nothing where it is
 * drawn.
 */
export const startOf = (parameter: string): number | undefined =>
  starts[parameter.slice(parameter.lastIndexOf(".") + 1)];
