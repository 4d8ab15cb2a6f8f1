/** One run in one folder: a lock file that names the process which holds it, and is void when that process is gone. */
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
  /** Of the process, where the system tells it: process numbers are used again. */
  started: t.union([t.string, t.null]),
});
type Holder = t.TypeOf<typeof Holder>;

export interface Lock {
  /** False where the file is gone, or is that of another process: the folder was moved, removed, or given away. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** When a process began, in the kernel's own count: field 22 of proc(5)'s `stat`, behind a name that may hold blanks. */
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
    // The process of another user cannot be signalled, but it is there.
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** A lock of another machine is believed: its processes cannot be seen from here. */
const isAlive = async ({ pid, host, started }: Holder): Promise<boolean> => {
  if (host !== hostname()) return true;
  if (!exists(pid)) return false;
  return started === null || started === (await startOf(pid));
};

/** A lock is one line. */
const mostLock = 2 ** 16;

const readHolder = async (path: string): Promise<Holder | undefined> => {
  const text = await readRegularText(path, mostLock);
  const holder = isLeft(text) ? text : decodeJson(Holder, text.right);
  return isLeft(holder) ? undefined : holder.right;
};

/** The process that trains in the run's folder, as far as can be seen from here. */
export const holderOf = async (
  directory: string,
): Promise<Pick<Holder, "pid" | "host"> | undefined> => {
  const holder = await readHolder(join(directory, "lock"));
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
};

/** Whether a process trains in the run's folder, as far as can be seen from here. */
export const isHeld = async (directory: string): Promise<boolean> =>
  (await holderOf(directory)) !== undefined;

/** ganc makes no such lock, and whoever did may need it: it is neither read nor taken away. */
const strangeness = async (path: string): Promise<string | undefined> => {
  const stats = await lstat(path).catch(() => undefined);
  return stats === undefined ? undefined : otherThanFile(stats);
};

/** Puts `mine` at `path` with its contents, or says false where something is there already. */
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
  // Of two that find a dead holder, one renames it away; the other may rename the new holder, and then puts it back.
  const away = `${mine}.stale`;
  await rename(path, away).catch(() => undefined);
  const moved = await readHolder(away);
  const mistaken = moved !== undefined && (await isAlive(moved));
  if (mistaken) await claim(away, path);
  await unlink(away).catch(() => undefined);
  return !mistaken && claim(mine, path);
};

/**
 * However the process ends by itself, the lock does not stay: elsewhere nobody could tell that it is void. `text` is told
 * from that of any other lock: what lies at `path` later may be another's, which stays.
 */
const held = (path: string, text: string): Lock => {
  const remove = () => {
    try {
      if (readFileSync(path, "utf8") === text) rmSync(path, { force: true });
    } catch {
      // It is gone already.
    }
  };
  process.once("exit", remove);
  return {
    isHeld: async () => {
      const found = await readRegularText(path, mostLock);
      // A disk that does not answer now says nothing of the lock.
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

/** Fails with `locked` while a living process holds the folder. */
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
