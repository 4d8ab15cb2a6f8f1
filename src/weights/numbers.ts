/** The kinds of numbers that PyTorch's storages hold. */

export interface NumberKind {
  /** PyTorch's name: `float32`. */
  readonly name: string;
  /** Bytes of one number. */
  readonly bytes: number;
  /** Reads the number at a byte. */
  readonly read: (view: DataView, at: number) => number;
}

/** The value of IEEE 754's 16 bits. */
const half = (bits: number): number => {
  const [sign, exponent, fraction] = [bits >>> 15, (bits >>> 10) & 31, bits & 1023];
  const size =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * 2 ** (exponent - 25);
  return sign === 1 ? -size : size;
};

const widen = new DataView(new ArrayBuffer(4));

/** The value of the upper 16 bits of a float32. */
const brain = (bits: number): number => {
  widen.setUint32(0, bits * 2 ** 16);
  return widen.getFloat32(0);
};

/** By the name of the storage's class in `torch`. */
export const storageKinds: ReadonlyMap<string, NumberKind> = new Map([
  ["FloatStorage", { name: "float32", bytes: 4, read: (v, at) => v.getFloat32(at, true) }],
  ["DoubleStorage", { name: "float64", bytes: 8, read: (v, at) => v.getFloat64(at, true) }],
  ["HalfStorage", { name: "float16", bytes: 2, read: (v, at) => half(v.getUint16(at, true)) }],
  [
    "BFloat16Storage",
    { name: "bfloat16", bytes: 2, read: (v, at) => brain(v.getUint16(at, true)) },
  ],
  ["LongStorage", { name: "int64", bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) }],
  ["IntStorage", { name: "int32", bytes: 4, read: (v, at) => v.getInt32(at, true) }],
  ["ShortStorage", { name: "int16", bytes: 2, read: (v, at) => v.getInt16(at, true) }],
  ["CharStorage", { name: "int8", bytes: 1, read: (v, at) => v.getInt8(at) }],
  ["ByteStorage", { name: "uint8", bytes: 1, read: (v, at) => v.getUint8(at) }],
  ["BoolStorage", { name: "bool", bytes: 1, read: (v, at) => v.getUint8(at) }],
] as const);
