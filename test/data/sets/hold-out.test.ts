/** Which images are held out: by name alone, and the same whatever lies beside them. */
import { expect, test } from "@jest/globals";
import { isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { type HoldOut, holdOut, parseHoldOut } from "../../../src/data/sets/hold-out.js";
import type { Dataset, ImageSource } from "../../../src/data/sets/source.js";

const source = (names: readonly string[]): ImageSource => ({
  name: "folder",
  size: names.length,
  id: (i) => names[i] ?? "",
  classes: ["a", "b"],
  classOf: (i) => i % 2,
  file: (i) => ({ path: `folder/${names[i]}`, bytes: i }),
  since: ["new.png"],
  load: async (i) => right({ width: 1, height: 1, channels: 1, data: Uint8Array.of(i) }),
});

const numbered = (n: number, ending = "png"): readonly string[] =>
  Array.from({ length: n }, (_, i) => `image-${i}.${ending}`);

const dataset = (sources: Readonly<Record<string, readonly string[]>>): Dataset => ({
  name: "made up",
  train: Object.fromEntries(Object.entries(sources).map(([d, names]) => [d, source(names)])),
  describe: () => "train: made up",
  hash: "",
});

const ids = (of: ImageSource | undefined): readonly string[] =>
  Array.from({ length: of?.size ?? 0 }, (_, i) => of?.id(i) ?? "");

const split = (
  sources: Readonly<Record<string, readonly string[]>>,
  wanted: HoldOut,
  known?: Readonly<Record<string, readonly string[]>>,
): Dataset => {
  const made = holdOut(dataset(sources), wanted, known);
  if (isLeft(made)) throw new Error(made.left.reason);
  return made.right;
};

test.each([
  ["20", right({ count: 20 })],
  [" 10 % ", right({ share: 0.1 })],
  ["2.5%", right({ share: 0.025 })],
])("%j is read", (text, expected) => {
  expect(parseHoldOut(text)).toEqual(expected);
});

test.each(["", "0", "1.5", "100%", "0%", "-3", "ten", "10 images"])("%j is refused", (text) => {
  expect(parseHoldOut(text)).toEqual(
    left(`"${text}" is not a number of images: write for example "20", or a share as "10%"`),
  );
});

test("a count is held out of each domain, the rest stays in its order, and none is in both", () => {
  const { train, held, describe } = split({ X: numbered(50), Y: numbered(9) }, { count: 4 });
  expect([ids(held?.X).length, ids(held?.Y).length]).toEqual([4, 4]);
  expect([...ids(train.X), ...ids(held?.X)].sort()).toEqual([...numbered(50)].sort());
  expect(ids(train.X)).toEqual(numbered(50).filter((id) => !ids(held?.X).includes(id)));
  expect(describe()).toBe("train: made up\nheld out of training, chosen by name: X 4, Y 4");
});

test("what comes later changes nothing of what a share has chosen, and of a count only what it displaces", () => {
  const before = ids(split({ X: numbered(200) }, { share: 0.2 }).held?.X);
  const after = ids(split({ X: numbered(400) }, { share: 0.2 }).held?.X);
  expect(after.filter((id) => numbered(200).includes(id))).toEqual(before);
  expect(before.length / 200).toBeGreaterThan(0.13);
  expect(before.length / 200).toBeLessThan(0.27);
  const few = ids(split({ X: numbered(200) }, { count: 20 }).held?.X);
  const grown = ids(split({ X: [...numbered(200), "one more.png"] }, { count: 20 }).held?.X);
  expect(grown.filter((id) => few.includes(id)).length).toBeGreaterThanOrEqual(19);
});

test("partners are held out together, whatever their endings", () => {
  const { held } = split({ X: numbered(30), Y: numbered(30, "jpg") }, { count: 5 });
  const stems = (of: ImageSource | undefined) => ids(of).map((id) => id.replace(/\..*/, ""));
  expect(stems(held?.X)).toEqual(stems(held?.Y));
});

test("an image keeps its class, its file and its pixels, and what lies beside is told once", async () => {
  const { train, held } = split({ X: numbered(10) }, { count: 3 });
  for (const part of [train.X, held?.X])
    for (const [i, id] of ids(part).entries()) {
      const at = numbered(10).indexOf(id);
      expect(part?.classOf?.(i)).toBe(at % 2);
      expect(part?.file?.(i).path).toBe(`folder/${id}`);
      expect(await part?.load(i)).toMatchObject({ right: { data: Uint8Array.of(at) } });
    }
  expect([train.X?.since, held?.X?.since]).toEqual([["new.png"], undefined]);
});

test("a run that goes on holds out what it held out, and no other", () => {
  const known = { X: ["image-3.png", "image-5.png", "gone.png"] };
  const { held } = split({ X: numbered(100) }, { count: 50 }, known);
  expect(ids(held?.X)).toEqual(["image-3.png", "image-5.png"]);
});

test("at least one is held out, and at least one is left to train on", () => {
  expect(ids(split({ X: numbered(3) }, { share: 0.001 }).held?.X)).toHaveLength(1);
  const none = holdOut(dataset({ X: numbered(5) }), { count: 5 });
  expect(isRight(none)).toBe(false);
  expect(isLeft(none) && none.left.reason).toContain("its 5 images are too few to hold out 5");
});
