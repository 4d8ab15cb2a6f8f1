/** What the bytes of a JPEG file tell of its being whole. They carry no checksum, so damage shows only where it throws the decoder off. */

/** A scan's entropy-coded bytes, `[begin, end)` in the file. */
interface Scan {
  readonly begin: number;
  readonly end: number;
}

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;

/** Where the entropy-coded bytes from `begin` on end: before the next marker that is no restart. */
const endOfScan = (bytes: Uint8Array, begin: number): number => {
  let at = begin;
  while (at < bytes.length - 1) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at >= bytes.length - 1) return bytes.length;
    const next = bytes[at + 1] ?? 0;
    // A byte of 255 is followed by 0 where it stands for itself, and by more of its kind where it fills.
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
    at += next === 0xff ? 1 : 2;
  }
  return bytes.length;
};

/** The last scan of the first picture in a file; nothing where its segments do not lead to its end. */
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

/** Bytes that encoders leave unused at the end of a scan now and then. */
const slack = 32;

/** What fills up the end of a scan: padding and restart markers say nothing. */
const isFilling = (byte: number): boolean => byte === 0 || byte === 0xff || isRestart(byte);

/** Where the last scan ends, what fills it up left aside. */
const endOfData = (bytes: Uint8Array, { begin, end }: Scan): number => {
  let at = end;
  while (at > begin && isFilling(bytes[at - 1] ?? 0)) at--;
  return at;
};

/**
 * The file without the end of its last scan. A whole picture cannot do without: where it can be decoded so, the decoder has
 * lost its place in the original, and was done before its end. Nothing where that cannot be asked.
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

/** Whether what the decoder warns of in these bytes is lost data, not an oddity of who wrote the file. */
export const isDamage = (warning: string, bytes: Uint8Array): boolean => {
  const unused = /(\d+) extraneous bytes before marker/.exec(warning)?.[1];
  if (unused === undefined) return damages.some((pattern) => pattern.test(warning));
  const scan = lastScan(bytes);
  const filling = scan === undefined ? 0 : scan.end - endOfData(bytes, scan);
  return Number(unused) > slack + filling;
};
