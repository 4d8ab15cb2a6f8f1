/**
 * Stores values of a network that are kept whole during tiled computation: small ones in memory,
 * others in a temporary folder.
 */
import { rmSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Box } from "../../lowering/tile.js";
import type { Shape } from "../../operators/layer.js";

/** One value, [h, w, c], written and read in parts. */
export interface KeptMap {
  write(box: Box, part: HostTensor): Promise<void>;
  /** Reads a part as [1, h, w, c]. */
  read(box: Box): Promise<HostTensor>;
  /** Releases its memory or file. */
  drop(): Promise<void>;
}

/** Most bytes of a value in memory. */
const mostInMemory = 2 ** 25;

const sidesOf = ({ rows, columns }: Box): readonly [number, number] => [
  rows.to - rows.from,
  columns.to - columns.from,
];

/**
 * Lists the contiguous runs of a box in a map, in numbers: start in the map, start in the part,
 * count. A box as wide as the map is one run.
 */
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

/** Most bytes of one system call. */
const mostAtOnce = 2 ** 28;

/**
 * Reads bytes of a file.
 * @throws Error if the file ends too early
 */
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

/** Returns the bytes that a kept value of this shape takes on disk. */
export const bytesOnDisk = ([height, width, channels]: Shape): number => {
  const bytes = 4 * height * width * channels;
  return bytes > mostInMemory ? bytes : 0;
};

/** Returns the folder for temporary files, set by `TMPDIR`. */
export const temporaryPlace = tmpdir;

/**
 * Calls `use` with a maker of maps. Remaining maps are removed after `use`, or when the process
 * exits.
 */
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
