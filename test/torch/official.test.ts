/**
 * Networks of pytorch-CycleGAN-and-pix2pix and CUT, saved by PyTorch: imported without it, they
 * translate as there on three engines, and go back as they came.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { compiler } from "../../src/cli/compiler/compiler.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { openTrained } from "../../src/training/opening/open-run.js";
import { ganc } from "../support/ganc.js";
import {
  type Applied,
  loadOfficial,
  type OfficialCase,
  saveOfficial,
  type Written,
} from "./official.js";

const rgb = { inputs: 3, outputs: 3, n: 8 };

const cases: readonly OfficialCase[] = [
  {
    kind: "resnet",
    norm: "instance",
    seed: 1,
    side: 64,
    file: "resnet9.pth",
    options: { ...rgb, blocks: 9 },
  },
  {
    kind: "resnet",
    norm: "instance",
    seed: 2,
    side: 48,
    file: "resnet6.pth",
    legacy: true,
    parallel: true,
    old: true,
    options: { ...rgb, blocks: 6 },
  },
  {
    kind: "resnet",
    norm: "instance",
    seed: 3,
    side: 64,
    file: "dropout.pth",
    options: { ...rgb, blocks: 2, dropout: true },
  },
  {
    kind: "resnet",
    norm: "affine",
    seed: 4,
    side: 64,
    file: "affine.pth",
    legacy: true,
    options: { inputs: 1, outputs: 3, n: 6, blocks: 1 },
  },
  {
    kind: "resnet",
    norm: "none",
    seed: 5,
    side: 64,
    file: "bare.pth",
    parallel: true,
    options: { ...rgb, blocks: 1 },
  },
  {
    kind: "resnet",
    norm: "instance",
    seed: 6,
    side: 64,
    file: "cut.pth",
    options: { ...rgb, blocks: 3, blur: true },
  },
  {
    kind: "unet",
    norm: "instance",
    seed: 7,
    side: 128,
    file: "unet128.pth",
    options: { ...rgb, n: 4, levels: 7 },
  },
  {
    kind: "unet",
    norm: "affine",
    seed: 8,
    side: 256,
    file: "unet256.pth",
    legacy: true,
    options: { ...rgb, n: 4, levels: 8 },
  },
  {
    kind: "resnet",
    norm: "batch",
    seed: 9,
    side: 64,
    file: "batch.pth",
    options: { ...rgb, blocks: 2, dropout: true },
  },
  {
    kind: "unet",
    norm: "batch",
    seed: 10,
    side: 256,
    file: "pix2pix.pth",
    parallel: true,
    options: { ...rgb, n: 4, levels: 8 },
  },
];

const judges: readonly OfficialCase[] = [
  {
    kind: "patch",
    norm: "instance",
    seed: 11,
    side: 64,
    file: "basic.pth",
    options: { inputs: 3, n: 8, layers: 3 },
  },
  {
    kind: "patch",
    norm: "instance",
    seed: 12,
    side: 64,
    file: "layers1.pth",
    legacy: true,
    options: { inputs: 3, n: 8, layers: 1 },
  },
  {
    kind: "patch",
    norm: "affine",
    seed: 13,
    side: 128,
    file: "layers5.pth",
    options: { inputs: 3, n: 4, layers: 5 },
  },
  {
    kind: "patch",
    norm: "instance",
    seed: 14,
    side: 64,
    file: "cut-basic.pth",
    options: { inputs: 3, n: 8, layers: 3, blur: true },
  },
  {
    kind: "pixel",
    norm: "instance",
    seed: 15,
    side: 32,
    file: "pixel.pth",
    options: { inputs: 3, n: 8 },
  },
  {
    kind: "patch",
    norm: "batch",
    seed: 16,
    side: 64,
    file: "batch-basic.pth",
    options: { inputs: 3, n: 8, layers: 3 },
  },
  {
    kind: "pixel",
    norm: "batch",
    seed: 17,
    side: 32,
    file: "batch-pixel.pth",
    legacy: true,
    options: { inputs: 3, n: 8 },
  },
];

const folder = mkdtempSync(join(tmpdir(), "ganc-official-"));
const all = [...cases, ...judges];
let theirs: readonly Applied[];
beforeAll(() => {
  theirs = saveOfficial(folder, all);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hostOf = ({ shape, data }: Written): HostTensor => ({ shape, data: Float32Array.from(data) });

/** The greatest difference, of images in [-1, 1]; of scores as a share of the largest. */
const apart = (ours: HostTensor, wanted: Written): number => {
  expect(ours.shape).toEqual(wanted.shape);
  const largest = wanted.data.reduce((most, y) => Math.max(most, Math.abs(y)), 1);
  return (
    wanted.data.reduce((most, y, i) => Math.max(most, Math.abs(y - (ours.data[i] ?? NaN))), 0) /
    largest
  );
};

