/** Values of a network that are kept whole while it is computed tile by tile: small ones in memory, others in a folder of their own. */
import { rmSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Box } from "../../lowering/tile.js";
import type { Shape } from "../../operators/layer.js";

/** One value, [h, w, c], which is written and read in parts. */
export interface KeptMap {
  write(box: Box, part: HostTensor): Promise<void>;
  /** A part as [1, h, w, c]. */
  read(box: Box): Promise<HostTensor>;
  /** Lets its memory or its file go. */
  drop(): Promise<void>;
}

/** Bytes of a value up to which it stays in memory. */
const mostInMemory = 2 ** 25;

const sidesOf = ({ rows, columns }: Box): readonly [number, number] => [
  rows.to - rows.from,
  columns.to - columns.from,
];

/** Where the rows of a box lie in a map, in numbers: begin in the map, begin in the part, count. A box as wide as the map is one run. */
const runsOf = (
  [, width, channels]: Shape,
  box: Box,
): readonly (readonly [at: number, from: number, count: number])[] => {
  const [height, wide] = sidesOf(box);
  const begin = (row: number): number => (row * width + box.columns.from) * channels;
  if (wide === width) return [[begin(box.rows.from), 0, height * wide * channels]];
  return Array.from({ length: height }, (_, y) => [
    begin(box.rows.from + y),
    y * wide * channels,
    wide * channels,
  ]);
};

const inMemory = (shape: Shape): KeptMap => {
  let data = new Float32Array(shape[0] * shape[1] * shape[2]);
  return {
    write: async (box, part) => {
      for (const [at, from, count] of runsOf(shape, box))
        data.set(part.data.subarray(from, from + count), at);
    },
    read: async (box) => {
      const [height, width] = sidesOf(box);
      const out = new Float32Array(height * width * shape[2]);
      for (const [at, from, count] of runsOf(shape, box))
        out.set(data.subarray(at, at + count), from);
      return { shape: [1, height, width, shape[2]], data: out };
    },
    drop: async () => {
      data = new Float32Array();
    },
  };
};

/** Bytes of one call to the operating system. */
const mostAtOnce = 2 ** 28;

/** @throws Error where the file ends before */
const readInto = async (handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(mostAtOnce, bytes.length - done);
    const { bytesRead } = await handle.read(bytes, done, length, at + done);
    if (bytesRead === 0) throw new Error("a temporary file was cut off");
    done += bytesRead;
  }
};

const writeFrom = async (handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(mostAtOnce, bytes.length - done);
    done += (await handle.write(bytes, done, length, at + done)).bytesWritten;
  }
};

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const inFile = async (path: string, shape: Shape): Promise<KeptMap> => {
  const handle = await open(path, "w+");
  return {
    write: async (box, { data }) => {
      for (const [at, from, count] of runsOf(shape, box))
        await writeFrom(handle, bytesOf(data.subarray(from, from + count)), 4 * at);
    },
    read: async (box) => {
      const [height, width] = sidesOf(box);
      const out = new Float32Array(height * width * shape[2]);
      for (const [at, from, count] of runsOf(shape, box))
        await readInto(handle, bytesOf(out.subarray(from, from + count)), 4 * at);
      return { shape: [1, height, width, shape[2]], data: out };
    },
    drop: async () => {
      await handle.close();
      await rm(path, { force: true });
    },
  };
};

/** Bytes on the disk of a kept value of this shape. */
export const bytesOnDisk = ([height, width, channels]: Shape): number => {
  const bytes = 4 * height * width * channels;
  return bytes > mostInMemory ? bytes : 0;
};

/** Where temporary files lie: `TMPDIR` says. */
export const temporaryPlace = tmpdir;

/** Makes maps; all that are left are removed at the end of `use`, and when the process is ended meanwhile. */
export const withMaps = async <A>(
  use: (make: (value: number, shape: Shape) => Promise<KeptMap>) => Promise<A>,
): Promise<A> => {
  const folder = await mkdtemp(join(temporaryPlace(), "ganc-maps-"));
  const atExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", atExit);
  const made = new Set<KeptMap>();
  try {
    return await use(async (value, shape) => {
      const map =
        bytesOnDisk(shape) === 0 ? inMemory(shape) : await inFile(join(folder, `${value}`), shape);
      const tracked: KeptMap = {
        ...map,
        drop: () => (made.delete(tracked) ? map.drop() : Promise.resolve()),
      };
      made.add(tracked);
      return tracked;
    });
  } finally {
    for (const map of made) await map.drop();
    process.off("exit", atExit);
    await rm(folder, { recursive: true, force: true });
  }
};
