/** Makes a folder of images from a data set's archive, on the network or on disk. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { openRegular } from "../files/regular-file.js";
import { download, sha256Of } from "./download.js";
import { noteKnown, readKnown } from "./known-hashes.js";
import { type Unpacked, unpackSet } from "./unpack.js";

export interface GetRequest {
  /** URL or path of an archive. */
  readonly from: string;
  readonly to: string;
  /** File that records the hashes of earlier downloads. */
  readonly hashes: string;
  /** Expected SHA-256 of the archive in hexadecimal, if the user knows it. */
  readonly sha256?: string | undefined;
  /** Whether to accept an archive that changed since an earlier download. */
  readonly acceptsChange?: boolean | undefined;
  /** ISO 8601. */
  readonly now: string;
  readonly progress: (what: "bytes" | "files", done: number, of: number | undefined) => void;
  readonly note: (text: string) => void;
  readonly pause?: number;
  readonly patience?: number;
}

export interface Got extends Unpacked {
  readonly sha256: string;
  /** When this hash was first recorded; undefined if the archive was never downloaded before. */
  readonly since: string | undefined;
}

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

/** Tells whether a path is taken: a file, or a folder that is not empty. */
const isTaken = (path: string): Promise<boolean> =>
  readdir(path).then(
    (names) => names.length > 0,
    (thrown: NodeJS.ErrnoException) => thrown.code !== "ENOENT",
  );

/**
 * Checks an archive's hash against what is known. The left side is the reason for refusing it, the
 * right side when the hash was recorded.
 */
const checkHash = async (
  { from, hashes, sha256: wanted, acceptsChange = false, now }: GetRequest,
  found: string,
): Promise<Either<string, string | undefined>> => {
  if (wanted !== undefined && wanted.toLowerCase() !== found)
    return left(`its SHA-256 is ${found}, not ${wanted.toLowerCase()} as --sha256 says`);
  if (!isUrl(from)) return right(undefined);
  const before = (await readKnown(hashes))[from];
  if (before !== undefined && before.sha256 !== found && !acceptsChange)
    return left(
      `it has changed since ${before.at.slice(0, 10)}: its SHA-256 was ${before.sha256} and is ${found}. If you trust it, add --accept-change`,
    );
  const isSame = before?.sha256 === found;
  if (!isSame) await noteKnown(hashes, from, found, now);
  return right(isSame ? before.at : undefined);
};

/**
 * Downloads an archive, checks its hash and unpacks it. The download is kept until it is unpacked.
 */
export const getSet = async (request: GetRequest): Promise<Either<string, Got>> => {
  const { from, to, progress, note, pause, patience } = request;
  if (await isTaken(to)) return left(`${to} exists already, and is not overwritten`);
  const archive = isUrl(from) ? `${to}.zip.part` : from;
  if (isUrl(from)) {
    await mkdir(dirname(to), { recursive: true });
    const came = await download({
      url: from,
      path: archive,
      progress: (done, of) => progress("bytes", done, of),
      note,
      ...(pause === undefined ? {} : { pause }),
      ...(patience === undefined ? {} : { patience }),
    });
    if (isLeft(came)) return came;
  }
  const there = await openRegular(archive);
  if (isLeft(there)) return left(`${archive} ${there.left}`);
  await there.right.handle.close();
  const found = await sha256Of(archive);
  const since = await checkHash(request, found);
  const discard = async (): Promise<void> => {
    if (!isUrl(from)) return;
    await rm(archive, { force: true });
    await rm(`${archive}.json`, { force: true });
  };
  if (isLeft(since)) {
    await discard();
    return left(`${from}: ${since.left}.`);
  }
  const unpacked = await unpackSet(archive, to, (done, of) => progress("files", done, of));
  if (isLeft(unpacked) && !/are free in/.test(unpacked.left)) await discard();
  if (isLeft(unpacked)) return unpacked;
  await discard();
  return right({ ...unpacked.right, sha256: found, since: since.right });
};
