/**
 * Spares a second installation the download while a first is at it. It is no guard: should two hold
 * it at once, since both found it abandoned, each builds in a folder of its own.
 */
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isAbandoned, isRunning, temporaryName } from "../tensorflow/cache.js";
import type { Tools } from "../tensorflow/tools.js";

const take = async (path: string): Promise<boolean> => {
  try {
    await writeFile(path, temporaryName(), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
};

const isStale = async (path: string): Promise<boolean> => {
  try {
    const holder = await readFile(path, "utf8");
    const age = Date.now() - (await stat(path)).mtimeMs;
    return isAbandoned(holder, age, hostname(), isRunning);
  } catch {
    return false;
  }
};

/** Calls `work` when no other process of this machine does so, or when interrupted. */
export const alone = async <A>(
  cache: string,
  { say, signal }: Pick<Tools, "say" | "signal">,
  work: () => Promise<A>,
): Promise<A> => {
  const path = join(cache, "torch-install.lock");
  for (let waited = 0; !(await take(path)); waited++) {
    if (await isStale(path)) {
      await rm(path, { force: true });
      continue;
    }
    if (waited === 0) say(`Another process installs PyTorch; waiting for it (${path}).`);
    await setTimeout(500, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
};
