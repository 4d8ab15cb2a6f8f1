/** The cores of the machine: two threads that share one count once. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Pairs of a processor and a core of it, as Linux tells them. */
const physical = (text: string): number => {
  const places = text.split("\n\n").flatMap((entry) => {
    const [, socket] = /^physical id\s*: (\d+)$/m.exec(entry) ?? [];
    const [, core] = /^core id\s*: (\d+)$/m.exec(entry) ?? [];
    return socket === undefined || core === undefined ? [] : [`${socket} ${core}`];
  });
  return new Set(places).size;
};

/** As many threads as ONNX Runtime computes an operator with unless told otherwise: one for each core. */
export const coreCount = (read = (): string => readFileSync("/proc/cpuinfo", "utf8")): number => {
  try {
    return physical(read()) || availableParallelism();
  } catch {
    return availableParallelism();
  }
};
