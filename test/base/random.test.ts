import { expect, test } from "@jest/globals";
import { normal, normals, permutation, philox, pick, stream } from "../../src/base/random.js";

const words = ([c0, c1, c2, c3, k0, k1]: readonly number[]): string => {
  const out = new Uint32Array(4);
  philox(c0 ?? 0, c1 ?? 0, c2 ?? 0, c3 ?? 0, k0 ?? 0, k1 ?? 0, out);
  return [...out].map((word) => word.toString(16).padStart(8, "0")).join(" ");
};

// kat_vectors of Random123, lines "philox4x32 10"
test.each([
  [[0, 0, 0, 0, 0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    "408f276d 41c83b0e a20bc7c6 6d5451fd",
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  ],
] as const)("Philox4x32-10 of %p is %s", (input, answer) => {
  expect(words(input)).toBe(answer);
});

test("a value depends on seed, name and counter, not on the order of asking", () => {
  const straight = stream(7, "data/X");
  const values = Array.from({ length: 100 }, (_, i) => straight(i));
  const backwards = stream(7, "data/X");
  for (let i = 99; i >= 0; i--) expect(backwards(i)).toBe(values[i]);
  expect(new Set(values).size).toBe(100);
});

test.each([
  ["another name", stream(7, "data/Y")],
  ["another seed", stream(8, "data/X")],
  ["a seed that differs above bit 32 only", stream(7 + 2 ** 32, "data/X")],
])("%s is another stream", (_, other) => {
  const one = stream(7, "data/X");
  for (let i = 0; i < 16; i++) expect(other(i)).not.toBe(one(i));
});

test("counters above 2^34 reach blocks of their own", () => {
  const uniform = stream(1, "far");
  expect(uniform(2 ** 34)).not.toBe(uniform(0));
  expect(uniform(2 ** 40)).not.toBe(uniform(2 ** 34));
});

test("uniforms lie in [0, 1) and fill it evenly", () => {
  const uniform = stream(3, "u");
  const bins = new Array<number>(10).fill(0);
  const n = 50_000;
  for (let i = 0; i < n; i++) {
    const u = uniform(i);
    // outside [0, 1) falls into a bin that is not there, and the sum below misses it
    const bin = Math.floor(u * 10);
    if (bin in bins) bins[bin] = (bins[bin] ?? 0) + 1;
  }
  expect(bins.reduce((sum, count) => sum + count)).toBe(n);
  const chiSquared = bins.reduce((sum, count) => sum + (count - n / 10) ** 2 / (n / 10), 0);
  expect(chiSquared).toBeLessThan(27.9); // 0.999 quantile, 9 degrees of freedom
});

test("normals have the moments of the normal distribution", () => {
  const n = 200_000;
  const values = normals(11, "weights", n);
  const moment = (k: number): number => values.reduce((sum, v) => sum + v ** k, 0) / n;
  // five standard errors each
  expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  let lag = 0;
  for (let i = 1; i < n; i++) lag += (values[i] ?? 0) * (values[i - 1] ?? 0);
  expect(Math.abs(lag / n)).toBeLessThan(5 / Math.sqrt(n));
});

test.each([0, 1, 2, 5, 1023])("%i normals in bulk are those drawn one by one", (size) => {
  const bulk = normals(5, "net/G", size, 1, 0.02);
  const single = normal(stream(5, "net/G"));
  expect(bulk.length).toBe(size);
  bulk.forEach((value, i) => {
    expect(value).toBe(Math.fround(1 + 0.02 * single(i)));
  });
});

test("a permutation holds each index once and every order of three is as likely", () => {
  expect([...permutation(stream(2, "p"), 1000)].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 1000 }, (_, i) => i),
  );
  const counts = new Map<string, number>();
  for (let k = 0; k < 6000; k++) {
    const order = permutation(stream(2, `p/${k}`), 3).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145); // 5 deviations
  expect([...permutation(stream(2, "none"), 0)]).toEqual([]);
});

test("pick stays inside its range", () => {
  expect(pick(() => 1 - 2 ** -32, 0, 3)).toBe(2);
  expect(pick(() => 0, 0, 3)).toBe(0);
  expect(pick(() => 1 - 2 ** -32, 0, 2 ** 40)).toBeLessThan(2 ** 40);
});
