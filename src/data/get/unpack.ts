/** Unpacks an archive into a folder, completely or not at all. */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { bytesText } from "../../base/bytes.js";
import { archivedFiles } from "../files/archive.js";
import { type PassedOver, reasonOf } from "../files/errors.js";

export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
  /** Entries that were not unpacked, with reasons. */
  readonly passed: readonly PassedOver[];
}

const parentOf = async (folder: string): Promise<string> => {
  await mkdir(dirname(folder), { recursive: true });
  return dirname(folder);
};

/**
 * Unpacks to `folder`, which must not exist. Leaves out and reports entries whose names lead
 * elsewhere, links and encrypted entries. Never writes more than the archive's directory declares,
 * and nothing if the disk has no room for it.
 */
export const unpackSet = async (
  archive: string,
  folder: string,
  progress: (done: number, of: number) => void,
): Promise<Either<string, Unpacked>> => {
  const listed = await archivedFiles(archive);
  if (isLeft(listed)) return left(`${archive} ${listed.left}`);
  const { files, broken } = listed.right;
  if (files.length === 0) return left(`${archive} holds no file that can be unpacked`);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const beside = `${folder}.unfinished`;
  try {
    const { bavail, bsize } = await statfs(await parentOf(folder));
    if (bavail * bsize < bytes)
      return left(
        `${archive} unpacks to ${bytesText(bytes)}, and ${bytesText(bavail * bsize)} are free in ${dirname(folder)}`,
      );
    await rm(beside, { recursive: true, force: true });
    for (const [i, { name, size, open }] of files.entries()) {
      const path = join(beside, name);
      await mkdir(dirname(path), { recursive: true });
      let came = 0;
      const bounded = new Transform({
        transform(chunk: Buffer, _, done) {
          came += chunk.length;
          done(came > size ? new Error(`${name} unpacks to more than it declares`) : null, chunk);
        },
      });
      await pipeline(await open(), bounded, createWriteStream(path, { flags: "wx" }));
      progress(i + 1, files.length);
    }
    await rename(beside, folder);
    return right({ files: files.length, bytes, passed: broken });
  } catch (thrown) {
    await rm(beside, { recursive: true, force: true });
    return left(`${archive} could not be unpacked: ${reasonOf(thrown)}`);
  }
};
