/**
 * Checks from the bytes of a JPEG file whether it is intact. JPEG has no checksum, so damage shows
 * only where it derails the decoder.
 */

/** A scan's entropy-coded bytes, `[begin, end)` in the file. */
interface Scan {
  readonly begin: number;
  readonly end: number;
}

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

/**
 * Returns the end of the entropy-coded bytes from `begin` on: the next marker that is not a
 * restart.
 */
const endOfScan = (bytes: Uint8Array, begin: number): number => {
  let at = begin;
  while (at < bytes.length - 1) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at >= bytes.length - 1) return bytes.length;
    const next = bytes[at + 1] ?? 0;
    // A byte of 255 is followed by 0 if it stands for itself, and by another 255 if it is padding.
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
    at += next === 0xff ? 1 : 2;
  }
  return bytes.length;
};

/**
 * Finds the last scan of the first picture in a file. Undefined if the segments do not lead to its
 * end.
 */
const lastScan = (bytes: Uint8Array): Scan | undefined => {
  let scan: Scan | undefined;
  let at = 2;
  while (at < bytes.length - 1) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) return scan;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 2) return undefined;
    at += 2 + length;
    if (marker !== 0xda) continue;
    scan = { begin: at, end: endOfScan(bytes, at) };
    at = scan.end;
  }
  return undefined;
};

/** Bytes that some encoders leave unused at the end of a scan. */
const slack = 32;

/** Tells whether a byte is filling at the end of a scan: padding or part of a restart marker. */
const isFilling = (byte: number): boolean => byte === 0 || byte === 0xff || isRestart(byte);

/** Returns the end of a scan's data without its filling. */
const endOfData = (bytes: Uint8Array, { begin, end }: Scan): number => {
  let at = end;
  while (at > begin && isFilling(bytes[at - 1] ?? 0)) at--;
  return at;
};

/**
 * Returns the file without the end of its last scan. An intact picture does not decode without it.
 * If this one does, the decoder lost its place in the original and was done before its end.
 * Undefined if the file has no such scan.
 */
export const withoutEnd = (bytes: Uint8Array): Uint8Array | undefined => {
  const scan = lastScan(bytes);
  if (scan === undefined) return undefined;
  return bytes.subarray(0, Math.max(scan.begin, endOfData(bytes, scan) - slack));
};

const damages: readonly RegExp[] = [
  /premature end/i,
  /bad (?:huffman|arithmetic) code/i,
  /instead of RST/,
];

/**
 * Tells whether a decoder's warning about these bytes means lost data, not an oddity of the
 * encoder.
 */
export const isDamage = (warning: string, bytes: Uint8Array): boolean => {
  const unused = /(\d+) extraneous bytes before marker/.exec(warning)?.[1];
  if (unused === undefined) return damages.some((pattern) => pattern.test(warning));
  const scan = lastScan(bytes);
  const filling = scan === undefined ? 0 : scan.end - endOfData(bytes, scan);
  return Number(unused) > slack + filling;
};
