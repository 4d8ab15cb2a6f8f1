/**
 * A disk whose process dies in the middle of what it writes: at a byte, or before or after an
 * operation.
 */
import { writeSync } from "node:fs";
import { basename } from "node:path";
import { type RawDisk, type RawFile, realDisk } from "../../src/training/files/disk.js";

/** What an operation costs of a process's life; a byte that is written costs 1. */
const operationCost = 100;

export interface Fate {
  /** The count begins with this checkpoint that the process writes, from 0; undefined: at once. */
  readonly checkpoint?: number | undefined;
  /** What may still be spent. */
  readonly life: number;
}

/** Leaves no turn to anybody: neither buffers nor `finally` see it. */
const die = (doing: string): never => {
  writeSync(2, `killed: ${doing}\n`);
  process.kill(process.pid, "SIGKILL");
  throw new Error("dead");
};

export interface MortalDisk extends RawDisk {
  /** What was spent until now, whether it counted or not. */
  readonly spent: () => number;
}

/** Of `undefined`, one that only counts. */
export const mortalDisk = (fate: Fate | undefined, raw: RawDisk = realDisk): MortalDisk => {
  let spent = 0;
  let begun = -1;
  let end = fate !== undefined && fate.checkpoint === undefined ? fate.life : Infinity;

  /** An operation is done in the middle of its cost: a process may die before it and after it. */
  const pay = async <A>(name: string, path: string, operation: () => Promise<A>): Promise<A> => {
    const doing = `${name} of ${basename(path)}`;
    if (end <= spent + operationCost / 2) die(`before ${doing}`);
    const result = await operation();
    spent += operationCost;
    if (end <= spent) die(`after ${doing}`);
    return result;
  };

  const fileOf = (handle: RawFile, path: string): RawFile => ({
    write: (async (bytes: Uint8Array, from: number, length: number) => {
      const most = Math.min(length, end - spent);
      const written = most > 0 ? await handle.write(bytes, from, most) : { bytesWritten: 0 };
      spent += written.bytesWritten;
      if (end <= spent) die(`in write of ${basename(path)}`);
      return written;
    }) as unknown as RawFile["write"],
    sync: () => pay("sync", path, () => handle.sync()),
    close: () => pay("close", path, () => handle.close()),
  });

  return {
    spent: () => spent,
    open: async (path, flags) => {
      if (path.endsWith(".safetensors.unfinished")) begun++;
      if (begun === fate?.checkpoint && end === Infinity) end = spent + (fate?.life ?? Infinity);
      return fileOf(await pay("open", path, () => raw.open(path, flags)), path);
    },
    rename: (from, to) => pay("rename", to, () => raw.rename(from, to)),
    unlink: (path) => pay("unlink", path, () => raw.unlink(path)),
  };
};
