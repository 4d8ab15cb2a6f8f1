/** Running statistics of PyTorch's batch norms. */

/** The last part of a name in the state, for each of them. */
export const statisticNames = {
  mean: "running_mean",
  variance: "running_var",
  batches: "num_batches_tracked",
} as const;
