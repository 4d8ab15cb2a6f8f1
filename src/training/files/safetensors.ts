/**
 * The safetensors file format, float32 only. A file is 8 bytes with the length of the header
 * (unsigned, little-endian), the header (JSON: the type, shape and byte range of each tensor, and
 * text under `__metadata__`), then the data, which the tensors cover without gap or overlap. The
 * reader is strict: it returns a complete file or an error that says what is wrong.
 */

import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import type { HostTensor, State } from "../../contracts/tensor.js";

export interface SafetensorsError {
  readonly kind: "safetensors";
  /** The fault, as the end of a sentence that begins with the file's name. */
  readonly reason: string;
}

/**
 * Places of the tensors in one file; `begin` and `end` count bytes from the beginning of the file.
 */
export interface Layout {
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly begin: number;
    readonly end: number;
  }[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Contents {
  readonly tensors: State;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Most bytes of a header. As in the reference implementation, a larger one is refused before memory
 * is allocated.
 */
export const maxHeaderBytes = 100_000_000;

/** Bytes of the header's length. */
export const prefixBytes = 8;

const Count = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, "Count");

const Entry = t.type({
  dtype: t.string,
  shape: t.array(Count),
  data_offsets: t.tuple([Count, Count]),
});

const Metadata = t.record(t.string, t.string);

const fail = (reason: string): Either<SafetensorsError, never> =>
  left({ kind: "safetensors", reason });

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/**
 * Encodes tensors as pieces to be written in turn, without copying their memory. Tensors are sorted
 * by name, so that equal contents give equal bytes. The header is padded with blanks to a multiple
 * of 8 bytes.
 */
export const encode = (
  tensors: State,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] => {
  const names = [...tensors.keys()].sort((a, b) => (a < b ? -1 : 1));
  const header = recordOf<unknown>([]);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  const data: Uint8Array[] = [];
  let offset = 0;
  for (const name of names) {
    const tensor = tensors.get(name) as HostTensor;
    const bytes = bytesOf(tensor.data);
    header[name] = {
      dtype: "F32",
      shape: tensor.shape,
      data_offsets: [offset, offset + bytes.byteLength],
    };
    offset += bytes.byteLength;
    data.push(bytes);
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.byteLength / 8) * 8).fill(0x20);
  padded.set(json);
  const prefix = new Uint8Array(prefixBytes);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(padded.byteLength), true);
  return [prefix, padded, ...data];
};

/**
 * Reads the length of the header in bytes from the first 8 bytes of a file of `fileBytes` bytes.
 */
export const headerLength = (
  prefix: Uint8Array,
  fileBytes: number,
): Either<SafetensorsError, number> => {
  if (prefix.byteLength < prefixBytes) return fail("is cut off: it has no header");
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > maxHeaderBytes) return fail("is no safetensors file: its header would be too large");
  if (prefixBytes + length > fileBytes) return fail("is cut off within its header");
  return right(length);
};

const parseJson = (header: Uint8Array): Either<SafetensorsError, Record<string, unknown>> => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(header);
    const value: unknown = JSON.parse(text);
    return text.startsWith("{") && t.UnknownRecord.is(value)
      ? right(value)
      : fail("is no safetensors file: its header is no JSON object");
  } catch {
    return fail("is no safetensors file: its header is not JSON");
  }
};

type Stretch = Layout["tensors"][number];

const readEntry = (name: string, value: unknown): Either<SafetensorsError, Stretch> => {
  const entry = Entry.decode(value);
  if (isLeft(entry)) return fail(`has a malformed entry for "${name}"`);
  const { dtype, shape, data_offsets } = entry.right;
  if (dtype !== "F32") return fail(`holds "${name}" as ${dtype}, where only F32 is read`);
  const [begin, end] = data_offsets;
  return end - begin === 4 * elements(shape)
    ? right({ name, shape, begin, end })
    : fail(
        `gives "${name}" ${end - begin} bytes, where its shape [${shape.join(", ")}] takes ${4 * elements(shape)}`,
      );
};

/** Checks that the byte ranges, in order, cover the data exactly. */
const checkCover = (
  stretches: readonly Stretch[],
  dataBytes: number,
): Either<SafetensorsError, true> => {
  let covered = 0;
  for (const { name, begin, end } of stretches) {
    if (begin < covered) return fail(`has tensors that overlap, at "${name}"`);
    if (begin > covered) return fail(`has a gap in its data before "${name}"`);
    if (end > dataBytes) return fail(`is cut off: the data of "${name}" is incomplete`);
    covered = end;
  }
  return covered === dataBytes
    ? right(true)
    : fail(`has ${dataBytes - covered} bytes after its last tensor`);
};

/** Checks a header, as bytes without its length, against the size of its file. */
export const parseHeader = (
  header: Uint8Array,
  fileBytes: number,
): Either<SafetensorsError, Layout> => {
  const json = parseJson(header);
  if (isLeft(json)) return json;
  const { __metadata__ = {}, ...entries } = json.right;
  const metadata = Metadata.decode(__metadata__);
  if (isLeft(metadata)) return fail("has metadata that is not text");
  const stretches: Stretch[] = [];
  for (const [name, value] of Object.entries(entries)) {
    const stretch = readEntry(name, value);
    if (isLeft(stretch)) return stretch;
    stretches.push(stretch.right);
  }
  stretches.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const start = prefixBytes + header.byteLength;
  const cover = checkCover(stretches, fileBytes - start);
  if (isLeft(cover)) return cover;
  const placed = stretches.map((s) => ({ ...s, begin: s.begin + start, end: s.end + start }));
  return right({ tensors: placed, metadata: metadata.right });
};

/** Decodes a whole file in memory. The tensors own their data. */
export const decode = (file: Uint8Array): Either<SafetensorsError, Contents> => {
  const length = headerLength(file, file.byteLength);
  if (isLeft(length)) return length;
  const header = file.subarray(prefixBytes, prefixBytes + length.right);
  const layout = parseHeader(header, file.byteLength);
  if (isLeft(layout)) return layout;
  const tensors = new Map<string, HostTensor>();
  for (const { name, shape, begin, end } of layout.right.tensors) {
    const data = new Float32Array((end - begin) / 4);
    bytesOf(data).set(file.subarray(begin, end));
    tensors.set(name, { shape, data });
  }
  return right({ tensors, metadata: layout.right.metadata });
};
