/**
 * Writes curves for TensorBoard: protocol buffers `Event` (tensorflow/core/util/event.proto and
 * framework/summary.proto), framed as TFRecord.
 */
import protobuf from "protobufjs/light.js";

/** The messages, with only the fields that are written. */
const root = protobuf.Root.fromJSON({
  nested: {
    Image: {
      fields: {
        height: { type: "int32", id: 1 },
        width: { type: "int32", id: 2 },
        colorspace: { type: "int32", id: 3 },
        encodedImageString: { type: "bytes", id: 4 },
      },
    },
    Value: {
      oneofs: { value: { oneof: ["simpleValue", "image"] } },
      fields: {
        tag: { type: "string", id: 1 },
        simpleValue: { type: "float", id: 2 },
        image: { type: "Image", id: 4 },
      },
    },
    Summary: { fields: { value: { rule: "repeated", type: "Value", id: 1 } } },
    Event: {
      oneofs: { what: { oneof: ["fileVersion", "summary"] } },
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
      },
    },
  },
});

const eventType = root.lookupType("Event");

/** CRC-32C (RFC 3720, appendix B.4), reflected. */
const castagnoli = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ castagnoli : crc >>> 1;
  return crc >>> 0;
});

export const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
};

/** Masks a checksum as TFRecord does: a checksum of data that contain checksums would tell less. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/** Frames a record: length, its checksum, the data, their checksum; little-endian. */
const record = (data: Uint8Array): Uint8Array => {
  const framed = Buffer.alloc(12 + data.length + 4);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(framed.subarray(0, 8)), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(data), 12 + data.length);
  return framed;
};

/** A moment of a run: seconds since 1970, and steps made before. */
export interface Moment {
  readonly time: number;
  readonly step: number;
}

/** Writes the first record of a file of events. */
export const eventsHead = (time: number): Uint8Array =>
  record(eventType.encode({ wallTime: time, fileVersion: "brain.Event:2" }).finish());

const summary = ({ time, step }: Moment, value: readonly object[]): Uint8Array =>
  record(eventType.encode({ wallTime: time, step, summary: { value } }).finish());

/** Writes numbers by tag. TensorBoard groups tags by what precedes their first slash. */
export const scalarEvent = (
  moment: Moment,
  values: readonly (readonly [string, number])[],
): Uint8Array =>
  summary(
    moment,
    values.map(([tag, simpleValue]) => ({ tag, simpleValue })),
  );

export interface EncodedImage {
  /** PNG. */
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export const imageEvent = (
  moment: Moment,
  tag: string,
  { bytes, width, height }: EncodedImage,
): Uint8Array => {
  const rgb = 3;
  return summary(moment, [
    { tag, image: { height, width, colorspace: rgb, encodedImageString: bytes } },
  ]);
};

/** Returns the tag of a metric. A player's whole objective is kept apart from the terms. */
export const tagOf = (metric: string): string =>
  /^(?:min|max)\[/.test(metric) ? `players/${metric}` : `losses/${metric}`;

export const rateTag = "schedule/learning rate";
