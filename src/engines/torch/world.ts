/** Where the processes of this machine stand among all that share a step. */
export interface World {
  /** Number of processes on all machines, at least 1. */
  readonly size: number;
  /** Number of processes on this one. */
  readonly own: number;
  /** Rank of the first of these. */
  readonly first: number;
  /** Seconds of silence after which a process or a machine counts as lost. */
  readonly patience: number;
}

export const PATIENCE = 30;

/** The world of a process that makes its steps alone. */
export const alone: World = { size: 1, own: 1, first: 0, patience: PATIENCE };
