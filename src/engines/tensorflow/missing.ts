/** Why something is not available, and what the user can do, both in whole sentences. */
export interface Missing {
  readonly reason: string;
  readonly remedy: string;
}

export const missing = (reason: string, remedy: string): Missing => ({ reason, remedy });
