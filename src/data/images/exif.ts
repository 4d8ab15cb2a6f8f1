/** EXIF data of a picture that was turned upright and painted anew: all but the orientation and the small picture stays. */

const orientation = 0x0112;

/** What stands before the data in a JPEG, and in what a decoder gives. */
const prefix = Buffer.from("Exif\0\0", "latin1");

const entryBytes = 12;

/**
 * A copy, without what stands before it in a JPEG, whose orientation is upright and which has no thumbnail, for that shows what
 * the picture was before. Undefined where the data are no EXIF data.
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
  // The directory of the thumbnail is the next one.
  if (end + 4 <= data.length) data.writeUInt32LE(0, end);
  return data;
};
