import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { type Either, isLeft, isRight } from "fp-ts/lib/Either.js";
import type { State } from "../../../src/contracts/tensor.js";
import { readTensors } from "../../../src/training/files/read-tensors.js";
import { decode, encode } from "../../../src/training/files/safetensors.js";
import { removeTemporary, temporary } from "../support.js";

afterAll(removeTemporary);

const join8 = (header: string, data: readonly number[] = []): Uint8Array => {
  const json = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return Uint8Array.from([...length, ...json, ...data]);
};

const whole = (pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));

const opened = (read: Either<unknown, { readonly tensors: State }>) => {
  if (isLeft(read)) throw new Error(JSON.stringify(read.left));
  return read.right;
};

const reasonOf = (file: Uint8Array): string => {
  const contents = decode(file);
  return isLeft(contents) ? contents.left.reason : "none";
};

test("the bytes are those of the format's description", () => {
  const file = whole(
    encode(
      new Map([
        ["b", { shape: [2], data: Float32Array.of(1, -2) }],
        ["a", { shape: [], data: Float32Array.of(0.5) }],
      ]),
      { format: "t" },
    ),
  );
  const header =
    '{"__metadata__":{"format":"t"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  expect(Buffer.from(file).toString("hex")).toBe(
    Buffer.from(
      // 0.5, 1 and -2 as IEEE 754 singles, little-endian
      join8(padded, [0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]),
    ).toString("hex"),
  );
});

test("what is written is read again, bit for bit", async () => {
  const folder = temporary();
  const tensors = fc.dictionary(
    fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !name.startsWith("__")),
    fc.array(fc.float({ noNaN: false }), { maxLength: 6 }),
    { maxKeys: 5 },
  );
  await fc.assert(
    fc.asyncProperty(tensors, async (arrays) => {
      const state = new Map(
        Object.entries(arrays).map(([name, values]) => [
          name,
          { shape: [values.length, 1], data: Float32Array.from(values) },
        ]),
      );
      const file = whole(encode(state));
      const path = join(folder, "any.safetensors");
      writeFileSync(path, file);
      const inMemory = opened(decode(file));
      const fromDisk = opened(await readTensors(path));
      for (const read of [inMemory, fromDisk])
        expect(Buffer.from(whole(encode(read.tensors))).equals(file)).toBe(true);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test("a file that is cut anywhere is an error, in memory and on disk", async () => {
  const path = join(temporary(), "cut.safetensors");
  const state = new Map([["w", { shape: [3], data: Float32Array.of(1, 2, 3) }]]);
  const file = whole(encode(state));
  for (let length = 0; length < file.length; length++) {
    expect(reasonOf(file.subarray(0, length))).toMatch(/cut off/);
    writeFileSync(path, file.subarray(0, length));
    expect(await readTensors(path)).toMatchObject({ left: expect.stringMatching(/cut off/) });
  }
  expect(isRight(decode(file))).toBe(true);
});

const f32 = (shape: unknown, ...offsets: readonly unknown[]) => ({
  dtype: "F32",
  shape,
  data_offsets: offsets,
});

test.each<readonly [string, unknown, number, RegExp]>([
  ["an overlap", { a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8, /overlap, at "b"/],
  ["a gap", { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, /gap in its data before "b"/],
  ["bytes after the end", { a: f32([1], 0, 4) }, 8, /4 bytes after its last tensor/],
  ["data past the end", { a: f32([2], 0, 8) }, 4, /data of "a" is incomplete/],
  [
    "a shape that does not fit",
    { a: f32([3], 0, 4) },
    4,
    /4 bytes, where its shape \[3\] takes 12/,
  ],
  ["offsets that run backwards", { a: f32([1], 4, 0) }, 4, /bytes, where its shape/],
  ["a negative size", { a: f32([-1], 0, 4) }, 4, /malformed entry for "a"/],
  ["a fraction", { a: f32([1], 0.5, 4.5) }, 4, /malformed entry/],
  ["sizes whose product overflows", { a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4, /where its shape/],
  ["another type", { a: { ...f32([2], 0, 4), dtype: "F16" } }, 4, /"a" as F16, where only F32/],
  ["metadata that is not text", { __metadata__: { n: 1 } }, 0, /metadata that is not text/],
  ["no object", [1], 0, /no JSON object/],
])("%s is an error", (_, header, bytes, reason) => {
  expect(reasonOf(join8(JSON.stringify(header), new Array<number>(bytes).fill(0)))).toMatch(reason);
});

test("what is no safetensors file at all is said to be none", () => {
  expect(reasonOf(new TextEncoder().encode("\x89PNG\r\n\x1a\n".repeat(4)))).toMatch(
    /no safetensors file/,
  );
  expect(reasonOf(join8("not json"))).toMatch(/not JSON/);
});
