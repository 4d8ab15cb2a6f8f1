/**
 * Measures what a CycleGAN changes in pictures and what it keeps: for sets that differ in colour,
 * for sets that differ in shape, and for pictures unlike the training set. See README.md and
 * docs/limits.md.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isLeft } from "fp-ts/lib/Either.js";
import sharp from "sharp";
import { correlation, mean } from "../src/base/statistics.js";
import type { HostTensor } from "../src/contracts/tensor.js";
import { toTensor } from "../src/data/images/image.js";
import { colourHistogram } from "../src/report/measures/colour.js";
import { thorough, type WholeMaterial } from "../src/report/measures/measure.js";
import { type Drawing, writeEmoji } from "./limits-emoji.js";
import { reported } from "./reported.js";
import { table } from "./table.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const side = 64;
const settings = ["size=64", "ngf=16", "ndf=16", "blocks=3"];

/** Columns of a sheet. */
const shown = 10;

const ganc = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "bin/ganc.js"), ...args],
    { encoding: "utf8", maxBuffer: 2 ** 26 },
  );
  if (status !== 0) throw new Error(`ganc ${args.join(" ")}: ${stderr}`);
  return stdout + stderr;
};

const files = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => /\.(png|jpe?g)$/.test(name))
    .sort()
    .map((name) => join(folder, name));

/** Loads images as intensities in [0, 1], at the training size. */
const load = async (paths: readonly string[]): Promise<HostTensor> => {
  const images = await Promise.all(
    paths.map(async (path) => {
      const { data, info } = await sharp(path)
        .flatten({ background: "white" })
        .resize(side, side, { fit: "fill" })
        .toColourspace("srgb")
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) };
    }),
  );
  return toTensor(images, [0, 1]);
};

/** Computes the magnitude of the gradient of luma at each place of each image, by differences. */
const edges = ({ shape, data }: HostTensor): readonly Float64Array[] => {
  const [n = 0] = shape;
  const places = side * side;
  const luma = (k: number, at: number): number => {
    const i = 3 * (k * places + at);
    return 0.299 * (data[i] ?? 0) + 0.587 * (data[i + 1] ?? 0) + 0.114 * (data[i + 2] ?? 0);
  };
  return Array.from({ length: n }, (_, k) =>
    Float64Array.from({ length: places }, (_, at) => {
      const right = at % side === side - 1 ? at : at + 1;
      const below = at + side >= places ? at : at + side;
      const own = luma(k, at);
      return Math.hypot(luma(k, right) - own, luma(k, below) - own);
    }),
  );
};

/** Averages the edges at each place over a set. */
const layout = (maps: readonly Float64Array[]): Float64Array =>
  Float64Array.from({ length: side * side }, (_, at) => mean(maps.map((map) => map[at] ?? 0)));

const apart = (a: Float64Array, b: Float64Array): number =>
  mean(a.map((v, i) => Math.abs(v - (b[i] ?? 0))));

const colourDistance = (made: HostTensor, real: HostTensor): number => {
  const measured = colourHistogram.compute({ made, real } as WholeMaterial, thorough);
  if (isLeft(measured)) throw new Error(measured.left);
  return measured.right.mean;
};

interface Limits {
  /** Colour distance after the translation, as a share of that between the two sets. */
  readonly colour: number;
  /** Likewise for the distance of the mean edges. */
  readonly layout: number;
  /** Correlation of the edges of an input and of its translation, averaged over images. */
  readonly kept: number;
}

const limitsOf = (inputs: HostTensor, made: HostTensor, targets: HostTensor): Limits => {
  const [before, after, wanted] = [inputs, made, targets].map(edges) as [
    readonly Float64Array[],
    readonly Float64Array[],
    readonly Float64Array[],
  ];
  return {
    colour: colourDistance(made, targets) / colourDistance(inputs, targets),
    layout: apart(layout(after), layout(wanted)) / apart(layout(before), layout(wanted)),
    kept: mean(before.map((map, k) => correlation(map, after[k] ?? map) ?? 0)),
  };
};

