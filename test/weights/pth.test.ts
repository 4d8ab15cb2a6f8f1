/** States of PyTorch, read without Python: what is sound is read, the rest refused, nothing run. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { type Stream, stream } from "../../src/base/random.js";
import { type FileState, readPth } from "../../src/weights/pth.js";
import { writePth } from "../../src/weights/write-pth.js";
import { malicious } from "./malicious.js";
import {
  archive,
  bytesOf,
  legacy,
  op,
  type Part,
  pickle,
  sound,
  soundLegacy,
  state,
  tensor,
  u16,
  u32,
} from "./pickles.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-pth-"));
const canary = join(folder, "canary");
afterAll(() => rmSync(folder, { recursive: true }));

const read = (file: Uint8Array): FileState => {
  const found = readPth(file);
  if (isLeft(found)) throw new Error(found.left);
  return found.right;
};

const shown = (file: Uint8Array) =>
  [...read(file)].map(([name, one]) => [name, one.dtype, one.shape, [...one.numbers()]]);

describe("what is sound", () => {
  test("an archive, and an older file", () => {
    const expected = [["w", "float32", [2, 3], [1, 2, 3, 4, 5, 6]]];
    expect(shown(sound())).toEqual(expected);
    expect(shown(soundLegacy())).toEqual(expected);
  });

  test("a view that is transposed, and one that begins later", () => {
    const across = tensor({
      shape: op.tuple(op.int(3), op.int(2)),
      strides: op.tuple(op.int(1), op.int(3)),
    });
    const later = tensor({
      offset: op.int(4),
      shape: op.tuple(op.int(2)),
      strides: op.tuple(op.int(1)),
    });
    expect(shown(archive(state(op.text("across"), across, op.text("later"), later)))).toEqual([
      ["across", "float32", [3, 2], [1, 4, 2, 5, 3, 6]],
      ["later", "float32", [2], [5, 6]],
    ]);
  });

  test("a tensor without numbers, and one without dimensions", () => {
    const none = tensor({ shape: op.tuple(op.int(0), op.int(3)), offset: op.int(6) });
    const one = tensor({ shape: ")", strides: ")" });
    expect(shown(archive(state(op.text("none"), none, op.text("one"), one)))).toEqual([
      ["none", "float32", [0, 3], []],
      ["one", "float32", [], [1]],
    ]);
  });

  test("names mean nothing to what holds them", () => {
    const names = ["__proto__", "constructor", "toString"];
    const file = archive(state(...names.flatMap((name) => [op.text(name), tensor()])));
    expect([...read(file).keys()]).toEqual(names);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  test("parameters, metadata, and the shape that Python 2 wrote", () => {
    const parameter = [
      op.global("torch._utils", "_rebuild_parameter"),
      op.tuple(tensor(), 0x88, op.ordered),
      "R",
    ];
    const metadata = ["}", op.text("_metadata"), op.ordered, "sb"];
    expect(
      shown(archive(pickle(op.ordered, "(", op.text("w"), parameter, "u", metadata))),
    ).toHaveLength(1);
    const pair = ["](", "U\x01w", tensor(), "e"];
    const python2 = pickle(
      op.global("collections", "OrderedDict"),
      op.tuple(["](", pair, "e"]),
      "R",
    );
    expect(shown(legacy(python2))).toEqual([["w", "float32", [2, 3], [1, 2, 3, 4, 5, 6]]]);
  });

  test("a state beside what a training script keeps", () => {
    const file = archive(
      pickle(
        "}(",
        op.text("epoch"),
        op.int(7),
        op.text("state_dict"),
        op.ordered,
        "(",
        op.text("w"),
        tensor(),
        "u",
        "u",
      ),
    );
    expect([...read(file).keys()]).toEqual(["w"]);
  });

  test("protocols 4 and 5", () => {
    const named = [0x8c, 11, "collections", 0x94, 0x8c, 11, "OrderedDict", 0x94, 0x93, 0x94, ")R"];
    const file = archive(bytesOf(op.proto(5), named, "(", op.text("w"), tensor(), "u."));
    expect([...read(file).keys()]).toEqual(["w"]);
  });
});

const numbers = (storage: string, ...bytes: readonly Part[]): readonly number[] => {
  const data = bytesOf(...bytes);
  const size = { Half: 2, BFloat16: 2, Short: 2, Int: 4, Long: 8, Double: 8 }[storage] ?? 1;
  const count = data.length / size;
  const value = tensor({
    type: op.global("torch", `${storage}Storage`),
    count: op.int(count),
    shape: op.tuple(op.int(count)),
    strides: op.tuple(op.int(1)),
  });
  return [
    ...(read(archive(state(op.text("w"), value), { "archive/data/0": data }))
      .get("w")
      ?.exact() ?? []),
  ];
};

test("every kind of number", () => {
  // 1, -2, the smallest, the largest, infinity.
  const halves = [u16(0x3c00), u16(0xc000), u16(1), u16(0x7bff), u16(0x7c00)];
  expect(numbers("Half", halves)).toEqual([1, -2, 2 ** -24, 65504, Infinity]);
  expect(numbers("BFloat16", u16(0x3f80), u16(0xc000), u16(0x3f81))).toEqual([1, -2, 1.0078125]);
  expect(numbers("Double", [...new Uint8Array(Float64Array.of(Math.PI, -0.1).buffer)])).toEqual([
    Math.PI,
    -0.1,
  ]);
  expect(numbers("Long", [...new Uint8Array(BigInt64Array.of(-3n, 2n ** 40n).buffer)])).toEqual([
    -3,
    2 ** 40,
  ]);
  expect(numbers("Int", u32(-5))).toEqual([-5]);
  expect(numbers("Short", u16(-5))).toEqual([-5]);
  expect(numbers("Char", 0xff, 3)).toEqual([-1, 3]);
  expect(numbers("Byte", 0xff, 3)).toEqual([255, 3]);
  expect(numbers("Bool", 0, 1)).toEqual([0, 1]);
});

test("what is written reads back, bit for bit, and equal states give equal bytes", () => {
  const odd = Float32Array.of(NaN, -0, Infinity, 1e-45, 0.1, -1e38);
  const written = new Map([
    ["w", { shape: [2, 3], data: odd }],
    ["n", { shape: [] as const, whole: 123_456_789_012 }],
  ]);
  const file = new Uint8Array(Buffer.concat(writePth(written)));
  const back = read(file);
  expect([...back.keys()]).toEqual(["w", "n"]);
  expect(new Uint8Array(back.get("w")?.numbers().buffer ?? new ArrayBuffer(0))).toEqual(
    new Uint8Array(odd.buffer),
  );
  expect(back.get("n")?.dtype).toBe("int64");
  expect(back.get("n")?.shape).toEqual([]);
  expect(back.get("n")?.exact()[0]).toBe(123_456_789_012);
  expect(new Uint8Array(Buffer.concat(writePth(written)))).toEqual(file);
});

const cases = Object.entries(malicious(canary));

test("there are many ways to be wrong", () => {
  expect(cases.length).toBeGreaterThan(120);
});

test.each(cases)("refused: %s", (_, [file, words]) => {
  const before = Object.getOwnPropertyNames(globalThis);
  const found = readPth(file);
  expect(isLeft(found)).toBe(true);
  if (isRight(found)) return;
  expect(found.left).toMatch(words);
  // A sentence on one line, not a stack.
  expect(found.left).toMatch(/^[a-z][^\n]{3,300}$/);
  expect(found.left).not.toMatch(/\bat .*:\d+:\d+|\.js\b|TypeError|RangeError|undefined/);
  expect(existsSync(canary)).toBe(false);
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
});

test.each([
  ["an archive", sound()],
  ["an older file", soundLegacy()],
])("%s that is cut off anywhere is refused", (_, file) => {
  for (let length = 0; length < file.byteLength; length++) {
    const found = readPth(file.subarray(0, length));
    if (isRight(found)) throw new Error(`${length} of ${file.byteLength} bytes are read`);
    expect(found.left).toMatch(/^(?:is|has|lacks|holds|names|gives) /);
  }
});

/** A file with a few bytes changed, and sometimes a piece cut out or put in twice. */
const mutated = (file: Uint8Array, draws: Stream, from: number): Uint8Array => {
  const draw = (i: number, below: number): number => Math.floor(draws(from + i) * below);
  const copy = Uint8Array.from(file);
  const changes = 1 + draw(0, 3);
  for (let i = 0; i < changes; i++) {
    const special = [0, 1, 0x2e, 0x28, 0x52, 0x71, 0x7f, 0x80, 0xff];
    const at = draw(1 + 2 * i, copy.length);
    const byte = draw(2 + 2 * i, 256 + special.length);
    copy[at] = byte < 256 ? byte : (special[byte - 256] ?? 0);
  }
  if (draw(7, 4) > 0) return copy;
  const [a, b] = [draw(8, copy.length), draw(9, copy.length)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  const [head, piece, tail] = [copy.subarray(0, a), copy.subarray(a, b), copy.subarray(b)];
  return new Uint8Array(
    Buffer.concat(draw(10, 2) === 0 ? [head, tail] : [head, piece, piece, tail]),
  );
};

/** Archives whose checksums are left out, so that changed bytes reach the pickle machine. */
const unchecked = (file: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(file);
  for (
    let at = Buffer.from(copy).indexOf("PK\x01\x02");
    at >= 0;
    at = Buffer.from(copy).indexOf("PK\x01\x02", at + 1)
  )
    copy.set([0, 0, 0, 0], at + 16);
  return copy;
};

test("changed files never throw, and never give more than a few times what they hold", () => {
  const several = state(...["a", "b", "c"].flatMap((name) => [op.text(`model.${name}`), tensor()]));
  const files = [unchecked(archive(several)), legacy(several), unchecked(sound())];
  const rounds = 20_000;
  const draws = stream(11, "test/pth");
  let taken = 0;
  for (let k = 0; k < rounds; k++) {
    const file = mutated(files[k % files.length] ?? new Uint8Array(), draws, 11 * k);
    const found = readPth(file);
    if (isLeft(found)) continue;
    taken++;
    let given = 0;
    for (const one of found.right.values()) given += one.numbers().byteLength;
    expect(given).toBeLessThanOrEqual(16 * file.byteLength);
  }
  // Changes in names, in numbers and in padding do no harm: the test reaches both ends.
  expect(taken).toBeGreaterThan(rounds / 100);
  expect(taken).toBeLessThan(rounds * 0.9);
});
