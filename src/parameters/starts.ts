/** Initial values of parameters, and of what layers keep without learning it. */

/**
 * Initial values by the last part of a parameter's name: with these the layer has no effect yet,
 * and statistics are those of values that need no normalising. A slope is that of PyTorch's PReLU.
 * All others are drawn.
 */
const starts: Readonly<Record<string, number>> = {
  bias: 0,
  shift: 0,
  gain: 0,
  scale: 1,
  mean: 0,
  variance: 1,
  slope: 0.25,
};

/**
 * The number that all of a parameter begins as, by its name `G.conv.bias`; nothing where it is
 * drawn.
 */
export const startOf = (parameter: string): number | undefined =>
  starts[parameter.slice(parameter.lastIndexOf(".") + 1)];
