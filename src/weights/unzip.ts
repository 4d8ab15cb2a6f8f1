/**
 * Reads a zip archive in memory, as far as `torch.save` writes them: stored entries, with zip64
 * where it is needed. Nothing is unpacked, so an archive is never larger than its file. An archive
 * that programs could read in two ways is refused: entries that overlap, names that repeat, headers
 * that contradict the directory.
 */
import { crc32 } from "./crc32.js";
import { Cursor, utf8 } from "./cursor.js";
import { refuse } from "./refusal.js";

const local = 0x04034b50;
const central = 0x02014b50;
const end = 0x06054b50;
const end64 = 0x06064b50;
const locator64 = 0x07064b50;

const endBytes = 22;
const locatorBytes = 20;
const mostComment = 0xffff;
const saturated = 0xffffffff;

/** Most entries: a state has one for each of its tensors, and a few more. */
const mostEntries = 65_536;
const mostName = 1024;

const what = "its directory";

interface Entry {
  readonly name: string;
  readonly crc: number;
  readonly bytes: number;
  /** Where its own header begins. */
  readonly header: number;
}

interface Directory {
  readonly count: number;
  readonly bytes: number;
  readonly from: number;
  /** Where it has to end. */
  readonly to: number;
}

/** Finds the last record whose comment ends with the file. */
const findEnd = (file: Uint8Array): number => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const last = file.byteLength - endBytes;
  for (let at = last; at >= Math.max(0, last - mostComment); at--)
    if (
      view.getUint32(at, true) === end &&
      at + endBytes + view.getUint16(at + 20, true) === file.byteLength
    )
      return at;
  return refuse("is cut off, or is no whole zip archive: its directory is missing");
};

const onOneDisk = (numbers: readonly number[]): void => {
  if (numbers.some((number) => number !== 0)) refuse("is a part of an archive on several disks");
};

/** Reads the large form of the end record, if there is one. */
const findEnd64 = (file: Uint8Array, at: number): Directory | undefined => {
  if (at < locatorBytes) return undefined;
  const cursor = new Cursor(file, what, at - locatorBytes);
  if (cursor.u32() !== locator64) return undefined;
  const disk = cursor.u32();
  const from = cursor.u64();
  onOneDisk([disk, cursor.u32() - 1]);
  if (from > at - locatorBytes) refuse("gives a directory that lies outside of it");
  const record = new Cursor(file, what, from);
  if (record.u32() !== end64) refuse("has a broken zip64 record");
  record.u64();
  record.u32();
  onOneDisk([record.u32(), record.u32()]);
  const [here, count] = [record.u64(), record.u64()];
  if (here !== count) refuse("contradicts itself about the number of its entries");
  return { count, bytes: record.u64(), from: record.u64(), to: from };
};

const findDirectory = (file: Uint8Array): Directory => {
  const at = findEnd(file);
  const cursor = new Cursor(file, what, at + 4);
  onOneDisk([cursor.u16(), cursor.u16()]);
  const [here, count] = [cursor.u16(), cursor.u16()];
  const small = { count, bytes: cursor.u32(), from: cursor.u32(), to: at };
  if (here !== count) refuse("contradicts itself about the number of its entries");
  const large = findEnd64(file, at);
  const isFull = count === 0xffff || small.bytes === saturated || small.from === saturated;
  if (large === undefined) return isFull ? refuse("lacks its zip64 record") : small;
  const agrees = (a: number, b: number, full: number): boolean => a === full || a === b;
  return agrees(count, large.count, 0xffff) &&
    agrees(small.bytes, large.bytes, saturated) &&
    agrees(small.from, large.from, saturated)
    ? large
    : refuse("has two directories that contradict each other");
};

/** Replaces the numbers that 32 bits could not hold by those of the extra field, in its order. */
const widened = (
  numbers: readonly number[],
  extra: Uint8Array,
  name: string,
): readonly number[] => {
  if (!numbers.includes(saturated)) return numbers;
  const cursor = new Cursor(extra, what);
  while (cursor.left >= 4) {
    const [id, size] = [cursor.u16(), cursor.u16()];
    const field = new Cursor(cursor.take(size), what);
    if (id === 1) return numbers.map((n) => (n === saturated ? field.u64() : n));
  }
  return refuse(`gives no size of ${name}`);
};

