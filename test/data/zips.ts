/**
 * Zip archives of any oddness, written here: what archivers refuse to make is what is to be tried.
 */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly content?: Uint8Array;
  readonly isStored?: boolean;
  readonly isEncrypted?: boolean;
  readonly isLink?: boolean;
  /** Sizes and place are in an extra field of 64 bits. */
  readonly is64?: boolean;
  /** What its directory says that it unpacks to. */
  readonly claimed?: number;
  /** What its directory says that its checksum is. */
  readonly checksum?: number;
  readonly method?: number;
}

const numbers = (...fields: readonly (readonly [number, 2 | 4 | 8])[]): Buffer =>
  Buffer.concat(
    fields.map(([value, bytes]) => {
      const field = Buffer.alloc(bytes);
      if (bytes === 2) field.writeUInt16LE(value);
      else if (bytes === 4) field.writeUInt32LE(value >>> 0);
      else field.writeBigUInt64LE(BigInt(value));
      return field;
    }),
  );

/** The archive (APPNOTE 6.3: local files, central directory, end). */
export const zipOf = (entries: readonly ZipEntry[]): Buffer => {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const content = entry.content ?? new Uint8Array(0);
    const data = entry.isStored ? Buffer.from(content) : deflateRawSync(content);
    const name = Buffer.from(entry.name);
    const flags = 0x800 | (entry.isEncrypted ? 1 : 0);
    const method = entry.method ?? (entry.isStored ? 0 : 8);
    const crc = entry.checksum ?? crc32(content);
    const size = entry.claimed ?? content.length;
    const common = [
      [20, 2],
      [flags, 2],
      [method, 2],
      [0, 4],
      [crc, 4],
    ] as const;
    const whole = 0xffffffff;
    const extra = entry.is64
      ? numbers([1, 2], [24, 2], [size, 8], [data.length, 8], [at, 8])
      : Buffer.alloc(0);
    const [a, b, c] = entry.is64 ? [whole, whole, whole] : [data.length, size, at];
    const local = Buffer.concat([
      numbers([0x04034b50, 4], ...common, [data.length, 4], [size, 4], [name.length, 2], [0, 2]),
      name,
      data,
    ]);
    const mode = entry.isLink ? 0o120777 : 0o100644;
    centrals.push(
      Buffer.concat([
        numbers([0x02014b50, 4], [(3 << 8) | 45, 2], ...common, [a, 4], [b, 4]),
        numbers([name.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2]),
        numbers([(mode << 16) >>> 0, 4], [c, 4]),
        name,
        extra,
      ]),
    );
    locals.push(local);
    at += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = numbers(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [entries.length, 2],
    [entries.length, 2],
    [central.length, 4],
    [at, 4],
    [0, 2],
  );
  return Buffer.concat([...locals, central, end]);
};
