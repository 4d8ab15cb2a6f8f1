/**
 * Locks a run's folder: a lock file names the process that holds it, and is void when that process
 * is gone.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { link, lstat, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { missing, otherThanFile, readRegularText } from "../../data/files/regular-file.js";
import { decodeJson } from "../files/decode.js";
import { diskError } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";

const Holder = t.type({
  pid: t.number,
  host: t.string,
  /** Start time of the process, if the system tells it, because process numbers are reused. */
  started: t.union([t.string, t.null]),
});
type Holder = t.TypeOf<typeof Holder>;

export interface Lock {
  /**
   * False if the file is gone or belongs to another process: the folder was moved, removed, or
   * given away.
   */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Returns when a process began, in the kernel's count: field 22 of proc(5)'s `stat`, after a name
 * that may contain blanks.
 */
const startOf = async (pid: number): Promise<string | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return (
    stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .at(19) ?? null
  );
};

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // Another user's process cannot be signalled, but it exists.
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
};

/**
 * Tells whether the holder is alive. A lock of another machine is believed, since its processes
 * cannot be seen from here.
 */
const isAlive = async ({ pid, host, started }: Holder): Promise<boolean> => {
  if (host !== hostname()) return true;
  if (!exists(pid)) return false;
  return started === null || started === (await startOf(pid));
};

/** Most bytes of a lock, which is one line. */
const mostLock = 2 ** 16;

const readHolder = async (path: string): Promise<Holder | undefined> => {
  const text = await readRegularText(path, mostLock);
  const holder = isLeft(text) ? text : decodeJson(Holder, text.right);
  return isLeft(holder) ? undefined : holder.right;
};

/** Returns the process that trains in the run's folder, as far as can be seen from here. */
export const holderOf = async (
  directory: string,
): Promise<Pick<Holder, "pid" | "host"> | undefined> => {
  const holder = await readHolder(join(directory, "lock"));
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
};

/** Tells whether a process trains in the run's folder, as far as can be seen from here. */
export const isHeld = async (directory: string): Promise<boolean> =>
  (await holderOf(directory)) !== undefined;

/**
 * Says what is in the lock's place if it is not a file. ganc makes no such lock and its owner may
 * need it, so it is neither read nor removed.
 */
const strangeness = async (path: string): Promise<string | undefined> => {
  const stats = await lstat(path).catch(() => undefined);
  return stats === undefined ? undefined : otherThanFile(stats);
};

/** Links `mine` at `path`. Returns false if something is there already. */
const claim = async (mine: string, path: string): Promise<boolean> => {
  try {
    await link(mine, path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    // Some file systems have no links.
    return writeFile(path, await readFile(mine), { flag: "wx" }).then(
      () => true,
      (again: NodeJS.ErrnoException) => {
        if (again.code === "EEXIST") return false;
        throw again;
      },
    );
  }
};

const takeOver = async (path: string, mine: string): Promise<boolean> => {
  // If two processes find a dead holder, one renames it away; the other may rename the new holder,
  // and then puts it back.
  const away = `${mine}.stale`;
  await rename(path, away).catch(() => undefined);
  const moved = await readHolder(away);
  const mistaken = moved !== undefined && (await isAlive(moved));
  if (mistaken) await claim(away, path);
  await unlink(away).catch(() => undefined);
  return !mistaken && claim(mine, path);
};

/**
 * Makes the lock object. The lock is removed however the process ends by itself, because other
 * machines could not tell that it is void. `text` differs from that of any other lock, so a later
 * lock of another process at `path` stays.
 */
const held = (path: string, text: string): Lock => {
  const remove = () => {
    try {
      if (readFileSync(path, "utf8") === text) rmSync(path, { force: true });
    } catch {
      // Already gone.
    }
  };
  process.once("exit", remove);
  return {
    isHeld: async () => {
      const found = await readRegularText(path, mostLock);
      // A disk that does not answer now says nothing about the lock.
      return isLeft(found) ? !found.left.startsWith(missing) : found.right === text;
    },
    release: async () => {
      process.off("exit", remove);
      remove();
    },
  };
};

const obtain = async (
  directory: string,
  path: string,
  mine: string,
  text: string,
): Promise<Either<TrainingError, Lock>> => {
  if (await claim(mine, path)) return right(held(path, text));
  const strange = await strangeness(path);
  if (strange !== undefined)
    return left({ kind: "file", path, reason: `it ${strange}: if nobody needs it, remove it` });
  const holder = await readHolder(path);
  if (holder === undefined || !(await isAlive(holder)))
    if (await takeOver(path, mine)) return right(held(path, text));
  const current = (await readHolder(path)) ?? holder;
  return left({
    kind: "locked",
    directory,
    lock: path,
    pid: current?.pid ?? 0,
    host: current?.host ?? "an unknown machine",
    here: hostname(),
  });
};

/** Locks a folder. Fails with `locked` while a living process holds it. */
export const lockDirectory = async (directory: string): Promise<Either<TrainingError, Lock>> => {
  const path = join(directory, "lock");
  const token = randomBytes(4).toString("hex");
  const mine = `${path}.${process.pid}.${token}`;
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
  };
  try {
    const text = JSON.stringify({ ...holder, token });
    await writeFile(mine, text);
    return await obtain(directory, path, mine, text);
  } catch (thrown) {
    return left(diskError(path, thrown));
  } finally {
    await unlink(mine).catch(() => undefined);
  }
};