/** Refuses a name that leads somewhere else, whoever unpacks it. */
const checkName = (name: string): void => {
  const parts = name.split("/");
  if (name.startsWith("/") || parts.includes("..") || /[\\\0]|^[a-z]:/i.test(name))
    refuse(`has an entry named ${JSON.stringify(name)}, which leads out of it`);
};

const readEntry = (cursor: Cursor): Entry => {
  if (cursor.u32() !== central) refuse("has a broken directory");
  cursor.take(4);
  const [flags, method] = [cursor.u16(), cursor.u16()];
  cursor.take(4);
  const [crc, packed, unpacked] = [cursor.u32(), cursor.u32(), cursor.u32()];
  const [nameBytes, extraBytes, commentBytes] = [cursor.u16(), cursor.u16(), cursor.u16()];
  const disk = cursor.u16();
  cursor.take(6);
  const header = cursor.u32();
  if (nameBytes > mostName) refuse(`has an entry with a name of more than ${mostName} bytes`);
  const name = utf8(cursor.take(nameBytes), what);
  checkName(name);
  if (/^[^/]+\/(?:code\/|constants\.pkl$)/.test(name))
    refuse("is a TorchScript program, not a state: save the network's state_dict() instead");
  if (method !== 0)
    refuse(`has ${name} compressed, which torch.save never does: save it again with torch.save`);
  if ((flags & 1) !== 0) refuse(`has ${name} encrypted`);
  const [bytes = 0, stored = 0, from = 0] = widened(
    [unpacked, packed, header],
    cursor.take(extraBytes),
    name,
  );
  cursor.take(commentBytes);
  onOneDisk([disk]);
  if (bytes !== stored) refuse(`gives two sizes for ${name}, ${stored} and ${bytes} bytes`);
  return { name, crc, bytes, header: from };
};

/** Finds where an entry's bytes begin, and checks that its own header agrees with the directory. */
const dataOf = (file: Uint8Array, { name, bytes, header }: Entry, most: number): number => {
  const cursor = new Cursor(file, `the header of ${name}`, Math.min(header, file.byteLength));
  if (cursor.u32() !== local) refuse(`has no ${name} where its directory says`);
  cursor.take(2);
  const [flags, method] = [cursor.u16(), cursor.u16()];
  cursor.take(8);
  const sizes = [cursor.u32(), cursor.u32()];
  const [nameBytes, extraBytes] = [cursor.u16(), cursor.u16()];
  const own = utf8(cursor.take(nameBytes), what);
  cursor.take(extraBytes);
  if (own !== name) refuse(`has ${JSON.stringify(own)} where its directory says ${name}`);
  if (method !== 0 || (flags & 1) !== 0) refuse(`contradicts its directory about ${name}`);
  const comesLater = (flags & 8) !== 0;
  if (!comesLater && sizes.some((size) => size !== saturated && size !== bytes))
    refuse(`gives two sizes for ${name}`);
  if (cursor.at + bytes > most) refuse(`is cut off within ${name}`);
  return cursor.at;
};

/**
 * Returns the entries of an archive by name, as views of the file, in the directory's order.
 * Refuses an archive that is damaged, or that could be read in two ways.
 */
export const unzip = (file: Uint8Array): ReadonlyMap<string, Uint8Array> => {
  const { count, bytes, from, to } = findDirectory(file);
  if (count > mostEntries) refuse(`has ${count} entries, more than any state`);
  if (from + bytes !== to) refuse("has a directory that does not end where it should");
  const cursor = new Cursor(file.subarray(0, to), what, from);
  const entries = Array.from({ length: count }, () => readEntry(cursor));
  if (cursor.at !== to) refuse("has more in its directory than it counts");
  const found = new Map<string, Uint8Array>();
  const ranges = entries.map((entry) => {
    const { name, crc } = entry;
    if (found.has(name)) refuse(`has two entries named ${name}`);
    const start = dataOf(file, entry, from);
    const data = file.subarray(start, start + entry.bytes);
    // PyTorch can be told to compute none.
    if (crc !== 0 && crc !== crc32(data)) refuse(`was damaged: ${name} does not fit its checksum`);
    found.set(name, data);
    return { name, begin: entry.header, end: start + entry.bytes };
  });
  ranges.sort((a, b) => a.begin - b.begin);
  for (const [i, { name, begin }] of ranges.entries()) {
    const before = ranges[i - 1];
    if (before !== undefined && before.end > begin)
      refuse(`has entries that overlap, ${before.name} and ${name}`);
  }
  return found;
};
