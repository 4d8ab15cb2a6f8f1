/**
 * PNG metadata: the size, and chunks of text and EXIF data (PNG specification, third edition,
 * 11.2.1 and 11.3).
 */
import { crc32 } from "node:zlib";

const signatureBytes = 8;
/** Bytes around a chunk's data: length and kind before it, checksum after it. */
const beforeData = 8;
const behindData = 4;

const chunkOf = (kind: string, data: Uint8Array): Buffer => {
  const chunk = Buffer.alloc(beforeData + data.length + behindData);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(kind, 4, "latin1");
  chunk.set(data, beforeData);
  chunk.writeUInt32BE(
    crc32(chunk.subarray(4, beforeData + data.length)),
    chunk.length - behindData,
  );
  return chunk;
};

/** Offset after the header, which is the first chunk and has 13 bytes of data. */
const behindHeader = signatureBytes + beforeData + 13 + behindData;

const withChunk = (png: Uint8Array, kind: string, data: Uint8Array): Buffer =>
  Buffer.concat([png.subarray(0, behindHeader), chunkOf(kind, data), png.subarray(behindHeader)]);

/** Inserts EXIF data into a PNG file, after the header. */
export const withPngExif = (png: Uint8Array, exif: Uint8Array): Buffer =>
  withChunk(png, "eXIf", exif);

/**
 * Inserts a text with that keyword into a PNG file, after the header.
 * @param keyword 1 to 79 letters
 * @param text Latin-1; ASCII is safe everywhere
 */
export const withPngText = (png: Uint8Array, keyword: string, text: string): Uint8Array =>
  withChunk(png, "tEXt", Buffer.from(`${keyword}\0${text}`, "latin1"));

/**
 * Returns the first text with that keyword. Undefined if there is none or the file is not a PNG.
 */
export const pngText = (png: Uint8Array, keyword: string): string | undefined => {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  for (let at = signatureBytes; at + beforeData <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const data = bytes.subarray(at + beforeData, at + beforeData + length);
    if (bytes.toString("latin1", at + 4, at + beforeData) === "tEXt") {
      const end = data.indexOf(0);
      if (data.toString("latin1", 0, end) === keyword) return data.toString("latin1", end + 1);
    }
    at += beforeData + length + behindData;
  }
  return undefined;
};

/** Returns the size of a PNG in pixels. Undefined if the file is not a PNG. */
export const pngSize = (
  png: Uint8Array,
): { readonly width: number; readonly height: number } | undefined => {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const isPng = bytes.length >= behindHeader && bytes.toString("latin1", 1, 4) === "PNG";
  if (!isPng || bytes.toString("latin1", 12, 16) !== "IHDR") return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
};
