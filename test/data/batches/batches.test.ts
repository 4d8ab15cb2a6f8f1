import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { left, right } from "fp-ts/lib/Either.js";
import { type Batch, type FeedOptions, openFeed } from "../../../src/data/batches/batches.js";
import { DataFault } from "../../../src/data/files/errors.js";
import { openFolders } from "../../../src/data/sets/folders.js";
import type { Dataset, ImageSource } from "../../../src/data/sets/source.js";
import type { AugmentStage } from "../../../src/program/model.js";
import { domain, encode, fault, folderOf, noise, ok, plain } from "../pictures.js";

const stages: readonly AugmentStage[] = [
  { kind: "resize", height: 9, width: 9 },
  { kind: "random_crop", height: 8, width: 8 },
  { kind: "random_flip" },
];
const domains = [domain("X", 8), domain("Y", 8, 8, 3, [0, 1])];

/** Noise images in memory; `loads` counts what was asked for. */
const memory = (
  size: number,
  seed: number,
  loads: { count: number } = { count: 0 },
): ImageSource => ({
  name: `noise ${seed}`,
  size,
  id: (i) => `${i}.png`,
  load: async (i) => {
    loads.count++;
    return right(noise(10, 12, seed * 1000 + i));
  },
});

const dataset = (train: Record<string, ImageSource>): Dataset => ({
  name: "memory",
  train,
  describe: () => "",
  hash: "",
});

const xy = dataset({ X: memory(7, 1), Y: memory(4, 2) });
const chain = (of: readonly AugmentStage[]): FeedOptions["augment"] => ({ X: of, Y: of, Z: of });
const options: FeedOptions = { dataset: xy, domains, augment: chain(stages), batch: 1, seed: 3 };

const collect = async (batches: AsyncIterable<Batch>): Promise<Batch[]> => {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

const idsOf = (batches: readonly Batch[], name: string): string[] =>
  batches.flatMap((batch) => batch.ids[name] ?? []);

test("a few pairs are drawn on their own, beside all images", async () => {
  const named = (size: number, from: number): ImageSource => ({
    ...memory(size, from),
    id: (i) => `${i < 3 ? i : from + i}.png`,
  });
  const joint = ["X#X+Y", "Y#X+Y"];
  const draws = [
    ...["X", "Y"].map((key) => ({ key, domain: key, slot: 0 })),
    ...joint.map((key) => ({
      key,
      domain: key.slice(0, 1),
      slot: 0,
      joint,
      isPartial: true as const,
    })),
  ];
  const few = dataset({ X: named(20, 100), Y: named(9, 200) });
  const feed = ok(openFeed({ ...options, dataset: few, draws }));
  expect(feed.notices).toEqual([
    "3 of the 20 images of X and the 9 images of Y have partners in all of these domains: pairs are drawn from them.",
  ]);
  const all = await collect(feed.epoch(0));
  expect(all).toHaveLength(20);
  expect(new Set(idsOf(all, "X")).size).toBe(20);
  expect(idsOf(all, "X#X+Y")).toEqual(idsOf(all, "Y#X+Y"));
  expect([...new Set(idsOf(all, "X#X+Y"))].sort()).toEqual(["0.png", "1.png", "2.png"]);
  expect(
    openFeed({
      ...options,
      dataset: few,
      draws: draws.map((draw) => ({ ...draw, isPartial: undefined })),
    }),
  ).toMatchObject({ _tag: "Left", left: { kind: "unpaired-images" } });
});

test("tensors have the shape and the range of their domain", async () => {
  const [first] = await collect(ok(openFeed({ ...options, batch: 3 })).epoch(0));
  expect(first?.batch.X?.shape).toEqual([3, 8, 8, 3]);
  const [x, y] = [first?.batch.X?.data ?? [], first?.batch.Y?.data ?? []];
  expect([Math.min(...x) < -0.9, Math.min(...y) >= 0, Math.max(...x) <= 1]).toEqual([
    true,
    true,
    true,
  ]);
});

test("an epoch passes once over the larger domain and draws the smaller at random", async () => {
  const feed = ok(openFeed(options));
  expect(feed.stepsPerEpoch).toBe(7);
  const epochs = await Promise.all([0, 1, 2].map((epoch) => collect(feed.epoch(epoch))));
  const orders = epochs.map((batches) => idsOf(batches, "X").join());
  for (const batches of epochs) expect(new Set(idsOf(batches, "X")).size).toBe(7);
  expect(new Set(orders).size).toBe(3);
  expect(new Set(epochs.flatMap((batches) => idsOf(batches, "Y"))).size).toBe(4);
});

test("domains of equal size are both passed over, in orders of their own", async () => {
  const feed = ok(openFeed({ ...options, dataset: dataset({ X: memory(9, 1), Y: memory(9, 2) }) }));
  const batches = await collect(feed.epoch(0));
  expect([...idsOf(batches, "X")].sort()).toEqual([...idsOf(batches, "Y")].sort());
  expect(idsOf(batches, "X")).not.toEqual(idsOf(batches, "Y"));
});

test.each([
  [2, 3],
  [3, 2],
  [7, 1],
  [10, 1],
])("batches of %i of 7 images make %i steps", async (batch, steps) => {
  const feed = ok(openFeed({ ...options, batch }));
  expect(feed.stepsPerEpoch).toBe(steps);
  const batches = await collect(feed.epoch(0));
  expect(batches.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i));
  for (const { batch: tensors } of batches) expect(tensors.X?.shape[0]).toBe(batch);
});

