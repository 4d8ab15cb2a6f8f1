/**
 * Reads a safetensors file tensor by tensor, because a state may be larger than Node can read at
 * once.
 */
import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { openRegular, type RegularFile, readingFault } from "../../data/files/regular-file.js";
import { knownFormat } from "./decode.js";
import { headerLength, type Layout, parseHeader, prefixBytes } from "./safetensors.js";

export interface FileContents {
  readonly tensors: State;
  readonly metadata: Readonly<Record<string, string>>;
  /** Hash of the whole file, hexadecimal. */
  readonly sha256: string;
}

/** Format of the states that this version writes. */
const stateFormat = 1;

/** The mark in files of tensors that ganc wrote. Other files have other marks, or none. */
export const stateMark = `ganc state ${stateFormat}`;

const ownFormat = /^ganc state (\d+)$/;

const readAt = async (
  handle: FileHandle,
  into: Uint8Array,
  position: number,
): Promise<Either<string, true>> => {
  const most = 2 ** 28;
  let done = 0;
  while (done < into.byteLength) {
    const length = Math.min(most, into.byteLength - done);
    const { bytesRead } = await handle.read(into, done, length, position + done);
    if (bytesRead === 0) return left("is cut off");
    done += bytesRead;
  }
  return right(true);
};

const readLayout = async (
  handle: FileHandle,
  size: number,
  hash: Hash,
): Promise<Either<string, Layout>> => {
  const prefix = new Uint8Array(Math.min(prefixBytes, size));
  const first = await readAt(handle, prefix, 0);
  if (isLeft(first)) return first;
  const length = headerLength(prefix, size);
  if (isLeft(length)) return left(length.left.reason);
  const header = new Uint8Array(length.right);
  const second = await readAt(handle, header, prefixBytes);
  if (isLeft(second)) return second;
  hash.update(prefix).update(header);
  const layout = parseHeader(header, size);
  return isLeft(layout) ? left(layout.left.reason) : layout;
};

const readFrom = async (
  { handle, size }: RegularFile,
  hash: Hash,
): Promise<Either<string, FileContents>> => {
  const layout = await readLayout(handle, size, hash);
  if (isLeft(layout)) return layout;
  const [, format] = ownFormat.exec(layout.right.metadata.format ?? "") ?? [];
  const known =
    format === undefined ? right(stateFormat) : knownFormat(Number(format), [stateFormat]);
  if (isLeft(known)) return known;
  const tensors = new Map<string, HostTensor>();
  for (const { name, shape, begin, end } of layout.right.tensors) {
    const data = new Float32Array((end - begin) / 4);
    const bytes = new Uint8Array(data.buffer);
    const read = await readAt(handle, bytes, begin);
    if (isLeft(read)) return read;
    hash.update(bytes);
    tensors.set(name, { shape, data });
  }
  return right({ tensors, metadata: layout.right.metadata, sha256: hash.digest("hex") });
};

/** Reads a file of tensors. The reason completes a sentence that begins with the file's name. */
export const readTensors = async (path: string): Promise<Either<string, FileContents>> => {
  const opened = await openRegular(path);
  if (isLeft(opened)) return opened;
  try {
    return await readFrom(opened.right, createHash("sha256"));
  } catch (thrown) {
    return left(readingFault(thrown));
  } finally {
    await opened.right.handle.close().catch(() => undefined);
  }
};
