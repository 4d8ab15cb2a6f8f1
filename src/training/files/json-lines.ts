/** Files of JSON with one value a line, to which a process appends, such as `sessions.jsonl`. */
import { lstat } from "node:fs/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type * as t from "io-ts";
import { missing, openRegular, otherThanFile } from "../../data/files/regular-file.js";
import { decodeJson } from "./decode.js";
import { attempt, type RawDisk, realDisk, textBytes, writeAll } from "./disk.js";
import type { TrainingError } from "./errors.js";
import { readLines } from "./lines.js";

const lineFeed = 10;

/** Tells whether a file ends within a line, because a process died while writing it. */
const isTorn = async (raw: RawDisk, path: string): Promise<boolean> => {
  const handle = await raw.open(path, "r").catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { size = 0 } = (await handle.stat?.()) ?? {};
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read?.(last, 0, 1, size - 1);
    return size > 0 && last[0] !== lineFeed;
  } finally {
    await handle.close();
  }
};

/** Appends a value as a line of its own, even after a torn line. Survives a power cut. */
export const appendJsonLine = async (
  path: string,
  value: unknown,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, void>> => {
  const stats = await lstat(path).catch(() => undefined);
  const other = stats === undefined ? undefined : otherThanFile(stats);
  if (other !== undefined) return left({ kind: "file", path, reason: `it ${other}` });
  return attempt(path, async () => {
    const before = (await isTorn(raw, path)) ? "\n" : "";
    const handle = await raw.open(path, "a");
    try {
      for (const bytes of textBytes(`${before}${JSON.stringify(value)}\n`))
        await writeAll(handle, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
};

/** Bytes at the end of a file that hold its last lines. */
const tailBytes = 2 ** 18;

/**
 * Reads the last complete value of a file. Undefined if there is none, or no file. Reads only the
 * end, so a log may have any length.
 */
export const lastJsonLine = async <A>(
  path: string,
  codec: t.Decoder<unknown, A>,
): Promise<A | undefined> => {
  const opened = await openRegular(path);
  if (isLeft(opened)) return undefined;
  const { handle, size } = opened.right;
  try {
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    const { bytesRead } = await handle.read(tail, 0, tail.length, size - tail.length);
    const lines = tail.subarray(0, bytesRead).toString("utf8").split("\n");
    // Whatever follows the last line break is unfinished: a process died, or is writing it now.
    for (const text of lines.slice(0, -1).reverse()) {
      const value = decodeJson(codec, text);
      if (!isLeft(value)) return value.right;
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    await handle.close().catch(() => undefined);
  }
};

/**
 * Reads the values of a file in order; none if there is no file. Skips lines that are not such
 * values, or are cut off. The left side completes a sentence that begins with the file's name.
 */
export const readJsonLines = async <A>(
  path: string,
  codec: t.Decoder<unknown, A>,
): Promise<Either<string, readonly A[]>> => {
  const found: A[] = [];
  const read = await readLines(path, ({ text }) => {
    const value = decodeJson(codec, text);
    if (!isLeft(value)) found.push(value.right);
  });
  return isLeft(read) && read.left !== missing ? read : right(found);
};
