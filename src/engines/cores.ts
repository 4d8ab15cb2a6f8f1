/** Counts the physical cores of the machine: two threads of one core count once. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Counts pairs of a processor and a core in the text of Linux's `/proc/cpuinfo`. */
const physical = (text: string): number => {
  const places = text.split("\n\n").flatMap((entry) => {
    const [, socket] = /^physical id\s*: (\d+)$/m.exec(entry) ?? [];
    const [, core] = /^core id\s*: (\d+)$/m.exec(entry) ?? [];
    return socket === undefined || core === undefined ? [] : [`${socket} ${core}`];
  });
  return new Set(places).size;
};

/** Returns ONNX Runtime's default number of threads for an operator: one for each core. */
export const coreCount = (read = (): string => readFileSync("/proc/cpuinfo", "utf8")): number => {
  try {
    return physical(read()) || availableParallelism();
  } catch {
    return availableParallelism();
  }
};
