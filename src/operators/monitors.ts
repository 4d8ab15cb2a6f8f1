/**
 * Monitors by name: what looks at a training while it goes on. What each does stands in
 * `training/monitors`.
 */

export interface MonitorWord {
  readonly name: string;
  /** Says what the monitor watches, for tables. */
  readonly doc: string;
  /** It speaks before the first step, and can end nothing. */
  readonly isFirst?: true;
}

export const monitorWords: readonly MonitorWord[] = [
  { name: "explosion", doc: "a loss that is no number, or a hundred times what it was" },
  { name: "dominance", doc: "a discriminator that has won" },
  { name: "copying", doc: "a generator that gives its input back" },
  { name: "inversion", doc: "a generator that makes dark what is light" },
  { name: "collapse", doc: "a generator that makes the same of everything" },
  { name: "jump", doc: "a loss that jumps where the schedule bends" },
  { name: "standstill", doc: "networks that learn nothing for long" },
  { name: "idle_epoch", doc: "an epoch at a learning rate of 0", isFirst: true },
];

/** Those that a run can be ended by. */
export const stopWords: readonly MonitorWord[] = monitorWords.filter(
  ({ isFirst }) => isFirst !== true,
);

export const stopNames: readonly string[] = stopWords.map(({ name }) => name);
