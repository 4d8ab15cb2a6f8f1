/** Draws that are no plain images: partners, classes, noise. */
import { expect, test } from "@jest/globals";
import { type Batch, openFeed } from "../../../src/data/batches/batches.js";
import { openFolders } from "../../../src/data/sets/folders.js";
import type { Domain, DomainKind } from "../../../src/program/model.js";
import { domain, encode, fault, folderOf, noise, ok } from "../pictures.js";

const labels = (classes: number): Domain => ({
  ...domain("L", 1, 1, classes, [0, 1]),
  kind: "labels",
});
const numbers = (kind: DomainKind, range: readonly [number, number]): Domain => ({
  ...domain("Z", 1, 1, 5, range),
  kind,
});

const collect = async (batches: AsyncIterable<Batch>): Promise<readonly Batch[]> => {
  const all: Batch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

const filed = async (): Promise<string> =>
  folderOf({
    "X/cat/1.png": await encode(noise(4, 4, 1)),
    "X/cat/2.png": await encode(noise(4, 4, 2)),
    "X/dog/1.png": await encode(noise(4, 4, 3)),
    "X/ant/1.png": await encode(noise(4, 4, 4)),
  });

test("the class of an image is its folder, in the order of the names", async () => {
  const dataset = ok(await openFolders(await filed(), ["X"], { X: 3 }));
  expect(dataset.describe()).toContain("(classes: ant, cat, dog)");
  const joint = ["X", "L"];
  const draws = [
    ...joint.map((key) => ({ key, domain: key, slot: 0, joint })),
    { key: "L#1", domain: "L", slot: 1 },
  ];
  const domains = [domain("X", 4), labels(3)];
  const feed = ok(openFeed({ dataset, domains, draws, augment: {}, batch: 2, seed: 1 }));
  const free = new Set<string>();
  for (let epoch = 0; epoch < 8; epoch++)
    for (const { batch, ids } of await collect(feed.epoch(epoch))) {
      const classes = ["ant", "cat", "dog"];
      const expected = (ids.X ?? []).flatMap((id) =>
        classes.map((name) => (id.startsWith(`${name}/`) ? 1 : 0)),
      );
      expect(batch.L).toEqual({ shape: [2, 1, 1, 3], data: Float32Array.from(expected) });
      const other = batch["L#1"]?.data ?? new Float32Array();
      expect(other.reduce((a, b) => a + b, 0)).toBe(2);
      free.add(other.join() === expected.join() ? "same" : "other");
    }
  // A second draw of the labels is independent of the images.
  expect(free).toContain("other");
});

test("another number of classes than folders is an error that names them", async () => {
  const wrong = fault(await openFolders(await filed(), ["X"], { X: 4 }));
  expect(wrong).toMatchObject({ kind: "wrong-classes" });
  expect(wrong.reason).toContain("ant, cat, dog");
});

test("test images are filed by the same classes, by name", async () => {
  const png = await encode(noise(4, 4, 1));
  const train = { "trainX/cat/1.png": png, "trainX/dog/1.png": png };
  const same = await folderOf({ ...train, "testX/cat/2.png": png, "testX/dog/2.png": png });
  expect(ok(await openFolders(same, ["X"], { X: 2 })).test?.X?.classes).toEqual(["cat", "dog"]);
  const other = await folderOf({ ...train, "testX/cat/2.png": png, "testX/cow/2.png": png });
  const wrong = fault(await openFolders(other, ["X"], { X: 2 }));
  expect(wrong).toMatchObject({ kind: "wrong-classes" });
  expect(wrong.reason).toContain("cat, cow, and those of");
});

test("a partner that is missing is named", async () => {
  const png = await encode(noise(4, 4, 1));
  const root = await folderOf({ "X/a.png": png, "X/b.png": png, "Y/a.png": png });
  const joint = ["X", "Y"];
  const draws = joint.map((key) => ({ key, domain: key, slot: 0, joint }));
  const dataset = ok(await openFolders(root, joint));
  const domains = [domain("X", 4), domain("Y", 4)];
  const wrong = fault(openFeed({ dataset, domains, draws, augment: {}, batch: 1, seed: 1 }));
  expect(wrong.reason).toMatch(/b\.png only in .*X$/);
});

test("noise is standard normal, uniform numbers fill their range, and both depend on the step alone", async () => {
  const dataset = { name: "none", train: {}, describe: () => "", hash: "" };
  const run = async (kind: DomainKind, range: readonly [number, number], from = 0) => {
    const domains = [numbers(kind, range)];
    const draws = [{ key: "Z", domain: "Z", slot: 0 }];
    const feed = ok(openFeed({ dataset, domains, draws, augment: {}, batch: 3, seed: 2 }));
    const all = await collect(feed.epoch(1, from));
    return all.map(({ batch }) => [...(batch.Z?.data ?? [])]);
  };
  const normals = (await run("noise", [-Infinity, Infinity])).flat();
  const mean = normals.reduce((a, b) => a + b, 0) / normals.length;
  const variance = normals.reduce((a, b) => a + (b - mean) ** 2, 0) / normals.length;
  expect([mean, variance]).toEqual([expect.closeTo(0, 1), expect.closeTo(1, 1)]);
  expect(new Set(normals).size).toBeGreaterThan(0.99 * normals.length);
  const uniform = (await run("uniform", [2, 4])).flat();
  expect(Math.min(...uniform)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...uniform)).toBeLessThan(4);
  expect(Math.max(...uniform) - Math.min(...uniform)).toBeGreaterThan(1.9);
  const straight = await run("noise", [-Infinity, Infinity]);
  expect(await run("noise", [-Infinity, Infinity], 300)).toEqual(straight.slice(300));
});

test("every sample of an epoch is the share of its schedule, which stays behind the last", async () => {
  const scheduled: Domain = {
    ...domain("S", 1, 1, 1, [0.1, 1]),
    kind: "scheduled",
    schedule: [
      { kind: "constant", epochs: 1, options: { epochs: 1 } },
      { kind: "ramp", epochs: 3, options: { epochs: 3, from: 1, to: 0.1 } },
    ],
  };
  const dataset = ok(await openFolders(await filed(), ["X"], { X: 3 }));
  const draws = ["X", "S"].map((key) => ({ key, domain: key, slot: 0 }));
  const domains = [domain("X", 4), scheduled];
  const feed = ok(openFeed({ dataset, domains, draws, augment: {}, batch: 2, seed: 1 }));
  for (const [epoch, share] of [1, 1, 0.7, 0.4, 0.1, 0.1, 0.1].entries()) {
    const batches = await collect(feed.epoch(epoch));
    expect(batches.length).toBeGreaterThan(0);
    for (const { batch } of batches)
      expect(batch.S).toEqual({ shape: [2, 1, 1, 1], data: new Float32Array(2).fill(share) });
  }
});
