import { expect, test } from "@jest/globals";
import { permutation, stream } from "../../../src/base/random.js";
import { viewOf } from "../../../src/data/images/image.js";
import { type EmojiOptions, openEmoji } from "../../../src/data/sets/emoji.js";
import { splitEmoji, subject } from "../../../src/data/sets/emoji-split.js";
import type { ImageSource } from "../../../src/data/sets/source.js";
import { fault, ok } from "../pictures.js";

const ids = (source: ImageSource | undefined): string[] =>
  Array.from({ length: source?.size ?? 0 }, (_, i) => source?.id(i) ?? "");

const emoji = ok(await openEmoji(["Noto", "Fluent"], { size: 32 }));
const sides = [ids(emoji.train.Noto), ids(emoji.train.Fluent), ids(emoji.test?.Noto)] as const;

test("train splits are large and nearly equal, the test split has 200 pairs", () => {
  expect(Math.min(sides[0].length, sides[1].length)).toBeGreaterThan(700);
  expect(Math.abs(sides[0].length - sides[1].length)).toBeLessThan(20);
  expect(emoji.pairs?.length).toBe(200);
  expect(emoji.describe()).toContain(`Noto ${sides[0].length} emoji of @iconify-json/noto `);
});

test("no subject is in two of the splits", () => {
  const subjects = sides.map((names) => new Set(names.map(subject)));
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    expect([...(subjects[a] ?? [])].filter((name) => subjects[b]?.has(name))).toEqual([]);
});

test("no skins and no country flags", () => {
  for (const name of sides.flat()) expect(name).not.toMatch(/skin-tone|-tone\d|^flag-/);
  // the only names that end like a Fluent skin and are none
  expect(sides[1].filter((name) => /-(light|medium|dark)$/.test(name))).toEqual([
    "horizontal-traffic-light",
    "vertical-traffic-light",
  ]);
});

test("pairs name the same emoji", () => {
  for (const pair of emoji.pairs ?? [])
    expect(emoji.test?.Noto?.id(pair.Noto ?? -1)).toBe(emoji.test?.Fluent?.id(pair.Fluent ?? -2));
});

test("images have the size asked for, ink inside and white corners", async () => {
  for (const source of [emoji.train.Noto, emoji.train.Fluent])
    for (const i of [0, 100, 500]) {
      const loaded = await source?.load(i);
      if (loaded === undefined) throw new Error("no source");
      const image = ok(loaded);
      expect([image.width, image.height, image.channels]).toEqual([32, 32, 3]);
      expect([...image.data.slice(0, 3)]).toEqual([255, 255, 255]);
      expect(image.data.some((v) => v < 200)).toBe(true);
    }
});

test("partners look alike more than strangers do", async () => {
  const load = async (name: string, i: number) => {
    const loaded = await emoji.test?.[name]?.load(i);
    return loaded === undefined ? new Uint8Array() : viewOf(ok(loaded)).data;
  };
  let [partner, stranger] = [0, 0];
  for (let i = 0; i < 60; i++) {
    const x = await load("Noto", i);
    const distance = (y: Uint8Array) => x.reduce((sum, v, k) => sum + Math.abs(v - (y[k] ?? 0)), 0);
    partner += distance(await load("Fluent", i));
    stranger += distance(await load("Fluent", (i + 71) % 200));
  }
  expect(partner).toBeLessThan(0.8 * stranger);
});

test("the split follows from its seed, and the hash from the split and the size", async () => {
  const opened = async (options: EmojiOptions) => ok(await openEmoji(["Noto", "Fluent"], options));
  expect((await opened({ size: 32 })).hash).toBe(emoji.hash);
  expect((await opened({ size: 64 })).hash).not.toBe(emoji.hash);
  const other = await opened({ size: 32, seed: 1, test: 50 });
  expect(other.hash).not.toBe(emoji.hash);
  expect(other.pairs?.length).toBe(50);
});

test("emoji are two domains", async () => {
  expect(fault(await openEmoji(["X"])).kind).toBe("wrong-domains");
  expect(fault(await openEmoji(["X", "Y", "Z"])).reason).toContain("the spec has 3");
});

test.each([
  ["man-cook", "woman-cook"],
  ["cook", "person-cook"],
  ["man-running", "woman-running-facing-right"],
  ["old-man", "older-person"],
  ["eight-oclock", "twelve-thirty"],
  ["keycap-1", "keycap-asterisk"],
  ["red-heart", "light-blue-heart"],
  ["green-apple", "red-apple"],
  ["black-large-square", "white-small-square"],
  ["man-blonde-hair", "woman-blond-hair"],
  ["merman", "woman-merpeople"],
])("%s and %s are one subject", (a, b) => {
  expect(subject(a)).toBe(subject(b));
});

test.each([
  ["man-cook", "man-farmer"],
  ["cat", "dog"],
  ["orange-heart", "orange-circle"],
  ["clown-face", "clock-face"],
])("%s and %s are two subjects", (a, b) => {
  expect(subject(a)).not.toBe(subject(b));
});

test("aliases, skins and one-sided names are sorted out", () => {
  const split = splitEmoji(
    [
      ["ant", "bee", "flag-peru", "cat-light-skin-tone", "cat", "only-here"],
      ["ant", "honeybee", "cat", "cat-medium-dark", "only-there", "sun-dark"],
    ],
    { honeybee: "bee" },
    (n) => permutation(stream(0, "test"), n),
    3,
  );
  expect(split).toEqual({
    train: [["only-here"], ["only-there", "sun-dark"]],
    test: [
      ["ant", "ant"],
      ["bee", "honeybee"],
      ["cat", "cat"],
    ],
  });
});
