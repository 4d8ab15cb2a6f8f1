/** Pickles and archives put together byte by byte, sound ones and others. */
import { zip } from "../../src/weights/zip.js";

export type Part = number | string | readonly Part[];

const collect = (part: Part, into: number[]): void => {
  if (typeof part === "number") into.push(part);
  else if (typeof part === "string")
    for (const byte of Buffer.from(part, "latin1")) into.push(byte);
  else for (const inner of part) collect(inner, into);
};

/** Bytes of numbers and of texts, in turn. */
export const bytesOf = (...parts: readonly Part[]): Uint8Array => {
  const bytes: number[] = [];
  collect(parts, bytes);
  return Uint8Array.from(bytes);
};

export const u16 = (value: number): readonly number[] => [value & 255, (value >>> 8) & 255];
export const u32 = (value: number): readonly number[] => [...u16(value), ...u16(value >>> 16)];
export const u64 = (value: number | bigint): readonly number[] =>
  Array.from({ length: 8 }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));

/** Python's opcodes, as far as they take something. */
export const op = {
  proto: (version: number): Part => [0x80, version],
  global: (module: string, name: string): Part => ["c", module, "\n", name, "\n"],
  text: (text: string): Part => [
    "X",
    u32(Buffer.byteLength(text)),
    Buffer.from(text).toString("latin1"),
  ],
  int: (value: number): Part => ["J", u32(value)],
  long: (value: number | bigint, bytes = 8): Part => [0x8a, bytes, u64(value).slice(0, bytes)],
  tuple: (...items: readonly Part[]): Part => ["(", items, "t"],
  ordered: ["c", "collections\nOrderedDict\n", ")R"] as Part,
};

export interface TensorParts {
  readonly type?: Part;
  readonly key?: Part;
  readonly count?: Part;
  readonly offset?: Part;
  readonly shape?: Part;
  readonly strides?: Part;
}

export const storage = ({ type, key, count }: TensorParts = {}): Part => [
  op.tuple(
    op.text("storage"),
    type ?? op.global("torch", "FloatStorage"),
    key ?? op.text("0"),
    op.text("cpu"),
    count ?? op.int(6),
  ),
  "Q",
];

/** A tensor of 2 x 3 unless told otherwise. */
export const tensor = (parts: TensorParts = {}): Part => [
  op.global("torch._utils", "_rebuild_tensor_v2"),
  op.tuple(
    storage(parts),
    parts.offset ?? op.int(0),
    parts.shape ?? op.tuple(op.int(2), op.int(3)),
    parts.strides ?? op.tuple(op.int(3), op.int(1)),
    0x89,
    op.ordered,
  ),
  "R",
];

/** A pickle of one value. */
export const pickle = (...value: readonly Part[]): Uint8Array => bytesOf(op.proto(2), value, ".");

/** The pickle of a state with these entries, names and tensors in turn. */
export const state = (...items: readonly Part[]): Uint8Array => pickle(op.ordered, "(", items, "u");

const six = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

export type Entries = Readonly<Record<string, Uint8Array>>;

const joined = (pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));

/** An archive around a pickle, with one storage of six numbers. */
export const archive = (
  data: Uint8Array,
  others: Entries = { "archive/data/0": six },
): Uint8Array => joined(zip([["archive/data.pkl", data], ...Object.entries(others)]));

export const archiveOf = (entries: readonly (readonly [string, Uint8Array])[]): Uint8Array =>
  joined(zip(entries));

export const sixNumbers = six;

/** A small sound archive: `w`, two rows of three numbers. */
export const sound = (): Uint8Array => archive(state(op.text("w"), tensor()));

/** 0x1950a86a20f9469cfc6c, in ten bytes. */
const magicBytes = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

export interface LegacyParts {
  readonly magic?: Part;
  readonly protocol?: Part;
  readonly system?: Part;
  readonly keys?: Part;
  readonly storages?: Part;
}

/** A file as PyTorch wrote before 1.6. */
export const legacy = (value: Uint8Array, parts: LegacyParts = {}): Uint8Array =>
  bytesOf(
    [op.proto(2), parts.magic ?? magicBytes, "."],
    [op.proto(2), parts.protocol ?? ["M", u16(1001)], "."],
    [op.proto(2), parts.system ?? ["}(", op.text("little_endian"), 0x88, "u"], "."],
    [...value],
    [op.proto(2), parts.keys ?? ["](", op.text("0"), "e"], "."],
    parts.storages ?? [u64(6), [...six]],
  );

export const soundLegacy = (): Uint8Array => legacy(state(op.text("w"), tensor()));

/** A copy with other bytes from `at` on. */
export const patched = (file: Uint8Array, at: number, ...parts: readonly Part[]): Uint8Array => {
  const copy = Uint8Array.from(file);
  copy.set(bytesOf(...parts), at);
  return copy;
};

/** Where a text stands for the n-th time, from 0. */
export const placeOf = (file: Uint8Array, text: string, n = 0): number => {
  let at = -1;
  for (let i = 0; i <= n; i++) at = Buffer.from(file).indexOf(text, at + 1, "latin1");
  return at;
};
