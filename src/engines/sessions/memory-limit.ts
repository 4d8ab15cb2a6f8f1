/**
 * Finds the memory that this process may use: the machine's, or less if a control group bounds it,
 * as containers do.
 */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { MemoryLimit } from "../../contracts/memory.js";

/** Reads a file; undefined if it cannot be read. */
export type ReadText = (path: string) => string | undefined;

const readText: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** Lists the folder and all above it, up to `/`: a group is bounded by its parents. */
const upwards = (folder: string): readonly string[] =>
  folder === "/" || folder === "." ? ["/"] : [folder, ...upwards(dirname(folder))];

/** Parses `/proc/self/cgroup` by version: `0::/a/b` is a group of v2, `9:memory:/a/b` one of v1. */
const groupsOf = (text: string) =>
  text.split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers === "") return [{ root: "/sys/fs/cgroup", path, file: "memory.max" }];
    return controllers.split(",").includes("memory")
      ? [{ root: "/sys/fs/cgroup/memory", path, file: "memory.limit_in_bytes" }]
      : [];
  });

const groupLimit = (read: ReadText): number =>
  Math.min(
    Number.POSITIVE_INFINITY,
    ...groupsOf(read("/proc/self/cgroup") ?? "").flatMap(({ root, path, file }) =>
      upwards(path).flatMap((folder) => {
        // `max` means no bound of its own.
        const bound = Number.parseInt(read(join(root, folder, file)) ?? "", 10);
        return bound > 0 ? [bound] : [];
      }),
    ),
  );

export const memoryLimit = (
  read: ReadText = readText,
  total: number = totalmem(),
  constrained: number = process.constrainedMemory?.() ?? 0,
): MemoryLimit => {
  const bound = Math.min(
    groupLimit(read),
    constrained > 0 ? constrained : Number.POSITIVE_INFINITY,
  );
  return bound < total
    ? { bytes: bound, of: "this control group" }
    : { bytes: total, of: "this machine" };
};
