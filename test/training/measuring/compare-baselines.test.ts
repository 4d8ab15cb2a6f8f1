/**
 * What pairs can judge of networks of several inputs, and what is said of those that they cannot.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { isLeft, left, right } from "fp-ts/lib/Either.js";
import { span } from "../../../src/base/source.js";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import type { Dataset, ImageSource } from "../../../src/data/sets/source.js";
import type { Domain } from "../../../src/program/model.js";
import { quick } from "../../../src/report/measures/index.js";
import { describe } from "../../../src/training/files/errors.js";
import { evaluate } from "../../../src/training/measuring/compare-baselines.js";
import { measureNetworks } from "../../../src/training/measuring/measure-session.js";
import { measuringSet } from "../../../src/training/measuring/measuring-set.js";
import type { NetworkInfo } from "../../../src/training/program/program.js";
import { fakeSession } from "../fake.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-evaluate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = span("test.gan", 0, 0);
const image = (name: string): Domain => ({
  name,
  kind: "image",
  shape: [2, 2, 3],
  range: [0, 1],
  span: at,
});
const domains: readonly Domain[] = [
  image("X"),
  image("Y"),
  { name: "Z", kind: "noise", shape: [1, 1, 2], range: [-Infinity, Infinity], span: at },
  { name: "L", kind: "labels", shape: [1, 1, 3], range: [0, 1], span: at },
];

const net = (name: string, from: string, to: string): NetworkInfo => ({
  name,
  from,
  to,
  parameters: [{ name: `${name}.w`, shape: [1] }],
});

/** Images of one grey each; of two classes where it is filed by class. */
const source = (
  name: string,
  greys: readonly number[],
  classes?: readonly number[],
): ImageSource => ({
  name,
  size: greys.length,
  id: (i) => `${i}`,
  ...(classes === undefined ? {} : { classes: ["a", "b", "c"], classOf: (i) => classes[i] ?? 0 }),
  load: async (i) =>
    right({ width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(greys[i] ?? 0) }),
});

const dataset = (classes?: readonly number[]): Dataset => {
  const split = { X: source("X", [0, 51, 102]), Y: source("Y", [255, 204, 153], classes) };
  return {
    name: "made up",
    train: split,
    test: split,
    pairs: [0, 1, 2].map((i) => ({ X: i, Y: i })),
    describe: () => "made up",
    hash: "",
  };
};

/** What each network was given, and as its result the first image, made lighter by 0.2. */
const listening = () => {
  const given = new Map<string, readonly HostTensor[]>();
  const translate = async (network: string, inputs: readonly HostTensor[]) => {
    if (!given.has(network)) given.set(network, inputs);
    const { shape, data } = inputs[0] as HostTensor;
    return { shape, data: data.map((v) => v + 0.2) };
  };
  return { given, session: { ...fakeSession(), translate } };
};

const judged = async (networks: readonly NetworkInfo[], classes?: readonly number[]) => {
  const { given, session } = listening();
  const found = await evaluate(session, { domains, networks }, dataset(classes), folder);
  const set = await measuringSet(dataset(classes), { domains }, 100);
  const measured = await measureNetworks(session, { domains, networks }, set, { effort: quick });
  if (isLeft(found)) throw new Error(describe(found.left));
  if (isLeft(measured)) throw new Error(describe(measured.left));
  return { given, found: found.right, measured: measured.right };
};

test("noise is drawn, and a class is that of the partner", async () => {
  const networks = [net("G", "(X, Z)", "Y"), net("H", "(X, L)", "Y")];
  const { given, found } = await judged(networks, [2, 0, 1]);
  expect(found?.qualities.map(({ name, pairs }) => [name, pairs])).toEqual([
    ["X -> Y by G(x, z)", 3],
    ["X -> Y by H(x, l)", 3],
  ]);
  expect(found?.qualities[0]?.error).toBeCloseTo((0.8 + 0.4 + 0) / 3, 6);
  expect([...(given.get("H")?.[1]?.data ?? [])]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0]);
  expect(given.get("G")?.[1]?.shape).toEqual([3, 1, 1, 2]);
  expect(readdirSync(folder).sort()).toEqual(["G.png", "H.png"]);
  // The same draws every time
  const again = await judged(networks, [2, 0, 1]);
  expect(again.given.get("G")?.[1]).toEqual(given.get("G")?.[1]);
});

