/**
 * Measures how long a training step waits for its images. Photographs are decoded, resized, cropped
 * and flipped ahead of the step, then cached. See README.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { isLeft } from "fp-ts/lib/Either.js";
import sharp from "sharp";
import { stream } from "../src/base/random.js";
import { compiler } from "../src/cli/compiler/compiler.js";
import type { Session } from "../src/contracts/session.js";
import type { Feed } from "../src/data/batches/batches.js";
import { openFeed } from "../src/data/batches/batches.js";
import { openFolders } from "../src/data/sets/folders.js";
import type { CompiledSpec } from "../src/training/program/compiled.js";
import { reported } from "./reported.js";
import { table, verdict } from "./table.js";

/** Greatest share of the wall-clock time that a step may wait. */
const most = 0.02;

const SPEC = "specs/cyclegan-lsgan.gan";

interface Case {
  readonly title: string;
  readonly sets: Readonly<Record<string, string>>;
}

const cases: readonly Case[] = [
  { title: "64, light", sets: { size: "64", ngf: "16", ndf: "16", blocks: "2" } },
  { title: "128, README's", sets: { size: "128", ngf: "32", ndf: "32", blocks: "6" } },
];

/** Writes photograph-like images, with smooth and rough parts, as large as in most data sets. */
const writePhotos = async (folder: string, count: number): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const draws = stream(i, folder.endsWith("X") ? "bench/x" : "bench/y");
    const data = Uint8Array.from({ length: 12 * 16 * 3 }, (_, k) => 256 * draws(k));
    const small = sharp(data, { raw: { width: 16, height: 12, channels: 3 } });
    const photo = await small
      .resize(512, 384, { kernel: "cubic" })
      .jpeg({ quality: 90 })
      .toBuffer();
    writeFileSync(join(folder, `${i}.jpg`), photo);
  }
};

const rightOf = <A>(result: { readonly _tag: string }, what: string): A => {
  if (isLeft(result as never)) throw new Error(`${what}: ${JSON.stringify(result)}`);
  return (result as unknown as { readonly right: A }).right;
};

interface Waited {
  readonly wall: number;
  readonly waiting: number;
  readonly steps: number;
  /** Share of the time in which the JavaScript thread was busy. */
  readonly busy: number;
}

/** Makes `steps` steps of an epoch, and measures how long it waits for their batches. */
const waited = async (
  feed: Feed,
  session: Session,
  epoch: number,
  steps: number,
): Promise<Waited> => {
  let [waiting, made] = [0, 0];
  const begin = performance.now();
  const before = performance.eventLoopUtilization();
  let asked = begin;
  for await (const { batch } of feed.epoch(epoch)) {
    waiting += performance.now() - asked;
    await session.step({ batch, again: [], rate: 2e-4, step: made });
    made++;
    asked = performance.now();
    if (made === steps) break;
  }
  const wall = performance.now() - begin;
  return { wall, waiting, steps: made, busy: performance.eventLoopUtilization(before).utilization };
};

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

const measure = async (root: string, { title, sets }: Case, steps: number) => {
  const compiled = rightOf<CompiledSpec>(await compiler.fromFile(SPEC, sets), SPEC);
  const { domains, recipe, repetitions, draws } = compiled.program;
  const dataset = await openFolders(
    { X: join(root, "X"), Y: join(root, "Y") },
    domains.map(({ name }) => name),
  );
  const feed = rightOf<Feed>(
    openFeed({
      dataset: rightOf(dataset, "images"),
      domains,
      augment: recipe.augment,
      batch: recipe.batch,
      seed: 1,
      repetitions,
      draws,
    }),
    "feed",
  );
  const session = rightOf<Session>(await compiled.open("onnx", 1), "engine");
  // The first step allocates, so it is not measured.
  await waited(feed, session, 9, 1);
  const rows: { readonly epoch: string; readonly found: Waited }[] = [
    { epoch: "first", found: await waited(feed, session, 0, steps) },
    { epoch: "later", found: await waited(feed, session, 1, steps) },
  ];
  session.dispose();
  return rows.map(({ epoch, found }) => ({ title, epoch, ...found }));
};

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      steps: { type: "string", default: "40" },
      photos: { type: "string", default: "200" },
      sizes: { type: "string", default: "64,128" },
    },
  });
  const root = mkdtempSync(join(tmpdir(), "ganc-bench-data-"));
  try {
    for (const name of ["X", "Y"]) await writePhotos(join(root, name), Number(values.photos));
    const rows = [];
    const sizes = values.sizes.split(",");
    for (const one of cases.filter(({ sets }) => sizes.includes(sets.size ?? "")))
      rows.push(...(await measure(root, one, Number(values.steps))));
    process.stdout.write(
      `${table([
        ["step", "epoch", "ms a step", "waiting", "of wall", "JS thread"],
        ...rows.map(({ title, epoch, wall, waiting, steps, busy }) => [
          title,
          epoch,
          (wall / steps).toFixed(1),
          `${(waiting / steps).toFixed(2)} ms`,
          percent(waiting / wall),
          percent(busy),
        ]),
      ])}\n\n`,
    );
    const isMet = rows.every(({ waiting, wall }) => waiting / wall < most);
    process.stdout.write(
      `${verdict(isMet, `a step waits for its images less than ${percent(most)} of the time`)}\n`,
    );
    return isMet;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

await reported(main);
