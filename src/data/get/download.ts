/** Downloads a large file over HTTP, and resumes where it was cut off, even the next day. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Either, isRight, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { bytesText } from "../../base/bytes.js";
import { reasonOf } from "../files/errors.js";

export interface Download {
  readonly url: string;
  /** Where the file is written. A `.json` beside it says which download it is part of. */
  readonly path: string;
  readonly progress: (bytes: number, of: number | undefined) => void;
  /** Called with what the user should know: it starts over, it tries again. */
  readonly note: (text: string) => void;
  /** Milliseconds before the second attempt; longer before each further one. */
  readonly pause?: number;
  /** Milliseconds without a byte after which the connection counts as broken. */
  readonly patience?: number;
}

/** The record beside a partial file: which download it is part of. */
const Begun = t.type({ url: t.string, validator: t.union([t.string, t.null]) });

type Begun = t.TypeOf<typeof Begun>;

const attempts = 4;

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const begunOf = async (path: string): Promise<Begun | undefined> => {
  try {
    const read = Begun.decode(JSON.parse(await readFile(`${path}.json`, "utf8")));
    return isRight(read) ? read.right : undefined;
  } catch {
    return undefined;
  }
};

/** Returns a strong validator of the file's version. A weak one does not promise equal bytes. */
const validatorOf = ({ headers }: Response): string | null => {
  const tag = headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : headers.get("last-modified");
};

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "its server cannot be found: is this machine on the network?",
  EAI_AGAIN: "the names of servers cannot be resolved: is this machine on the network?",
  ECONNREFUSED: "its server refuses connections",
  ECONNRESET: "the server broke the connection",
  UND_ERR_SOCKET: "the server broke the connection",
  UND_ERR_CONNECT_TIMEOUT: "its server does not answer",
  ENOSPC: "no space is left on the disk",
};

const codeOf = (thrown: unknown): string => {
  const { code, cause } = (thrown ?? {}) as { code?: string; cause?: unknown };
  return code !== undefined && code in reasons ? code : cause === undefined ? "" : codeOf(cause);
};

/** Words a failure of `fetch`, whose reason is in its cause. */
const wordsOf = (thrown: unknown): string => {
  const { name, cause } = (thrown ?? {}) as { name?: string; cause?: unknown };
  if (name === "AbortError") return "no more data came";
  return reasons[codeOf(thrown)] ?? reasonOf(cause ?? thrown);
};

type Part =
  | { readonly kind: "done" }
  /** A new attempt may help. */
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Returns the total length that a response promises, from its range or its own length after the
 * first `from` bytes.
 */
const totalOf = (response: Response, from: number): number | undefined => {
  const ranged = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (ranged !== undefined) return Number(ranged);
  const length = response.headers.get("content-length");
  return length === null ? undefined : from + Number(length);
};

const enoughRoom = async (path: string, bytes: number): Promise<string | undefined> => {
  const { bavail, bsize } = await statfs(dirname(path));
  return bavail * bsize >= bytes
    ? undefined
    : `it takes ${bytesText(bytes)}, and ${bytesText(bavail * bsize)} are free in ${dirname(path)}`;
};

/** Writes the response from byte `from` on, and truncates any older remainder. */
const write = async (
  { path, progress, patience = 60_000 }: Download,
  response: Response,
  from: number,
  total: number | undefined,
  abort: AbortController,
): Promise<void> => {
  const file = await open(path, from === 0 ? "w" : "r+");
  let patient: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(patient);
    patient = globalThis.setTimeout(() => abort.abort(), patience);
  };
  try {
    let at = from;
    wait();
    for await (const chunk of response.body ?? []) {
      wait();
      let done = 0;
      while (done < chunk.length)
        done += (await file.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      at += chunk.length;
      progress(at, total);
    }
  } finally {
    clearTimeout(patient);
    await file.close();
  }
};

const part = async (job: Download): Promise<Part> => {
  const { url, path, note } = job;
  const begun = await begunOf(path);
  const isOurs = begun?.url === url && begun.validator !== null;
  const from = isOurs ? await sizeOf(path) : 0;
  const abort = new AbortController();
  const headers: Record<string, string> =
    from > 0 && isOurs
      ? {
          range: `bytes=${from}-`,
          "if-range": begun.validator ?? "",
          "accept-encoding": "identity",
        }
      : { "accept-encoding": "identity" };
  try {
    const response = await fetch(url, { headers, signal: abort.signal });
    const isRest = response.status === 206;
    if (response.status === 416) {
      await response.body?.cancel();
      if (totalOf(response, 0) === from) return { kind: "done" };
      await rm(path, { force: true });
      return { kind: "broken", reason: "the file there has changed" };
    }
    if (!response.ok) {
      await response.body?.cancel();
      const reason = `the server answers ${response.status} ${response.statusText}`.trim();
      return { kind: response.status >= 500 ? "broken" : "refused", reason };
    }
    if (from > 0 && !isRest) note("the server sends it again from the beginning");
    const begin = isRest ? from : 0;
    const total = totalOf(response, begin);
    const room = total === undefined ? undefined : await enoughRoom(path, total - begin);
    if (room !== undefined) {
      await response.body?.cancel();
      return { kind: "refused", reason: room };
    }
    const mark: Begun = { url, validator: validatorOf(response) };
    if (!isRest) {
      await rm(path, { force: true });
      await writeFile(`${path}.json`, JSON.stringify(mark));
    }
    await write(job, response, begin, total, abort);
    const size = await sizeOf(path);
    return total === undefined || size === total
      ? { kind: "done" }
      : { kind: "broken", reason: `${bytesText(size)} of ${bytesText(total)} came` };
  } catch (thrown) {
    const kind = codeOf(thrown) === "ENOSPC" ? "refused" : "broken";
    return { kind, reason: wordsOf(thrown) };
  }
};

/**
 * Downloads the whole file to `path`. After a failure the partial file stays, and the next call
 * resumes it. The left side is the reason, with the URL.
 */
export const download = async (job: Download): Promise<Either<string, void>> => {
  for (let attempt = 1; ; attempt++) {
    const came = await part(job);
    if (came.kind === "done") return right(undefined);
    const size = await sizeOf(job.path);
    if (came.kind === "refused" || attempt === attempts)
      return left(
        `${job.url}: ${came.reason}${size > 0 ? `. ${bytesText(size)} are kept: the same command goes on from there` : ""}`,
      );
    job.note(`${came.reason}; trying again`);
    await setTimeout((job.pause ?? 2000) * attempt);
  }
};

/** Returns the SHA-256 of a file in hexadecimal. */
export const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
};
