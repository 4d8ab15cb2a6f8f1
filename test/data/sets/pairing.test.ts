import { expect, test } from "@jest/globals";
import { left } from "fp-ts/lib/Either.js";
import { matchByName, pairByName } from "../../../src/data/sets/pairing.js";
import type { ImageSource } from "../../../src/data/sets/source.js";
import { fault, ok } from "../pictures.js";

/** A source of which only the names matter. */
const named = (name: string, ids: readonly string[], passed: readonly string[] = []) =>
  ({
    name,
    size: ids.length,
    id: (i) => ids[i] ?? "",
    passed: passed.map((one) => ({ name: one, reason: "is missing" })),
    load: async () => left({ kind: "broken-image", id: "", path: "", reason: "" }),
  }) satisfies ImageSource;

const pairsOf = (x: readonly string[], y: readonly string[]): readonly string[][] =>
  ok(pairByName([named("X", x), named("Y", y)])).map(([i = 0, k = 0]) => [x[i] ?? "", y[k] ?? ""]);

test("what comes before the last dot is the name, whatever the order of the files", () => {
  expect(pairsOf(["photo.mask.png", "photo.png"], ["photo.jpg", "photo.mask.jpg"])).toEqual([
    ["photo.mask.png", "photo.mask.jpg"],
    ["photo.png", "photo.jpg"],
  ]);
  expect(pairsOf(["a.v1/0.PNG", "a.v2/0.png"], ["a.v2/0", "a.v1/0.tif"])).toEqual([
    ["a.v1/0.PNG", "a.v1/0.tif"],
    ["a.v2/0.png", "a.v2/0"],
  ]);
});

test("a letter with an accent is one name, composed or not", () => {
  expect(pairsOf(["\u00e90.png"], ["e\u03010.png"])).toEqual([["\u00e90.png", "e\u03010.png"]]);
});

test("a name that is there twice is said, with its files and its folder", () => {
  const error = fault(
    pairByName([
      named("in/X", ["s0.jpg", "s0.png", "s1.png"]),
      named("in/Y", ["s0.png", "s1.png"]),
    ]),
  );
  expect(error).toMatchObject({ kind: "unpaired-images", path: "in/X, in/Y" });
  expect(error.reason).toBe(
    "partners are matched by name, but some names occur twice: s0.jpg and s0.png in in/X",
  );
});

test("what has no partner is said, and nothing else", () => {
  const x = Array.from({ length: 7 }, (_, i) => `${i}.png`);
  const error = fault(pairByName([named("X", x), named("Y", ["1.png", "extra\x1b.png"])]));
  expect(error.reason).toBe(
    "paired folders must hold images of the same names: 0.png, 2.png, 3.png and 3 more only in X; extra\\x1b.png only in Y",
  );
});

test("an image whose partner was passed over is left out, and none left is an error", () => {
  const [x, y] = [named("X", ["0.png", "1.png"]), named("Y", ["1.png"], ["0.jpg"])];
  expect(matchByName([x, y])).toEqual({ pairs: [[1, 0]], alone: [], lacking: [], twice: [] });
  const none = pairByName([named("X", ["0.png"]), named("Y", [], ["0.png"])]);
  expect(fault(none).reason).toBe("none of the images has a partner that can be used");
});

test("a partner that has been added since the run began is none", () => {
  const y = { ...named("Y", ["1.png"]), since: ["0.jpg"] };
  const both = [named("X", ["0.png", "1.png"]), y];
  expect(matchByName(both)).toEqual({ pairs: [[1, 0]], alone: [], lacking: [], twice: [] });
});

test("three sources are matched as two are", () => {
  const all = [
    named("X", ["a.png", "b.png"]),
    named("Y", ["b.jpg", "a.jpg"]),
    named("Z", ["a", "b"]),
  ];
  expect(ok(pairByName(all))).toEqual([
    [0, 1, 0],
    [1, 0, 1],
  ]);
});

test("of three, what each folder lacks is said", () => {
  const error = fault(
    pairByName([
      named("X", ["a.png", "b.png", "c.png"]),
      named("Y", ["a.jpg", "c.jpg", "d.jpg"]),
      named("Z", ["a", "b", "c"]),
    ]),
  );
  expect(error.reason).toBe(
    "paired folders must hold images of the same names: d.jpg missing in X; b.png missing in Y; d.jpg missing in Z",
  );
});
