/** Takes files out of a wheel, which is a zip archive. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as yauzl from "yauzl";
import type { FileEntry } from "./manifest.js";

const open = (path: string): Promise<yauzl.ZipFile> =>
  new Promise((resolve, reject) =>
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    ),
  );

const entries = (zip: yauzl.ZipFile): Promise<yauzl.Entry[]> =>
  new Promise((resolve, reject) => {
    const all: yauzl.Entry[] = [];
    zip.on("error", reject);
    zip.on("end", () => resolve(all));
    zip.on("entry", (entry: yauzl.Entry) => {
      all.push(entry);
      zip.readEntry();
    });
    zip.readEntry();
  });

const read = (zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<NodeJS.ReadableStream> =>
  new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );

/** The permissions a Unix archiver recorded; a wheel made elsewhere records none. */
const modeOf = (entry: yauzl.Entry): number =>
  ((entry.externalFileAttributes >>> 16) & 0o111) === 0 ? 0o644 : 0o755;

/**
 * Writes the archive's files whose path begins with one of `keep` below `folder`.
 * `onBytes` hears of every piece written. Rejects when the archive is damaged, the disk is full or `signal` is aborted.
 */
export const unpack = async (
  archive: string,
  keep: readonly string[],
  folder: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<FileEntry[]> => {
  const zip = await open(archive);
  try {
    const wanted = (await entries(zip)).filter(
      ({ fileName }) => !fileName.endsWith("/") && keep.some((start) => fileName.startsWith(start)),
    );
    const written: FileEntry[] = [];
    for (const entry of wanted) {
      const path = join(folder, entry.fileName);
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
      await pipeline(await read(zip, entry), count, out, { signal });
      written.push({
        path: entry.fileName,
        bytes: entry.uncompressedSize,
        sha256: hash.digest("hex"),
      });
    }
    return written;
  } finally {
    zip.close();
  }
};
