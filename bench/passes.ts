/**
 * Measures the effect of each pass on the training step of specs/cyclegan-lsgan.gan as one ONNX
 * graph: with all passes, and with each left out; and the accuracy lost to fast convolution.
 *
 * node dist/bench/passes.js [--steps n] [--seeds n] [--passes share,batch,…] [--set name=value]…
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packageRoot } from "../src/cli/specs/spec-files.js";
import { passNames } from "../src/graph/passes/index.js";
import { megabytes } from "./memory.js";
import type { Result, Variant } from "./passes-child.js";
import { reported } from "./reported.js";
import { rounding, SMALL } from "./rounding.js";
import { SPEC } from "./sides.js";
import { median } from "./statistics.js";
import { table } from "./table.js";

const SIZES = { size: "128", ngf: "32", ndf: "32", blocks: "6" };

const measured = (variant: Variant): Result => {
  const script = fileURLToPath(new URL("./passes-child.js", import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, JSON.stringify(variant)],
    { cwd: packageRoot, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`a variant ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Result;
};

const row = (name: string, found: Result, all: Result): readonly string[] => [
  name,
  String(found.nodes),
  `${median(found.seconds).toFixed(2)} s`,
  (median(found.seconds) / median(all.seconds)).toFixed(2),
  megabytes(found.peak),
  (found.peak / all.peak).toFixed(2),
];

const worth = (settings: Variant["settings"], steps: number, passes: readonly string[]): string => {
  const all = measured({ settings, without: [], steps });
  const rows = passes.map((name) =>
    row(`without ${name}`, measured({ settings, without: [name], steps }), all),
  );
  const head = ["", "nodes", "processor time", "ratio", "peak memory", "ratio"];
  return table([head, row("all passes", all, all), ...rows]);
};

const accuracy = async (seeds: number): Promise<string> => {
  const variants = new Map([
    ["all passes", {}],
    ["--exact", { exact: true }],
  ]);
  const numbers = Array.from({ length: seeds }, (_, i) => i + 1);
  const found = await rounding(variants, numbers);
  const rows = [...found].map(([name, relative]) => [
    name,
    String(relative.length),
    median(relative).toExponential(1),
    Math.max(...relative).toExponential(1),
  ]);
  return table([["gradients, relative L2", "tensors", "median", "worst"], ...rows]);
};

const shown = (settings: Variant["settings"]): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      steps: { type: "string", default: "5" },
      seeds: { type: "string", default: "4" },
      passes: { type: "string", default: passNames.join() },
      set: { type: "string", multiple: true, default: [] },
    },
  });
  const passes = values.passes.split(",");
  const unknown = passes.find((name) => !passNames.includes(name));
  if (unknown !== undefined) throw new Error(`--passes are of ${passNames.join()}, not ${unknown}`);
  const sets = values.set.map((text) => text.split("=") as [string, string]);
  const settings = { ...SIZES, ...Object.fromEntries(sets) };
  process.stdout.write(
    `${SPEC}, ${shown(settings)}: a step on one thread, median of ${values.steps}\n\n` +
      `${worth(settings, Number(values.steps), passes)}\n\n`,
  );
  process.stdout.write(
    `${SPEC}, ${shown(SMALL)}: float32 against the float64 evaluator, ${values.seeds} seeds, away from kinks\n\n` +
      `${await accuracy(Number(values.seeds))}\n`,
  );
};

await reported(main);
