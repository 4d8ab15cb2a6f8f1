/** Unpacks files of a wheel, which is a zip archive. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Entry, entriesOf, leadsOut, nameIn, openEntry, openZip } from "../../base/zip.js";
import type { FileEntry } from "./manifest.js";

/** Returns the permissions recorded by a Unix archiver; wheels made elsewhere have none. */
const modeOf = (entry: Entry): number =>
  ((entry.externalFileAttributes >>> 16) & 0o111) === 0 ? 0o644 : 0o755;

/**
 * Writes the archive's files whose paths begin with one of `keep` below `folder`. Calls `onBytes`
 * with the size of every piece written. Rejects if the archive is damaged, the disk is full or
 * `signal` is aborted.
 */
export const unpack = async (
  archive: string,
  keep: readonly string[],
  folder: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<FileEntry[]> => {
  const zip = await openZip(archive);
  try {
    const wanted = (await entriesOf(zip))
      .map((entry) => ({ entry, name: nameIn(entry) }))
      .filter(({ name }) => !name.endsWith("/") && keep.some((start) => name.startsWith(start)));
    const written: FileEntry[] = [];
    for (const { entry, name } of wanted) {
      if (leadsOut(name)) throw new Error(`${name} leads out of the archive`);
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      const hash = createHash("sha256");
      const count = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          onBytes(chunk.length);
          done(null, chunk);
        },
      });
      const out = createWriteStream(path, { mode: modeOf(entry) });
      await pipeline(await openEntry(zip, entry), count, out, { signal });
      written.push({
        path: name,
        bytes: entry.uncompressedSize,
        sha256: hash.digest("hex"),
      });
    }
    return written;
  } finally {
    zip.close();
  }
};
