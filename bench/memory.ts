/** How much memory a process took. */
import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/**
 * The peak resident set of this process so far, in bytes. getrusage also counts what the parent held when it started this
 * process; Linux knows better.
 */
export const peakBytes = (): number => {
  const status = existsSync(STATUS) ? readFileSync(STATUS, "utf8") : "";
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return 1024 * (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes));
};

export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