test("what pairs cannot judge is said", async () => {
  const networks = [
    net("A", "(X, Y)", "Y"),
    net("B", "(X, X)", "Y"),
    net("C", "(X, L)", "Y"),
    net("E", "X", "X"),
  ];
  const { found } = await judged(networks);
  expect(found?.qualities).toEqual([]);
  expect(found?.remarks).toEqual([
    "A(x, y) is given an image of Y, its own target: nothing is left to compare.",
    "B(x1, x2) takes two images of one domain: a pair has one.",
    "C(x, l) takes a class, and the test images of Y are not filed by class.",
    "E(x) stays in X: no image has a partner there.",
  ]);
});

/** What was measured of each network, by name. */
const valuesOf = ({ measured }: Awaited<ReturnType<typeof judged>>) =>
  Object.fromEntries(
    measured.networks.map(({ name, readings }) => [
      name,
      Object.fromEntries(readings.map((one) => [one.measure.name, one.measured.mean])),
    ]),
  );

test("what is led back is measured: by two networks, and by one that takes a class", async () => {
  const made = await judged(
    [net("G", "X", "Y"), net("F", "Y", "X"), net("S", "(Y, L)", "Y"), net("N", "Z", "Y")],
    [2, 0, 1],
  );
  expect(made.measured.networks.map(({ title, details }) => [title, details])).toEqual([
    ["X -> Y by G", { cycle: "F(G(x)) to x", identity: "G(y) to y" }],
    ["Y -> X by F", { cycle: "G(F(y)) to y", identity: "F(x) to x" }],
    [
      "Y -> Y by S(y, l)",
      { cycle: "S(S(y, next class), own) to y", identity: "S(y, own class) to y" },
    ],
  ]);
  const found = valuesOf(made);
  expect(found.G?.cycle).toBeCloseTo(0.4, 6);
  expect(found.F?.identity).toBeCloseTo(0.2, 6);
  expect(made.measured.remarks).toContain(
    "N makes images from draws: there is no image to reconstruct.",
  );
  expect(made.measured.remarks).toContain("S(y, l) stays in Y: no image has a partner there.");
});

test("partners are measured row by row, and sets as sets", async () => {
  const found = valuesOf(await judged([net("G", "X", "Y"), net("H", "(X, L)", "Y")], [2, 0, 1]));
  // Greys 0, 51, 102, each made lighter by 51; the partners are 255, 204, 153
  expect(found.G?.l1).toBeCloseTo((204 + 102 + 0) / 3 / 255, 6);
  expect(found.H?.l1).toBe(found.G?.l1);
  expect(found.G?.retrieval).toBeCloseTo(1 / 3, 6);
  expect(found.G?.colour_mean).toBeCloseTo((204 - 102) / 255, 6);
  expect(found.G?.diversity).toBeCloseTo(1, 6);
});

test("an image that cannot be read takes its partner with it, and no other", async () => {
  const whole = dataset();
  const { X, Y } = whole.test as Required<Dataset>["test"];
  const broken: ImageSource = {
    ...(X as ImageSource),
    load: async (i) =>
      i === 1
        ? left({ kind: "broken-image", id: "1", path: "X/1", reason: "broken" })
        : (X as ImageSource).load(i),
  };
  const set = await measuringSet(
    { ...whole, test: { X: broken, Y: Y as ImageSource } },
    { domains },
    9,
  );
  expect(set.skipped.map(({ path }) => path)).toEqual(["X/1"]);
  expect(set.images.X?.ids).toEqual(["0", "2"]);
  expect(set.images.Y?.ids).toEqual(["0", "1", "2"]);
  expect(set.pairs).toEqual([
    { X: 0, Y: 0 },
    { X: 1, Y: 2 },
  ]);
});

test("of many images a few are chosen evenly, pairs first, and equal names are partners only where the spec says so", async () => {
  const many = (name: string) =>
    source(
      name,
      Array.from({ length: 40 }, (_, i) => 6 * i),
    );
  const split = { X: many("X"), Y: many("Y") };
  const base = {
    ...dataset(),
    train: split,
    test: split,
    pairs: [5, 20, 39].map((i) => ({ X: i, Y: i })),
  };
  const set = await measuringSet(base, { domains }, 8);
  expect(set.pairs).toHaveLength(3);
  expect(set.images.X?.ids).toHaveLength(8);
  expect(set.images.X?.ids).toEqual(expect.arrayContaining(["5", "20", "39"]));
  const { test: _, pairs: __, ...without } = base;
  expect((await measuringSet(without, { domains }, 8)).split).toBe("train");
  expect((await measuringSet(without, { domains }, 8)).pairs).toEqual([]);
  const draws = ["X", "Y"].map((name) => ({ key: name, domain: name, slot: 0, joint: ["X", "Y"] }));
  const held = await measuringSet({ ...without, held: split }, { domains, draws }, 8);
  expect([held.split, held.pairs.length]).toEqual(["held", 8]);
});
