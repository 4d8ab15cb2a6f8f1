/**
 * Measures how long `ganc compile specs/cyclegan.gan` takes: in a warm process, and as a command;
 * and how the time to an open ONNX session grows.
 *
 * node dist/bench/compile.js [--warm n] [--commands n] [--opens n]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Span } from "../src/base/source.js";
import { diskSources, packageRoot } from "../src/cli/specs/spec-files.js";
import { noSettings } from "../src/compiler/frontend.js";
import { compile } from "../src/compiler/index.js";
import { elaborate } from "../src/elaborate/program.js";
import { resolve } from "../src/names/resolve.js";
import { loadSources } from "../src/names/sources.js";
import { builtinNames } from "../src/operators/index.js";
import { emitTfjs } from "../src/targets/tfjs/emit.js";
import { check } from "../src/types/check.js";
import { reported } from "./reported.js";
import { scaling } from "./scale.js";
import { median, quantile } from "./statistics.js";
import { table, verdict } from "./table.js";

const SPEC = "specs/cyclegan.gan";
/** Compilations before the measured ones, for V8 to optimise. */
const WARM_UP = 30;
const WARM_LIMIT = 100;
const COMMAND_LIMIT = 1000;

const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;

const compileOnce = async (): Promise<number> => {
  const begin = performance.now();
  const { output } = await compile(SPEC, diskSources);
  const taken = performance.now() - begin;
  if (output === undefined) throw new Error(`${SPEC} has errors`);
  return taken;
};

const STAGES = ["parse", "resolve", "check", "elaborate", "emit"] as const;
type Stage = (typeof STAGES)[number];

/** Compiles once as src/compiler does, each stage by itself. */
const stagesOnce = (): Readonly<Record<Stage, number>> => {
  const times: Partial<Record<Stage, number>> = {};
  const timed = <T>(stage: Stage, run: () => T): T => {
    const begin = performance.now();
    const result = run();
    times[stage] = performance.now() - begin;
    return result;
  };
  const { sourceSet } = timed("parse", () => loadSources(SPEC, diskSources));
  const { resolved } = timed("resolve", () => resolve(sourceSet, builtinNames));
  const textOf = (file: string): string => sourceSet.files.get(file)?.text ?? "";
  const start: Span = { file: SPEC, start: 0, end: 0 };
  const { checked } = timed("check", () => check(resolved, noSettings, start, textOf));
  if (checked === undefined) throw new Error(`${SPEC} has errors`);
  const program = timed("elaborate", () => elaborate(checked, sourceSet));
  timed("emit", () => emitTfjs(program));
  return times as Record<Stage, number>;
};

const repeat = async <T>(count: number, run: () => T | Promise<T>): Promise<readonly T[]> => {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await run());
  return results;
};

/** Returns the wall-clock time of a process in milliseconds. */
const processOnce = (args: readonly string[]): number => {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: packageRoot });
  const taken = performance.now() - begin;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return taken;
};

/**
 * Times the command as a user waits for it, alternating with Node itself, which is the lower bound.
 */
const processes = async (count: number) => {
  const folder = mkdtempSync(join(tmpdir(), "ganc-bench-"));
  const command = ["bin/ganc.js", "compile", SPEC, "--out", join(folder, "cyclegan.ts")];
  try {
    processOnce(command);
    return await repeat(count, () => ({
      command: processOnce(command),
      node: processOnce(["-e", "0"]),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const row = (name: string, times: readonly number[], limit?: number): string[] => [
  name,
  String(times.length),
  milliseconds(median(times)),
  milliseconds(quantile(times, 0.9)),
  ...(limit === undefined
    ? []
    : [`${limit} ms`, `${((100 * median(times)) / limit).toFixed(0)} %`]),
];

const stageTable = (runs: readonly Readonly<Record<Stage, number>>[]): string => {
  const times = STAGES.map((stage) => median(runs.map((run) => run[stage])));
  const whole = times.reduce((a, b) => a + b, 0);
  const rows = STAGES.map((stage, i) => {
    const time = times[i] ?? 0;
    return [stage, milliseconds(time), `${((100 * time) / whole).toFixed(0)} %`];
  });
  return table([["stage, warm", "median", "share"], ...rows]);
};

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      warm: { type: "string", default: "100" },
      commands: { type: "string", default: "10" },
      opens: { type: "string", default: "2" },
    },
  });
  process.chdir(packageRoot);
  const first = await compileOnce();
  await repeat(WARM_UP, compileOnce);
  const warm = await repeat(Number(values.warm), compileOnce);
  const stages = await repeat(Number(values.warm), stagesOnce);
  const started = await processes(Number(values.commands));
  const whole = started.map(({ command }) => command);
  const lines = [
    `ganc compile ${SPEC}`,
    `Warm: after ${WARM_UP + 1} compilations in the same process; the first took ${milliseconds(first)}.`,
    "",
    table([
      ["", "runs", "median", "p90", "limit", "of limit"],
      row("warm process", warm, WARM_LIMIT),
      row("whole command", whole, COMMAND_LIMIT),
      row(
        "node -e 0",
        started.map(({ node }) => node),
      ),
    ]),
    "",
    stageTable(stages),
    "",
    verdict(median(warm) < WARM_LIMIT, `warm in less than ${WARM_LIMIT} ms`),
    verdict(median(whole) < COMMAND_LIMIT, `the command in less than ${COMMAND_LIMIT} ms`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  const opens = Number(values.opens);
  const scaled = opens > 0 ? await scaling(opens) : { lines: [], met: true };
  if (opens > 0)
    process.stdout.write(
      `\nFrom a text to an open ONNX session, processor time, least of ${opens} runs\n\n${scaled.lines.join("\n")}\n`,
    );
  return scaled.met && median(warm) < WARM_LIMIT && median(whole) < COMMAND_LIMIT;
};

await reported(main);
