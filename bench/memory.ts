/** Measures the memory of a process. */
import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/**
 * Returns the peak resident set of this process so far, in bytes. Linux reports it exactly;
 * getrusage also counts what the parent held when it started this process.
 */
export const peakBytes = (): number => {
  const status = existsSync(STATUS) ? readFileSync(STATUS, "utf8") : "";
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return 1024 * (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes));
};

export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
