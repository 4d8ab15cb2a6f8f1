/**
 * The user's cache of unpacked wheels. A wheel's folder appears completely, by a rename, or not at
 * all. Its name contains the wheel's hash, so several versions lie side by side and addons bound to
 * an older one still work.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as E from "fp-ts/lib/Either.js";
import { MANIFEST, readManifest } from "./manifest.js";
import type { Wheel } from "./wheels.js";

/** Returns the folder of a wheel's files. */
export const wheelFolder = (cache: string, wheel: Wheel): string =>
  join(cache, `${wheel.package}-${wheel.version}-${wheel.sha256.slice(0, 12)}`);

export type WheelState =
  | { readonly kind: "intact" }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly reason: string };

/** Returns the SHA-256 of a file in hexadecimal. */
export const hashFile = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
};

const damaged = (reason: string): WheelState => ({ kind: "damaged", reason });

/** Checks a wheel's folder: the size of every file, and with `deep` its hash. */
export const inspect = async (cache: string, wheel: Wheel, deep: boolean): Promise<WheelState> => {
  const folder = wheelFolder(cache, wheel);
  if ((await stat(folder).catch(() => undefined)) === undefined) return { kind: "absent" };
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => undefined);
  if (text === undefined) return damaged("its list of files is gone");
  const manifest = readManifest(text, wheel);
  if (E.isLeft(manifest)) return damaged(manifest.left);
  for (const { path, bytes, sha256 } of manifest.right.files) {
    const file = join(folder, path);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined) return damaged(`${path} is gone`);
    if (found.size !== bytes) return damaged(`${path} has another size`);
    if (deep && (await hashFile(file)) !== sha256) return damaged(`${path} has other contents`);
  }
  return { kind: "intact" };
};

/**
 * Makes a temporary name that identifies its process, so that leftovers of an ended one can be
 * distinguished from files in use.
 */
export const temporaryName = (suffix = ""): string =>
  `.ganc-${hostname()}~${process.pid}~${randomBytes(4).toString("hex")}${suffix}`;

const DAY = 24 * 3600e3;

/**
 * Tells whether a temporary file is abandoned: its process has ended or, on another host, it is a
 * day old.
 */
export const isAbandoned = (
  name: string,
  ageMs: number,
  host: string,
  isRunning: (pid: number) => boolean,
): boolean => {
  const match = /^\.ganc-(.*)~(\d+)~[0-9a-f]{8}(\.node)?$/.exec(name);
  if (match === null) return false;
  return match[1] === host ? !isRunning(Number(match[2])) : ageMs > DAY;
};

export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Removes leftovers of interrupted installations from a folder. */
export const sweep = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && isAbandoned(name, Date.now() - found.mtimeMs, hostname(), isRunning))
      await rm(path, { recursive: true, force: true });
  }
};

/** Calls `work` with a new folder in `parent`, and always removes it afterwards. */
export const withTemporaryFolder = async <A>(
  parent: string,
  work: (folder: string) => Promise<A>,
): Promise<A> => {
  const folder = join(parent, temporaryName());
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/**
 * Moves a finished tree into a wheel's place. If another process has put an intact one there, that
 * one stays. A damaged one is moved into `aside`, because a folder cannot be replaced in one move.
 */
export const publish = async (
  tree: string,
  cache: string,
  wheel: Wheel,
  aside: string,
): Promise<void> => {
  const place = wheelFolder(cache, wheel);
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(tree, place);
      return;
    } catch (error) {
      if ((await inspect(cache, wheel, true)).kind === "intact") return;
      if (attempt === 3) throw error;
      await rename(place, join(aside, `old${attempt}`)).catch(() => undefined);
    }
  }
};
