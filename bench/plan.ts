/**
 * Checks `ganc plan`: compares its estimate of a step's memory with the memory of a process that
 * makes steps.
 *
 * node dist/bench/plan.js [--sizes 32,64,128,256] [--steps n] [--checkpoint] [--spec file.gan --set
 * name=value… --batch n]
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packageRoot } from "../src/cli/specs/spec-files.js";
import { memoryParts } from "../src/contracts/memory.js";
import { planMemory } from "../src/engines/memory-plan.js";
import { megabytes } from "./memory.js";
import type { Found } from "./plan-child.js";
import { modelOf, type Subject, subjects } from "./plan-subjects.js";
import { reported } from "./reported.js";
import { table, verdict } from "./table.js";

/** Greatest error, as a share of the measured memory. */
const GOAL = 0.15;

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: Object.keys(subjects).join() },
    steps: { type: "string", default: "6" },
    spec: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    batch: { type: "string" },
    checkpoint: { type: "boolean", default: false },
  },
});

const given = (): readonly (readonly [string, Subject])[] => {
  const batch = values.batch === undefined ? undefined : Number(values.batch);
  const settings = Object.fromEntries(values.set.map((text) => text.split("=")));
  if (values.spec !== undefined) return [[values.spec, { spec: values.spec, settings, batch }]];
  return values.sizes.split(",").map((name) => {
    const subject = subjects[name];
    if (subject === undefined) throw new Error(`--sizes are of ${Object.keys(subjects).join()}`);
    return [name, { ...subject, settings: { ...subject.settings, ...settings }, batch }];
  });
};

/** Lists each subject as it is and, if requested, with recomputed activations. */
const chosen = (): readonly (readonly [string, Subject])[] =>
  given().flatMap(([name, subject]) => [
    [name, subject] as const,
    ...(values.checkpoint
      ? [[`${name}, checkpoints`, { ...subject, checkpoint: true }] as const]
      : []),
  ]);

const measured = (subject: Subject): Found => {
  const script = fileURLToPath(new URL("./plan-child.js", import.meta.url));
  const asked = JSON.stringify({ ...subject, steps: Number(values.steps) });
  const ran = spawnSync(process.execPath, [script, asked], { cwd: packageRoot, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`a process ended with ${ran.status}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as Found;
};

const main = (): boolean => {
  const rows = chosen().map(([name, subject]) => {
    const plan = planMemory(modelOf(subject));
    return { name, plan, ...measured(subject) };
  });
  const ratios = rows.map(({ plan, peak }) => plan.peak / peak);
  const head = ["size", "planned", "measured", "ratio", "processor time"];
  const body = rows.map(({ name, plan, peak, seconds }, i) => [
    name,
    megabytes(plan.peak),
    megabytes(peak),
    (ratios[i] ?? 0).toFixed(2),
    `${seconds.toPrecision(2)} s`,
  ]);
  const parts = Object.keys(memoryParts).map((part) => [
    part,
    ...rows.map(({ plan }) => megabytes(plan.parts[part as keyof typeof memoryParts])),
  ]);
  const isMet = ratios.every((ratio) => Math.abs(ratio - 1) <= GOAL);
  const goal = `the plan is within ${100 * GOAL} % of what is measured`;
  const lines = [
    table([head, ...body]),
    table([["part", ...rows.map(({ name }) => name)], ...parts]),
  ];
  process.stdout.write(`${lines.join("\n\n")}\n\n${verdict(isMet, goal)}\n`);
  return isMet;
};

await reported(main);
