/** Why something is not available, and what the user can do, both in whole sentences. */
export interface Missing {
  readonly reason: string;
  readonly remedy: string;
}

export const missing = (reason: string, remedy: string): Missing => ({ reason, remedy });

/** Words errors of the file system so that the user can act on them. */
export const fileError = (error: unknown): Missing => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC")
    return missing("The disk is full.", "Free some space, and run this again.");
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return missing(
      `Not allowed to write: ${message}`,
      "Run this as the user who installed the package, or name a folder for downloads in the variable GANC_CACHE.",
    );
  return missing(`The installation failed: ${message}`, "Run it again.");
};