test("epochs in a row, one left before its end, and one again are what each is alone", async () => {
  const feed = ok(openFeed(options));
  for (const epoch of [0, 1, 1, 3])
    expect(await collect(feed.epoch(epoch))).toEqual(
      await collect(ok(openFeed(options)).epoch(epoch)),
    );
  const last = feed.stepsPerEpoch - 1;
  for await (const { step } of feed.epoch(4)) if (step === last) break;
  expect(await collect(feed.epoch(5, 1))).toEqual(await collect(ok(openFeed(options)).epoch(5, 1)));
});

test("an epoch resumed at any step goes on as the straight one, whatever is kept or made ahead", async () => {
  const straight = await collect(ok(openFeed(options)).epoch(5));
  for (const [from, ahead, cacheBytes] of [
    [0, 0, 0],
    [3, 1, 1000],
    [6, 9, 2 ** 20],
    [7, 2, 0],
  ] as const)
    expect(await collect(ok(openFeed({ ...options, ahead, cacheBytes })).epoch(5, from))).toEqual(
      straight.slice(from),
    );
});

test.each([
  [1, 3, 2],
  [2, 2, 1],
  [3, 4, 1],
])(
  "batches of %i, %i draws a step: %i steps take the images in the same order",
  async (batch, repetitions, steps) => {
    const single = await collect(ok(openFeed({ ...options, batch })).epoch(2));
    const feed = ok(openFeed({ ...options, batch, repetitions }));
    expect(feed.stepsPerEpoch).toBe(steps);
    const found = await collect(feed.epoch(2));
    const draws = found.flatMap((each) => [each.batch, ...each.again]);
    expect(draws).toHaveLength(steps * repetitions);
    // What there is of the larger domain is passed over as by single draws; then an epoch of few
    // images begins again.
    const images = (all: readonly Batch["batch"][]) => all.map(({ X }) => X?.data);
    const common = Math.min(single.length, draws.length);
    expect(images(draws.slice(0, common))).toEqual(
      images(single.slice(0, common).map((each) => each.batch)),
    );
    for (const from of [0, 1])
      for (const ahead of [0, 5])
        expect(
          await collect(ok(openFeed({ ...options, batch, repetitions, ahead })).epoch(2, from)),
        ).toEqual(found.slice(from));
  },
);

test("another seed makes another epoch", async () => {
  const [one, other] = await Promise.all(
    [3, 4].map((seed) => collect(ok(openFeed({ ...options, seed })).epoch(0))),
  );
  expect(idsOf(one ?? [], "X")).not.toEqual(idsOf(other ?? [], "X"));
});

test("leaving the loop stops the work ahead, which is bounded", async () => {
  const loads = { count: 0 };
  const source = memory(100, 1, loads);
  const feed = ok(
    openFeed({
      ...options,
      dataset: dataset({ X: source, Y: memory(1, 2) }),
      ahead: 3,
      cacheBytes: 0,
    }),
  );
  for await (const { step } of feed.epoch(0)) if (step === 1) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(loads.count).toBe(5);
});

test("images that fit the budget are decoded once", async () => {
  const loads = { count: 0 };
  const feed = ok(
    openFeed({ ...options, dataset: dataset({ X: memory(7, 1, loads), Y: memory(1, 2) }) }),
  );
  for (const epoch of [0, 1, 2]) await collect(feed.epoch(epoch));
  expect(loads.count).toBe(7);
});

