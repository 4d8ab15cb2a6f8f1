/** Zip archives: their directory, and the bytes of one entry. */
import * as yauzl from "yauzl";

export type { Entry, ZipFile } from "yauzl";

/**
 * Names are left as bytes, for `nameIn`: nothing is refused before somebody has looked at it.
 * Rejects what is no archive.
 */
export const openZip = (path: string): Promise<yauzl.ZipFile> =>
  new Promise((resolve, reject) =>
    yauzl.open(path, { lazyEntries: true, autoClose: false, decodeStrings: false }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    ),
  );

/** All of the directory, in its order. Rejects where it is damaged. */
export const entriesOf = (zip: yauzl.ZipFile): Promise<readonly yauzl.Entry[]> =>
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

/** The name of an entry, with `/` between folders and behind those that are one. */
export const nameIn = (entry: yauzl.Entry): string =>
  yauzl.getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileNameRaw,
    entry.extraFields,
    false,
  );

/** Whether a name would be written outside of the folder that an archive is unpacked into. */
export const leadsOut = (name: string): boolean => yauzl.validateFileName(name) !== null;

/** The bytes of an entry, unpacked. */
export const openEntry = (zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<NodeJS.ReadableStream> =>
  new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
