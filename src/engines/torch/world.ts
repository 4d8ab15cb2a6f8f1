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
  /** Address at which processes of several machines meet. */
  readonly host?: string | undefined;
}

export const PATIENCE = 30;

/** The world of a process that makes its steps alone. */
export const alone: World = { size: 1, own: 1, first: 0, patience: PATIENCE };

/** Seconds that importing PyTorch, opening a program and meeting the others may take. */
export const OPENING = 300;

/** Whether all processes are on this machine. */
export const isHere = ({ own, size, host = "" }: World): boolean =>
  own === size || /^(?:localhost|127\..*|::1)$/.test(host);