test("broken files are passed over, told once, and draws stay what they were for the rest", async () => {
  const images = Object.fromEntries(
    await Promise.all(
      [1, 2, 3, 4, 5].map(async (i) => [`X/${i}.png`, await encode(noise(12, 12, i))] as const),
    ),
  );
  const y = { "Y/1.png": await encode(plain(12, 12, [1, 2, 3])) };
  const whole = ok(await openFolders(await folderOf({ ...images, ...y }), ["X", "Y"]));
  const root = await folderOf({ ...images, ...y, "X/2.png": "broken", "X/3.png": "" });
  const damaged = ok(await openFolders(root, ["X", "Y"]));
  const feed = ok(openFeed({ ...options, dataset: damaged }));
  const epochs = [await collect(feed.epoch(0)), await collect(feed.epoch(1))];
  const skipped = epochs.flat().flatMap((batch) => batch.skipped);
  expect(skipped.map(({ path }) => path).sort()).toEqual([
    join(root, "X/2.png"),
    join(root, "X/3.png"),
  ]);
  const expected = await collect(ok(openFeed({ ...options, dataset: whole })).epoch(0));
  // 2 and 3 give way to 4, the next that can be read
  expect(idsOf(epochs[0] ?? [], "X")).toEqual(
    idsOf(expected, "X").map((id) => (id === "2.png" || id === "3.png" ? "4.png" : id)),
  );
  const again = ok(openFeed({ ...options, dataset: damaged }));
  expect((await collect(again.epoch(1, 2))).map(({ batch }) => batch)).toEqual(
    (epochs[1] ?? []).slice(2).map(({ batch }) => batch),
  );
});

test("images too small for a crop are passed over as broken ones are", async () => {
  const root = await folderOf({
    "X/small.png": await encode(noise(4, 4, 1)),
    "X/large.png": await encode(noise(20, 20, 2)),
    "Y/y.png": await encode(noise(20, 20, 3)),
  });
  const feed = ok(
    openFeed({
      ...options,
      dataset: ok(await openFolders(root, ["X", "Y"])),
      augment: chain(stages.slice(1)),
    }),
  );
  const batches = await collect(feed.epoch(0));
  expect(idsOf(batches, "X")).toEqual(["large.png", "large.png"]);
  expect(batches.flatMap(({ skipped }) => skipped)).toMatchObject([
    { id: "small.png", reason: "4 x 4 pixels are too few for a crop of 8 x 8" },
  ]);
});

test("images that vanish altogether are a fault", async () => {
  const root = await folderOf({
    "X/a.png": await encode(noise(9, 9, 1)),
    "Y/b.png": await encode(noise(9, 9, 2)),
  });
  const feed = ok(openFeed({ ...options, dataset: ok(await openFolders(root, ["X", "Y"])) }));
  await rm(root, { recursive: true });
  await expect(collect(feed.epoch(0))).rejects.toBeInstanceOf(DataFault);
});

test("paired domains draw partners with one crop and flip", async () => {
  const joint = ["X", "Y"];
  const together = joint.map((key) => ({ key, domain: key, slot: 0, joint }));
  const source = memory(6, 1);
  const paired = dataset({ X: source, Y: { ...source, id: (i) => `${i}.jpg` } });
  const feed = ok(
    openFeed({
      ...options,
      dataset: paired,
      domains: [domain("X", 8), domain("Y", 8)],
      draws: together,
      batch: 2,
    }),
  );
  for (const { batch, ids } of await collect(feed.epoch(0))) {
    expect(ids.Y).toEqual(ids.X?.map((id) => id.replace("png", "jpg")));
    expect(batch.Y).toEqual(batch.X);
  }
  const unequal = openFeed({ ...options, draws: together });
  expect(fault(unequal)).toMatchObject({ kind: "unpaired-images" });
});

/** Pictures whose pixels say where they are: red is the column, green the row. */
const places = (height: number, width: number) => ({
  width,
  height,
  channels: 3 as const,
  data: Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return [at % width, Math.floor(at / width), 0][i % 3] ?? 0;
  }),
});

const sized = (sizes: readonly (readonly [number, number])[]): ImageSource => ({
  name: "places",
  size: sizes.length,
  id: (i) => `s${i}.png`,
  load: async (i) => right(places(...(sizes[i] ?? [0, 0]))),
});

