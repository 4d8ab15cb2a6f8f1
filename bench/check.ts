/**
 * Measures how long `ganc check` computes: lines a second on specs of up to 10,000 lines, whether
 * the time for a line grows with the length, and the wait of an editor, from an edit of CycleGAN to
 * its diagnostics in a warm process.
 *
 * node dist/bench/check.js [--turns n] [--edits n]
 */
import { parseArgs } from "node:util";
import type { Span } from "../src/base/source.js";
import { diskSources, packageRoot } from "../src/cli/specs/spec-files.js";
import { diagnose, noSettings } from "../src/compiler/frontend.js";
import { hasErrors } from "../src/diagnostics/diagnostic.js";
import { format } from "../src/format/format.js";
import { resolve } from "../src/names/resolve.js";
import type { Sources } from "../src/names/source-set.js";
import { loadSources } from "../src/names/sources.js";
import { builtinNames } from "../src/operators/index.js";
import { check } from "../src/types/check.js";
import { longSpec } from "./long-spec.js";
import { reported } from "./reported.js";
import { median, quantile } from "./statistics.js";
import { table, verdict } from "./table.js";

const FLAGSHIP = "specs/cyclegan.gan";
const LONG = "long.gan";
const LINES = [2500, 5000, 10_000] as const;
/** Goal in milliseconds from an edit to its diagnostics. */
const EDIT_LIMIT = 20;
/** Most times that a line may take in a spec of twice the length. */
const GROWTH_LIMIT = 1.4;
const WARM_UP = 30;

const STAGES = ["parse", "resolve", "check", "format"] as const;
type Stage = (typeof STAGES)[number];
type Times = Readonly<Record<Stage, number>>;

/** Returns this process's processor time in milliseconds, which other processes do not affect. */
const timed = (run: () => void): number => {
  const begin = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
};

/**
 * Runs the front end as src/compiler does, each stage by itself, and the formatter, on one text.
 */
const stages = (text: string): Times => {
  const sources: Sources = { libraries: [], read: (name) => (name === LONG ? text : undefined) };
  const start: Span = { file: LONG, start: 0, end: 0 };
  const { sourceSet } = loadSources(LONG, sources);
  const { resolved } = resolve(sourceSet, builtinNames);
  const { checked } = check(resolved, noSettings, start, () => text);
  if (checked === undefined) throw new Error("the long spec has errors");
  return {
    parse: timed(() => loadSources(LONG, sources)),
    resolve: timed(() => resolve(sourceSet, builtinNames)),
    check: timed(() => check(resolved, noSettings, start, () => text)),
    format: timed(() => format({ name: LONG, text })),
  };
};

const least = (runs: readonly Times[], stage: Stage): number =>
  Math.min(...runs.map((run) => run[stage]));

const frontEnd = (times: Times): number => times.parse + times.resolve + times.check;

interface Measured {
  readonly lines: number;
  readonly times: Times;
}

const measured = (lines: number, turns: number): Measured => {
  const text = longSpec(lines);
  const runs = Array.from({ length: turns }, () => stages(text));
  const times = Object.fromEntries(STAGES.map((stage) => [stage, least(runs, stage)]));
  return { lines: text.split("\n").length - 1, times: times as Times };
};

const rowOf = ({ lines, times }: Measured): readonly string[] => [
  lines.toLocaleString("en-US"),
  ...STAGES.map((stage) => `${times[stage].toFixed(0)} ms`),
  Math.round(lines / (frontEnd(times) / 1000)).toLocaleString("en-US"),
];

/** Returns how many times as long a line takes in the longest spec as in one of half its length. */
const growth = (all: readonly Measured[]): number => {
  const [half, whole] = all.slice(-2).map(({ lines, times }) => frontEnd(times) / lines);
  return (whole ?? 0) / (half ?? 1);
};

/** Makes the k-th edit of the flagship: a number that has never been checked. */
const edited = (text: string, k: number): string =>
  text.replace("leaky_relu(0.2) >>", `leaky_relu(0.2${k + 1}) >>`);

const edits = (count: number): readonly number[] => {
  const text = diskSources.read(FLAGSHIP) ?? "";
  const once = (k: number): number => {
    const now = edited(text, k);
    const read = (name: string): string | undefined =>
      name === FLAGSHIP ? now : diskSources.read(name);
    const begin = performance.now();
    const { diagnostics } = diagnose(FLAGSHIP, { ...diskSources, read });
    const taken = performance.now() - begin;
    if (hasErrors(diagnostics)) throw new Error(`${FLAGSHIP} has errors`);
    return taken;
  };
  return Array.from({ length: count + WARM_UP }, (_, k) => once(k)).slice(WARM_UP);
};

const main = (): boolean => {
  const { values } = parseArgs({
    options: {
      turns: { type: "string", default: "3" },
      edits: { type: "string", default: "100" },
    },
  });
  process.chdir(packageRoot);
  measured(LINES[0], 1);
  const all = LINES.map((lines) => measured(lines, Number(values.turns)));
  const waits = edits(Number(values.edits));
  const grown = growth(all);
  const isQuick = median(waits) < EDIT_LIMIT;
  const text = [
    `Specs of many lines, processor time, least of ${values.turns}`,
    "",
    table([["lines", ...STAGES, "lines/s checked"], ...all.map(rowOf)]),
    "",
    `An edit of ${FLAGSHIP} to its diagnostics, warm, ${waits.length} edits`,
    "",
    table([
      ["", "median", "p90", "limit"],
      [
        "edit to diagnostics",
        `${median(waits).toFixed(1)} ms`,
        `${quantile(waits, 0.9).toFixed(1)} ms`,
        `${EDIT_LIMIT} ms`,
      ],
    ]),
    "",
    verdict(isQuick, `an edit in less than ${EDIT_LIMIT} ms`),
    verdict(
      grown < GROWTH_LIMIT,
      `a line in a spec of twice the length at most ${GROWTH_LIMIT} times as long: ${grown.toFixed(2)}`,
    ),
  ];
  process.stdout.write(`${text.join("\n")}\n`);
  return isQuick && grown < GROWTH_LIMIT;
};

await reported(main);
