/** Checks that the folder of a training run still belongs to it: someone may move or remove it. */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingError } from "../files/errors.js";
import type { Lock } from "./lock.js";

const isGone = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => false,
    // A disk that does not answer now says nothing about its contents.
    ({ code }: NodeJS.ErrnoException) => code === "ENOENT" || code === "ENOTDIR",
  );

/** Returns the reason why the run's folder must not be written to any more; usually undefined. */
export const displacement = async (
  directory: string,
  lock: Pick<Lock, "isHeld">,
): Promise<TrainingError | undefined> => {
  const because = (reason: string): TrainingError => ({
    kind: "displaced",
    directory,
    reason,
    saved: undefined,
  });
  if (await isGone(directory)) return because("it was moved or removed while it trained");
  const hasNoManifest = await isGone(join(directory, "manifest.json"));
  if (await lock.isHeld())
    return hasNoManifest ? because("its manifest was removed while it trained") : undefined;
  return because(
    hasNoManifest
      ? "it was moved or removed while it trained, and another folder is in its place"
      : "its lock was removed while it trained, so that another process may write into it",
  );
};