const importInto = (name: string, files: readonly string[]): string => {
  const out = join(folder, "runs", name);
  const { status, stderr } = ganc(["import", "--from", "pytorch-cyclegan", ...files, "--out", out]);
  expect([status, stderr.replace(/note: .*\n/g, "")]).toEqual([0, ""]);
  return out;
};

const engines = ["onnx", "tensorflow", "torch"] as const;

/** The greatest difference of what each engine computes from what PyTorch did. */
const differences = async (
  run: string,
  network: string,
  { x, y }: Applied,
): Promise<Readonly<Record<string, number>>> => {
  const found: Record<string, number> = {};
  for (const engine of engines) {
    const opened = await openTrained(compiler, run, engine);
    if (isLeft(opened)) throw new Error(JSON.stringify(opened.left));
    try {
      found[engine] = apart(await opened.right.session.translate(network, [hostOf(x)]), y);
    } finally {
      opened.right.session.dispose();
    }
  }
  return found;
};

/** Engines that are further away than that. */
const far = (found: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(found).filter(([, difference]) => !(difference < 1e-4)));

/** The part's file of a run, exported. */
const exported = (run: string, part: string): string => {
  const { status, stderr } = ganc(["export", run, "--to", "pytorch-cyclegan"]);
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  return join(run, "exported", `latest_net_${part}.pth`);
};

/** Files that went through ganc, which PyTorch is asked about at the end. */
const roundTrips: (OfficialCase & { readonly exported: string })[] = [];

test.each(cases.map((one, i) => [one.file, i] as const))(
  "%s translates as in PyTorch",
  async (file, i) => {
    const run = importInto(file, [join(folder, file)]);
    roundTrips.push({ ...(all[i] as OfficialCase), exported: exported(run, "G") });
    expect(far(await differences(run, "G", theirs[i] as Applied))).toEqual({});
  },
);

test.each(judges.map((one, i) => [one.file, cases.length + i] as const))(
  "%s judges as in PyTorch",
  async (file, i) => {
    const run = importInto(file, [`D=${join(folder, file)}`, join(folder, "resnet9.pth")]);
    roundTrips.push({ ...(all[i] as OfficialCase), exported: exported(run, "D") });
    expect(far(await differences(run, "D", theirs[i] as Applied))).toEqual({});
  },
);

test("a folder of four: G_A leads from A to B, and D_A judges B", async () => {
  const four = join(folder, "four");
  mkdirSync(four);
  const parts: readonly OfficialCase[] = ["G_A", "G_B", "D_A", "D_B"].map((part, i) => ({
    ...((part.startsWith("G") ? cases[0] : judges[0]) as OfficialCase),
    seed: 20 + i,
    side: 64,
    file: `latest_net_${part}.pth`,
  }));
  const found = saveOfficial(four, parts);
  const run = importInto("four", [four]);
  exported(run, "G_A");
  for (const [i, part] of ["G_A", "G_B", "D_A", "D_B"].entries()) {
    const file = join(run, "exported", `latest_net_${part}.pth`);
    roundTrips.push({ ...(parts[i] as OfficialCase), exported: file });
    expect(far(await differences(run, part, found[i] as Applied))).toEqual({});
  }
});

test("PyTorch takes what is exported, strictly, and finds what it had saved, bit for bit", () => {
  expect(roundTrips).toHaveLength(all.length + 4);
  const found = loadOfficial(roundTrips);
  expect(found.filter(({ same, order }) => !same || !order)).toEqual([]);
});
