/** Tells when a process or a machine has not been heard of for too long. */
import { LostProcess } from "../sessions/failure.js";

export interface Silence {
  /** Rejects with LostProcess after so many seconds without a sound. */
  readonly lost: Promise<never>;
  readonly stop: () => void;
}

/**
 * Watches a counter of what has been heard. The seconds are counted one by one, so that a machine
 * that sleeps, and wakes, has not heard silence meanwhile. Without `patience` it waits for ever.
 */
export const silence = (
  heard: () => number,
  patience: number | undefined,
  who = "its process",
): Silence => {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_, reject) => {
    if (patience === undefined) return;
    let [before, seconds] = [heard(), 0];
    timer = setInterval(() => {
      seconds = heard() === before ? seconds + 1 : 0;
      before = heard();
      if (seconds < patience) return;
      clearInterval(timer);
      reject(new LostProcess(`${who} has been silent for ${patience} s.`));
    }, 1000);
  });
  lost.catch(() => {});
  return { lost, stop: () => clearInterval(timer) };
};
