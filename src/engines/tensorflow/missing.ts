/** Why something is not to be had, and what its user can do about it. Both are whole sentences for people. */
export interface Missing {
  readonly reason: string;
  readonly remedy: string;
}

export const missing = (reason: string, remedy: string): Missing => ({ reason, remedy });
