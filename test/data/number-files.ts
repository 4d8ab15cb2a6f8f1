/**
 * Files of numbers for tests, written byte by byte as their formats say: no reader of ours made
 * them.
 */

export type NumberType = "u1" | "<u2" | ">u2" | "<f4" | ">f4" | "<f8" | ">f8";

const numberBytes = (type: string, values: readonly number[]): Buffer => {
  const size = Number(type.at(-1));
  const bytes = Buffer.alloc(size * values.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittle = !type.startsWith(">");
  for (const [i, value] of values.entries())
    if (type.endsWith("u1")) view.setUint8(i, value);
    else if (type.endsWith("u2")) view.setUint16(2 * i, value, isLittle);
    else if (type.endsWith("f4")) view.setFloat32(4 * i, value, isLittle);
    else if (type.endsWith("f8")) view.setFloat64(8 * i, value, isLittle);
  return bytes;
};

/** As numpy.lib.format has it; of types that are not read the elements are zero. */
export const npyOf = (
  type: string,
  shape: readonly number[],
  values: readonly number[],
  { version = 1, isFortran = false } = {},
): Buffer => {
  const descr = type === "u1" ? "|u1" : type;
  const shapeText = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const order = isFortran ? "True" : "False";
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shapeText}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  const magic = Buffer.from([0x93, ...Buffer.from("NUMPY"), version, 0]);
  return Buffer.concat([magic, length, header, numberBytes(type, values)]);
};

/**
 * An uncompressed TIFF 6.0 of one strip, `[height, width, channels]`; all channels but the first
 * are extra samples.
 */
export const tiffOf = (
  [height, width, channels]: readonly [number, number, number],
  type: "u1" | "<u2" | "<f4" | "<f8",
  values: readonly number[],
): Buffer => {
  const bits = 8 * Number(type.at(-1));
  const format = type.includes("f") ? 3 : 1;
  const data = numberBytes(type, values);
  const lists = 8 + data.length + (data.length % 2);
  const list = (value: number): Buffer =>
    numberBytes(
      "<u2",
      Array.from({ length: channels }, () => value),
    );
  const extra = channels - 1;
  const entries: readonly (readonly [number, number, number, number])[] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, channels, channels < 3 ? bits * 65537 : lists],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, 1, 8],
    [277, 3, 1, channels],
    [278, 4, 1, height],
    [279, 4, 1, data.length],
    [284, 3, 1, 1],
    ...(extra > 0 ? [[338, 3, extra, extra < 3 ? 0 : lists + 2 * channels] as const] : []),
    [339, 3, channels, channels < 3 ? format * 65537 : lists + 4 * channels],
  ];
  const directory = Buffer.alloc(2 + 12 * entries.length + 4);
  directory.writeUInt16LE(entries.length);
  for (const [i, [tag, kind, count, value]] of entries.entries()) {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(kind, 4 + 12 * i);
    directory.writeUInt32LE(count, 6 + 12 * i);
    directory.writeUInt32LE(value >>> 0, 10 + 12 * i);
  }
  const head = Buffer.from("II*\0    ", "latin1");
  const after = Buffer.concat([list(bits), list(0), list(format)]);
  head.writeUInt32LE(lists + after.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2), after, directory]);
};
