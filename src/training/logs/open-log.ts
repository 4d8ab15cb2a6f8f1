/**
 * The log of a training run: appends lines, and restores the file if it is taken away in the
 * meantime.
 */
import type { Hash } from "node:crypto";
import { stat } from "node:fs/promises";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import {
  attempt,
  type RawDisk,
  type RawFile,
  textBytes,
  writeAll,
  writeAtomically,
} from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { MetricsLine, MetricsLog } from "./metrics-log.js";

const chunkBytes = 2 ** 20;

/** Reads an open file completely, whatever happened to its name. */
const heldIn = async (handle: RawFile, size: number): Promise<readonly Uint8Array[]> => {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < size; ) {
    const piece = Buffer.alloc(Math.min(size - at, chunkBytes));
    const { bytesRead = 0 } = (await handle.read?.(piece, 0, piece.length, at)) ?? {};
    if (bytesRead === 0) break;
    pieces.push(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return pieces;
};

class OpenLog implements MetricsLog {
  constructor(
    private readonly raw: RawDisk,
    private readonly path: string,
    private readonly hash: Hash,
    private handle: RawFile,
    /** Bytes that the file should have. */
    private size: number,
  ) {}

  append(line: MetricsLine): Promise<Either<TrainingError, void>> {
    return attempt(this.path, async () => {
      for (const bytes of textBytes(`${JSON.stringify(line)}\n`)) {
        await writeAll(this.handle, bytes);
        this.hash.update(bytes);
        this.size += bytes.byteLength;
      }
    });
  }

  async mend(): Promise<TrainingError | undefined> {
    const held = await this.handle.stat?.();
    if (held === undefined) return undefined;
    const there = await stat(this.path).catch(({ code }: NodeJS.ErrnoException) =>
      // A disk that does not answer now says nothing about its contents.
      code === "ENOENT" ? undefined : held,
    );
    if (there?.ino === held.ino && there.dev === held.dev) {
      if (held.size >= this.size) return undefined;
      this.size = held.size;
      return this.told("it was cut short while it trained, and some of its lines are lost");
    }
    const anew = await this.writeAnew(held.size);
    return isLeft(anew)
      ? anew.left
      : this.told("it was moved, removed or replaced while it trained, and is written anew");
  }

  private told(reason: string): TrainingError {
    return { kind: "file", path: this.path, reason };
  }

  /**
   * Writes the log to a new file. A file that lost its name keeps its contents while it is open.
   */
  private async writeAnew(size: number): Promise<Either<TrainingError, void>> {
    const pieces = await attempt(this.path, () => heldIn(this.handle, size));
    if (isLeft(pieces)) return pieces;
    const written = await writeAtomically(this.raw, this.path, pieces.right);
    if (isLeft(written)) return written;
    const handle = await attempt(this.path, () => this.raw.open(this.path, "a+"));
    if (isLeft(handle)) return handle;
    await this.handle.close().catch(() => undefined);
    this.handle = handle.right;
    return right(undefined);
  }

  settle(): Promise<Either<TrainingError, string>> {
    return attempt(this.path, async () => {
      await this.handle.sync();
      return this.hash.copy().digest("hex");
    });
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Opens the file at `path` for appending; `hash` covers its current contents. */
export const openLog = async (
  raw: RawDisk,
  path: string,
  hash: Hash,
): Promise<Either<TrainingError, MetricsLog>> => {
  const handle = await attempt(path, () => raw.open(path, "a+"));
  if (isLeft(handle)) return handle;
  const { size = 0 } = (await handle.right.stat?.()) ?? {};
  return right(new OpenLog(raw, path, hash, handle.right, size));
};
