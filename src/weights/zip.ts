/**
 * Writes a zip archive as `torch.save` does: stored entries, whose bytes begin at multiples of 64
 * so that they can be mapped into memory.
 */
import { impossible } from "../base/impossible.js";
import { crc32 } from "./crc32.js";

const alignment = 64;
const version = 20;
/** Names are UTF-8. */
const flags = 0x800;
/** 1 January 1980, so that equal contents give equal bytes. */
const date = 0x21;
/** Mark of the extra field that fills up to the alignment. */
const filler = 0x4246;

/** Numbers of 2 and 4 bytes, the lowest byte first. */
const packed = (fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array => {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
};

/** What both headers of an entry say. */
const common = (name: Uint8Array, data: Uint8Array, crc: number, extra: number) =>
  [
    [2, version],
    [2, flags],
    [2, 0],
    [2, 0],
    [2, date],
    [4, crc],
    [4, data.byteLength],
    [4, data.byteLength],
    [2, name.byteLength],
    [2, extra],
  ] as const;

/** Makes a filler, 4 bytes or more, so that what follows it begins at a multiple of 64. */
const fillerAt = (at: number): Uint8Array => {
  const size = 4 + ((alignment - ((at + 4) % alignment)) % alignment);
  const bytes = new Uint8Array(size);
  bytes.set(
    packed([
      [2, filler],
      [2, size - 4],
    ]),
  );
  return bytes;
};

/** Returns an archive of these entries as pieces to be written in turn. At most 4 GiB in all. */
export const zip = (entries: Iterable<readonly [string, Uint8Array]>): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const add = (piece: Uint8Array): void => {
    pieces.push(piece);
    at += piece.byteLength;
  };
  for (const [text, data] of entries) {
    const name = new TextEncoder().encode(text);
    const crc = crc32(data);
    const header = at;
    const extra = fillerAt(at + 30 + name.byteLength);
    add(packed([[4, 0x04034b50], ...common(name, data, crc, extra.byteLength)]));
    add(name);
    add(extra);
    add(data);
    directory.push(
      packed([
        [4, 0x02014b50],
        [2, version],
        ...common(name, data, crc, 0),
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, header],
      ]),
      name,
    );
  }
  const from = at;
  for (const piece of directory) add(piece);
  if (at >= 2 ** 32) impossible("an archive of 4 GiB");
  const count = directory.length / 2;
  add(
    packed([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
      [4, at - from],
      [4, from],
      [2, 0],
    ]),
  );
  return pieces;
};
