/** Reads files of weights that other programs wrote: `.pth` of PyTorch, and safetensors. */
import { createHash } from "node:crypto";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { readRegular } from "../../data/files/regular-file.js";
import { type FileState, looksLikePth, readPth } from "../../weights/pth.js";
import { decode, headerLength } from "./safetensors.js";

export interface StateFile {
  readonly path: string;
  readonly state: FileState;
  /** Hexadecimal, of the whole file. */
  readonly sha256: string;
}

/** Most bytes of a file, which is read as a whole. */
const mostBytes = 2 ** 31 - 2 ** 20;

/** Tells whether a file begins as safetensors do: with a length, and `{`. */
const looksLikeSafetensors = (bytes: Uint8Array): boolean =>
  !looksLikePth(bytes) &&
  bytes[8] === "{".charCodeAt(0) &&
  !isLeft(headerLength(bytes, bytes.byteLength));

const readSafetensors = (bytes: Uint8Array): Either<string, FileState> => {
  const found = decode(bytes);
  return isLeft(found)
    ? left(found.left.reason)
    : right(
        new Map(
          [...found.right.tensors].map(([name, { shape, data }]) => [
            name,
            { shape, dtype: "float32", numbers: () => data, exact: () => Float64Array.from(data) },
          ]),
        ),
      );
};

/**
 * Reads a state. The left side completes a sentence that begins with the file's name. Runs nothing
 * that the file says.
 */
export const readState = async (path: string): Promise<Either<string, StateFile>> => {
  const bytes = await readRegular(path, mostBytes);
  if (isLeft(bytes)) return bytes;
  const state = looksLikeSafetensors(bytes.right)
    ? readSafetensors(bytes.right)
    : readPth(bytes.right);
  if (isLeft(state)) return state;
  const sha256 = createHash("sha256").update(bytes.right).digest("hex");
  return right({ path, state: state.right, sha256 });
};
