/**
 * EXIF data for a picture that was turned upright and repainted: keeps all but orientation and
 * thumbnail.
 */

const orientation = 0x0112;

/** The prefix of EXIF data in a JPEG and in the decoder's output. */
const prefix = Buffer.from("Exif\0\0", "latin1");

const entryBytes = 12;

/**
 * Returns a copy with upright orientation, without the JPEG prefix and without the thumbnail, which
 * shows the picture before the change. Undefined if the bytes are not EXIF data.
 */
export const uprightExif = (exif: Uint8Array): Buffer | undefined => {
  const whole = Buffer.from(exif);
  const data = whole.subarray(0, prefix.length).equals(prefix)
    ? whole.subarray(prefix.length)
    : whole;
  const order = data.toString("latin1", 0, 2);
  if (data.length < 8 || (order !== "II" && order !== "MM")) return undefined;
  const isLittle = order === "II";
  const short = (at: number): number => (isLittle ? data.readUInt16LE(at) : data.readUInt16BE(at));
  const long = (at: number): number => (isLittle ? data.readUInt32LE(at) : data.readUInt32BE(at));
  const setShort = (value: number, at: number): void =>
    void (isLittle ? data.writeUInt16LE(value, at) : data.writeUInt16BE(value, at));
  const first = long(4);
  if (first + 2 > data.length) return undefined;
  const count = short(first);
  const end = first + 2 + count * entryBytes;
  if (end > data.length) return undefined;
  for (let at = first + 2; at < end; at += entryBytes)
    if (short(at) === orientation) setShort(1, at + 8);
  // The next directory is the thumbnail's.
  if (end + 4 <= data.length) data.writeUInt32LE(0, end);
  return data;
};