test.each([
  ["a crop alone", [{ kind: "random_crop", height: 8, width: 8 }]],
  ["a flip before it", [{ kind: "random_flip" }, { kind: "random_crop", height: 8, width: 8 }]],
  [
    "a second resize behind it",
    [
      { kind: "random_crop", height: 6, width: 6 },
      { kind: "resize", height: 8, width: 8 },
    ],
  ],
] satisfies [string, AugmentStage[]][])(
  "partners of two sizes are never cut at two places: %s",
  async (_, augmentation) => {
    const joint = ["X", "Y"];
    const draws = joint.map((key) => ({ key, domain: key, slot: 0, joint }));
    const same = [12, 20] as const;
    const x = sized([[10, 12], same, [12, 10], same]);
    const y = sized([[10, 20], same, [10, 12], same]);
    const feed = ok(
      openFeed({
        ...options,
        dataset: dataset({ X: x, Y: y }),
        domains: [domain("X", 8), domain("Y", 8)],
        draws,
        augment: chain(augmentation),
      }),
    );
    const batches = await collect(feed.epoch(0));
    for (const { batch } of batches) expect(batch.Y).toEqual(batch.X);
    const skipped = batches.flatMap((batch) => batch.skipped);
    expect(skipped.map(({ id }) => id).sort()).toEqual(["s0.png", "s2.png"]);
    expect(skipped.find(({ id }) => id === "s0.png")?.reason).toContain(
      "it is 20 x 10 pixels and its partner s0.png is 12 x 10 (width x height)",
    );
  },
);

test("partners of two sizes that are resized first are cut at one place", async () => {
  const joint = ["X", "Y"];
  const draws = joint.map((key) => ({ key, domain: key, slot: 0, joint }));
  const feed = ok(
    openFeed({
      ...options,
      dataset: dataset({ X: sized([[10, 12]]), Y: sized([[20, 24]]) }),
      domains: [domain("X", 8), domain("Y", 8)],
      draws,
    }),
  );
  const [first] = await collect(feed.epoch(0));
  expect([first?.skipped, first?.batch.X?.shape]).toEqual([[], [1, 8, 8, 3]]);
});

test("partners whose files are sorted otherwise, keep together", async () => {
  const joint = ["X", "Y"];
  const draws = joint.map((key) => ({ key, domain: key, slot: 0, joint }));
  const [one, two] = await Promise.all([1, 2].map((i) => encode(noise(9, 9, i))));
  const root = await folderOf({
    "X/a.b.png": one ?? "",
    "X/a.png": two ?? "",
    "Y/a.b.JPG": one ?? "",
    "Y/a.jpg": two ?? "",
  });
  const feed = ok(
    openFeed({
      ...options,
      dataset: ok(await openFolders(root, ["X", "Y"])),
      domains: [domain("X", 8), domain("Y", 8)],
      draws,
    }),
  );
  expect(feed.stepsPerEpoch).toBe(2);
  for (const { batch } of await collect(feed.epoch(0))) expect(batch.Y).toEqual(batch.X);
});

test("domains of several sizes have stages of their own", async () => {
  const small: AugmentStage = { kind: "resize", height: 4, width: 4 };
  const feed = ok(
    openFeed({
      ...options,
      domains: [domain("X", 4), domain("Y", 8)],
      augment: { X: [small, { kind: "random_flip" }], Y: stages },
    }),
  );
  const [first] = await collect(feed.epoch(0));
  expect(first?.batch.X?.shape).toEqual([1, 4, 4, 3]);
  expect(first?.batch.Y?.shape).toEqual([1, 8, 8, 3]);
});

test("what cannot work is said before the first batch", () => {
  expect(fault(openFeed({ ...options, augment: chain(stages.slice(0, 1)) })).kind).toBe(
    "augment-mismatch",
  );
  expect(fault(openFeed({ ...options, domains: [domain("Z", 8)] }))).toMatchObject({
    kind: "wrong-domains",
    path: "domain Z",
  });
});

test("as many images may be broken as there are", async () => {
  const size = 200_000;
  const source: ImageSource = {
    ...memory(size, 1),
    load: async (i) =>
      i === size - 1
        ? right(noise(10, 12, i))
        : left({ kind: "broken-image", id: `${i}.png`, path: `${i}.png`, reason: "it is cut off" }),
  };
  const one = { ...options, dataset: dataset({ X: source }), domains: domains.slice(0, 1) };
  const epoch = ok(openFeed({ ...one, batch: 3, ahead: 0 })).epoch(0);
  for await (const { ids, skipped } of epoch) {
    expect(new Set(ids.X)).toEqual(new Set([`${size - 1}.png`]));
    // One whole image at the end: most of the others are met on the way to it.
    expect(skipped.length).toBeGreaterThan(130_000);
    break;
  }
});