/** Writes two rows: inputs above, outputs below. */
const writeSheet = async (
  path: string,
  inputs: readonly string[],
  made: readonly string[],
): Promise<void> => {
  const gap = 4;
  const step = Math.max(1, inputs.length / shown);
  const chosen = Array.from({ length: Math.min(shown, inputs.length) }, (_, c) =>
    Math.floor(c * step),
  );
  const cell = (file: string): Promise<Buffer> =>
    sharp(file)
      .flatten({ background: "white" })
      .resize(side, side, { fit: "fill" })
      .png()
      .toBuffer();
  const cells = await Promise.all(
    [inputs, made].flatMap((row, r) =>
      chosen.map(async (k, c) => ({
        input: await cell(row[k] ?? ""),
        left: gap + c * (side + gap),
        top: gap + r * (side + gap),
      })),
    ),
  );
  const width = gap + chosen.length * (side + gap);
  const height = gap + 2 * (side + gap);
  await sharp({ create: { width, height, channels: 3, background: "#8a94a0" } })
    .composite(cells)
    .png({ palette: true })
    .toFile(path);
};

interface Case {
  readonly title: string;
  /** Folder with trainA, trainB, testA and testB. */
  readonly data: string;
  /** Path of the sheet, if one is written; people's photographs get none. */
  readonly sheet?: string;
}

const trained = (folder: string, { data }: Case, steps: string): string => {
  const run = join(folder, "run");
  const sets = settings.flatMap((setting) => ["--set", setting]);
  const spec = join(root, "specs/cyclegan-lsgan.gan");
  const plain = ["--no-report", "--sample-every", "never"];
  ganc("run", spec, "--data", data, "--out", run, "--steps", steps, ...sets, ...plain);
  return run;
};

/** Translates with G, and returns the results and the number of warnings. */
const translated = (run: string, inputs: string, out: string) => {
  const said = ganc("translate", run, inputs, "--net", "G", "--size", "domain", "--out", out);
  const named = said.split("\n").filter((line) => line.includes("unlike the training images"));
  const more = /So (?:is|are) (\d+) more/.exec(said)?.[1] ?? "0";
  return { made: files(out), unlike: named.length + Number(more) };
};

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      steps: { type: "string", default: "1000" },
      colour: { type: "string" },
      shape: { type: "string" },
      sheets: { type: "string" },
    },
  });
  const work = mkdtempSync(join(tmpdir(), "ganc-limits-"));
  try {
    const drawing = async (kind: Drawing) => {
      const data = join(work, kind);
      await writeEmoji(data, kind);
      return data;
    };
    const cases: Case[] = [
      { title: "emoji, blue to red", data: await drawing("colour"), sheet: "limits-colour.png" },
      { title: "emoji, squares to faces", data: await drawing("shape"), sheet: "limits-shape.png" },
      ...(values.colour === undefined
        ? []
        : [{ title: "photographs, colour", data: resolve(values.colour) }]),
      ...(values.shape === undefined
        ? []
        : [{ title: "photographs, shape", data: resolve(values.shape) }]),
    ];
    const rows: string[][] = [["", "colour left", "layout left", "edges kept", "named as unlike"]];
    if (values.sheets !== undefined) mkdirSync(values.sheets, { recursive: true });
    for (const [k, one] of cases.entries()) {
      const folder = join(work, `case-${k}`);
      const run = trained(folder, one, values.steps);
      const inputs = join(one.data, "testA");
      const { made, unlike } = translated(run, inputs, join(folder, "made"));
      const [from, to, targets] = [files(inputs), made, files(join(one.data, "testB"))];
      const {
        colour,
        layout: left,
        kept,
      } = limitsOf(await load(from), await load(to), await load(targets));
      const share = `${unlike} of ${from.length}`;
      rows.push([one.title, percent(colour), percent(left), kept.toFixed(2), share]);
      if (values.sheets !== undefined && one.sheet !== undefined)
        await writeSheet(join(values.sheets, one.sheet), from, to);
      if (k !== 0) continue;
      // The same network on pictures unlike any it has seen: the same emoji on black.
      const strange = join(work, "colour", "strange");
      const odd = translated(run, strange, join(folder, "odd"));
      const seen = files(strange);
      rows.push(["  the same on black", "", "", "", `${odd.unlike} of ${seen.length}`]);
      if (values.sheets !== undefined)
        await writeSheet(join(values.sheets, "limits-unlike.png"), seen, odd.made);
    }
    process.stdout.write(`${table(rows)}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

await reported(main);
