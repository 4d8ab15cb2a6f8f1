import { expect, test } from "@jest/globals";
import { augment, augmentDraws, checkAugment } from "../../../src/data/batches/augment.js";
import { crop, flip } from "../../../src/data/images/geometry.js";
import { withChannels } from "../../../src/data/images/image.js";
import { resize } from "../../../src/data/images/resize.js";
import type { AugmentStage } from "../../../src/program/model.js";
import { domain, fault, noise, ok } from "../pictures.js";

const official: readonly AugmentStage[] = [
  { kind: "resize", height: 18, width: 18 },
  { kind: "random_crop", height: 16, width: 16 },
  { kind: "random_flip" },
];
const X = domain("X", 16);
const image = noise(23, 31, 1);

test("a result is one of the windows of the resized image, flipped or not", () => {
  const resized = resize(image, 18, 18);
  const windows = new Map<string, string>();
  for (let top = 0; top < 3; top++)
    for (let left = 0; left < 3; left++) {
      const window = crop(resized, top, left, 16, 16);
      windows.set(window.data.join(), `${top} ${left}`);
      windows.set(flip(window).data.join(), `${top} ${left} flipped`);
    }
  const counts = new Map<string, number>();
  const n = 1800;
  for (let index = 0; index < n; index++) {
    const made = ok(augment(official, image, X, augmentDraws(1, "X", 0, index)));
    const which = windows.get(made.data.join()) ?? "none of them";
    counts.set(which, (counts.get(which) ?? 0) + 1);
  }
  expect(counts.size).toBe(18);
  // each has probability 1/18: five standard deviations around 100
  for (const count of counts.values()) expect(Math.abs(count - n / 18)).toBeLessThan(49);
  const flipped = [...counts].reduce(
    (sum, [which, count]) => sum + (which.endsWith("flipped") ? count : 0),
    0,
  );
  expect(Math.abs(flipped - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
});

test("draws depend on seed, domain, epoch and index, and on nothing else", () => {
  const made = (...draws: Parameters<typeof augmentDraws>) =>
    ok(augment(official, noise(18, 18, 2), X, augmentDraws(...draws))).data.join();
  expect(made(1, "X", 2, 3)).toBe(made(1, "X", 2, 3));
  const others = Array.from({ length: 20 }, (_, i) => [
    made(1 + i, "X", 2, 3),
    made(1, `X${i}`, 2, 3),
    made(1, "X", 2 + i, 3),
    made(1, "X", 2, 3 + i),
  ]);
  for (const k of [0, 1, 2, 3])
    expect(new Set(others.map((made) => made[k])).size).toBeGreaterThan(5);
});

test("stages already applied may be left out, with the same draws for the rest", () => {
  const draws = augmentDraws(4, "X", 0, 0);
  expect(augment(official, resize(image, 18, 18), X, draws, 1)).toEqual(
    augment(official, image, X, draws),
  );
});

test("an image smaller than the crop is fine when a resize comes first, and told when none does", () => {
  const small = noise(5, 4, 3);
  ok(augment(official, small, X, augmentDraws(1, "X", 0, 0)));
  expect(fault(augment(official.slice(1), small, X, augmentDraws(1, "X", 0, 0)))).toBe(
    "5 x 4 pixels are too few for a crop of 16 x 16",
  );
  expect(fault(augment([], small, X, augmentDraws(1, "X", 0, 0)))).toBe(
    "5 x 4 pixels where domain X has 16 x 16",
  );
});

test("a domain of one channel gets luma", () => {
  const made = ok(
    augment([], noise(16, 16, 5), domain("X", 16, 16, 1), augmentDraws(1, "X", 0, 0)),
  );
  expect(made).toEqual(withChannels(noise(16, 16, 5), 1));
});

test("height and width are not mixed up", () => {
  const stages: readonly AugmentStage[] = [
    { kind: "resize", height: 12, width: 34 },
    { kind: "random_crop", height: 8, width: 30 },
  ];
  ok(checkAugment(stages, domain("X", 8, 30)));
  const made = ok(augment(stages, image, domain("X", 8, 30), augmentDraws(1, "X", 0, 0)));
  expect([made.height, made.width, made.data.length]).toEqual([8, 30, 8 * 30 * 3]);
});

test.each<[string, readonly AugmentStage[], string]>([
  [
    "ends at another size",
    official.slice(0, 1),
    "the augment chain ends at 18 x 18 pixels where the domain has 16 x 16",
  ],
  [
    "crops more than there is",
    [
      { kind: "resize", height: 10, width: 20 },
      { kind: "random_crop", height: 16, width: 16 },
    ],
    "a crop of 16 x 16 does not fit into the 10 x 20 that the stages before it give",
  ],
])("a chain that %s is refused", (_, stages, reason) => {
  expect(fault(checkAugment(stages, X))).toMatchObject({
    kind: "augment-mismatch",
    path: "domain X",
    reason,
  });
});

test("a chain that fits, or whose size is the image's own, passes", () => {
  ok(checkAugment(official, X));
  ok(checkAugment([{ kind: "random_flip" }], X));
  ok(checkAugment([], X));
  ok(checkAugment(official, domain("X", 16, 16, 4)));
});
