/**
 * NumPy files of one array, `.npy`, formats 1 to 3 (numpy.lib.format): unsigned integers of 8 and
 * 16 bits and floats of 32 and 64, of shape (height, width) or (height, width, channels).
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Numbers } from "./numbers.js";

interface Header {
  readonly type: string;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Offset of the numbers. */
  readonly at: number;
}

const headerOf = (bytes: Buffer): Either<string, Header> => {
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) return left(`it is of version ${major} of the format, not of 1 to 3`);
  const begin = major === 1 ? 10 : 12;
  if (bytes.length < begin) return left("it is damaged or cut off");
  const at = begin + (major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  const text = bytes.toString(major === 3 ? "utf8" : "latin1", begin, at);
  const type = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (at > bytes.length) return left("it is damaged or cut off");
  if (/'descr'\s*:\s*\[/.test(text)) return left("its elements are records, not numbers");
  if (type === undefined || order === undefined || shape === undefined)
    return left("its header is not NumPy's");
  const sides = shape.split(",").flatMap((side) => (side.trim() === "" ? [] : [Number(side)]));
  return right({ type, isFortran: order === "True", shape: sides, at });
};

type Reader = (view: DataView, at: number, isLittle: boolean) => number;

const kinds: Readonly<
  Record<
    string,
    {
      readonly bytes: number;
      readonly make: (size: number) => Numbers["data"];
      readonly read: Reader;
    }
  >
> = {
  u1: { bytes: 1, make: (n) => new Uint8Array(n), read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, make: (n) => new Uint16Array(n), read: (view, at, le) => view.getUint16(at, le) },
  f4: {
    bytes: 4,
    make: (n) => new Float32Array(n),
    read: (view, at, le) => view.getFloat32(at, le),
  },
  f8: {
    bytes: 8,
    make: (n) => new Float64Array(n),
    read: (view, at, le) => view.getFloat64(at, le),
  },
};

/** Most numbers of one array. */
const most = 2 ** 28;

const shapeText = (shape: readonly number[]): string =>
  `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

const sidesOf = (shape: readonly number[]): Either<string, readonly [number, number, number]> => {
  const [height = 0, width = 0, channels = 1] = shape;
  if (shape.length !== 2 && shape.length !== 3)
    return left(
      `its shape is ${shapeText(shape)}, but an image is (height, width) or (height, width, channels)`,
    );
  const size = height * width * channels;
  if (size === 0) return left(`its shape is ${shapeText(shape)}: it holds nothing`);
  return size > most
    ? left(`its shape is ${shapeText(shape)}, but at most ${most} numbers can be read`)
    : right([height, width, channels]);
};

/** Reads a `.npy` file. The left side is the reason why it cannot be read. */
export const readNpy = (bytes: Buffer): Either<string, Numbers> => {
  const header = headerOf(bytes);
  if (isLeft(header)) return header;
  const { type, isFortran, shape, at } = header.right;
  const kind = kinds[type.slice(1)];
  if (kind === undefined || !"<>|=".includes(type[0] ?? ""))
    return left(
      `its elements are ${type}, but only uint8, uint16, float32 and float64 can be read: convert it, for example with .astype("float32")`,
    );
  const sides = sidesOf(shape);
  if (isLeft(sides)) return sides;
  const [height, width, channels] = sides.right;
  const size = height * width * channels;
  if (bytes.length - at < size * kind.bytes) return left("it is damaged or cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size * kind.bytes);
  const data = kind.make(size);
  const isLittle = type[0] !== ">";
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        const to = (y * width + x) * channels + c;
        const from = isFortran ? y + height * (x + width * c) : to;
        data[to] = kind.read(view, from * kind.bytes, isLittle);
      }
  return right({ width, height, channels, data });
};
