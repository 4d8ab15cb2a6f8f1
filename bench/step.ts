/**
 * One training step of CycleGAN on libtensorflow through generated code, beside the same step in plain tfjs and in
 * PyTorch. All run in processes of their own and take turns, so that what else the machine does meets all alike.
 *
 * node scripts/torch.js node dist/bench/step.js [--short] [--turns n] [--sides tfjs,plain,…] [--set name=value]…
 */
import { parseArgs } from "node:util";
import { diskSources } from "../src/cli/spec-files.js";
import { noSettings } from "../src/compiler/frontend.js";
import { compile } from "../src/compiler/index.js";
import { openNode, openTorch, type Running } from "./running.js";
import { disagreement, SPEC, type Subject, subjectOf } from "./sides.js";
import { median, quantile } from "./statistics.js";
import type { Stepped, Timed } from "./step-child.js";
import { table, verdict } from "./table.js";

const SIZES = { size: "128", ngf: "32", ndf: "32", blocks: "6" };
const WARM_UP = 3;
const FASTER = 1.25;
const AGREEMENT = 1e-4;

type Settings = Readonly<Record<string, string>>;

/** In the order of the table. */
const sides = {
  tfjs: {
    title: "generated code, tfjs",
    open: (settings: Settings): Promise<Running> => openNode({ kind: "ganc", settings }),
  },
  plain: {
    title: "plain tfjs",
    open: (_: Settings, subject: Subject): Promise<Running> => openNode({ kind: "plain", subject }),
  },
  eager: {
    title: "PyTorch eager",
    open: (_: Settings, subject: Subject): Promise<Running> => openTorch(subject, false),
  },
  compile: {
    title: "torch.compile",
    open: (_: Settings, subject: Subject): Promise<Running> => openTorch(subject, true),
  },
};

type Name = keyof typeof sides;

const names = Object.keys(sides) as readonly Name[];

interface Options {
  readonly settings: Settings;
  readonly sides: readonly Name[];
  readonly turns: number;
  /** The two steps after which tf.memory() is compared. */
  readonly memoryAt: readonly [number, number];
}

const options = (): Options => {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      turns: { type: "string" },
      sides: { type: "string", default: names.join() },
      set: { type: "string", multiple: true, default: [] },
    },
  });
  const sets = values.set.map((text): [string, string] => {
    const [name = "", value = ""] = text.split("=");
    return [name, value];
  });
  const turns = Number(values.turns ?? (values.short ? 7 : 20));
  if (!Number.isInteger(turns) || turns < 1) throw new Error("--turns is a number of at least 1");
  const chosen = values.sides.split(",");
  const unknown = chosen.find((name) => !(name in sides));
  if (unknown !== undefined) throw new Error(`--sides are of ${names.join()}, not ${unknown}`);
  return {
    settings: { ...SIZES, ...Object.fromEntries(sets) },
    sides: names.filter((name) => chosen.includes(name)),
    turns,
    memoryAt: values.short ? [5, 10] : [10, 200],
  };
};

type Steps = ReadonlyMap<Name, readonly Timed[]>;

/** Steps of all sides in turn; who begins changes from turn to turn. */
const takeTurns = async (running: ReadonlyMap<Name, Running>, count: number): Promise<Steps> => {
  const steps = new Map([...running.keys()].map((name): [Name, Timed[]] => [name, []]));
  const order = [...running];
  for (let number = 0; number < count; number++) {
    for (const [name, side] of order) steps.get(name)?.push(await side.step(number));
    order.push(...order.splice(0, 1));
  }
  return steps;
};

interface Measured {
  readonly engines: ReadonlyMap<Name, string>;
  readonly steps: Steps;
  /** Steps of generated code on tfjs behind those of the turns, for tf.memory(). */
  readonly more: readonly Timed[];
}

const compiledSubject = async (settings: Settings): Promise<Subject> => {
  const given = new Map([...noSettings, ...Object.entries(settings)]);
  const { output } = await compile(SPEC, diskSources, given);
  if (output === undefined) throw new Error(`${SPEC} has errors`);
  return subjectOf(output.model);
};

const measure = async ({
  settings,
  sides: chosen,
  turns,
  memoryAt,
}: Options): Promise<Measured> => {
  const subject = await compiledSubject(settings);
  const running = new Map<Name, Running>();
  try {
    for (const name of chosen) running.set(name, await sides[name].open(settings, subject));
    const count = WARM_UP + turns;
    const steps = await takeTurns(running, count);
    const more: Timed[] = [];
    const generated = running.get("tfjs");
    for (let number = count; generated !== undefined && number < memoryAt[1]; number++)
      more.push(await generated.step(number));
    const engines = new Map([...running].map(([name, { engine }]) => [name, engine] as const));
    return { engines, steps, more };
  } finally {
    for (const side of running.values()) side.end();
  }
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

/** Of the turns that are timed. */
const milliseconds = (steps: Steps, name: Name): readonly number[] =>
  (steps.get(name) ?? []).slice(WARM_UP).map((step) => step.milliseconds);

/** At the end of the turns. */
const peak = (steps: Steps, name: Name): number => steps.get(name)?.at(-1)?.peak ?? Number.NaN;

/** How many times as fast as `base` a side is, by the medians. */
const speed = (steps: Steps, name: Name, base: Name): number =>
  median(milliseconds(steps, base)) / median(milliseconds(steps, name));

const comparison = (steps: Steps): string => {
  const [first] = steps.keys() as IterableIterator<Name>;
  const base: Name = steps.has("eager") ? "eager" : (first ?? "tfjs");
  const rows = [...steps.keys()].map((name) => {
    const times = milliseconds(steps, name);
    return [
      sides[name].title,
      `${median(times).toFixed(0)} ms`,
      `${quantile(times, 0.1).toFixed(0)} ms`,
      `${quantile(times, 0.9).toFixed(0)} ms`,
      speed(steps, name, base).toFixed(2),
      megabytes(peak(steps, name)),
      (peak(steps, name) / peak(steps, base)).toFixed(2),
    ];
  });
  const against = `against ${sides[base].title}: speed`;
  return table([["", "median", "p10", "p90", against, "peak memory", "ratio"], ...rows]);
};

type Goal = readonly [met: boolean, goal: string];

/** Generated code beside plain tfjs. */
const tfjsGoals = (steps: Steps): readonly Goal[] => {
  if (!steps.has("tfjs") || !steps.has("plain")) return [];
  const ratio = speed(steps, "tfjs", "plain");
  return [
    [ratio >= FASTER, `${ratio.toFixed(2)} times as fast as plain tfjs; the goal is ${FASTER}`],
    [peak(steps, "tfjs") < peak(steps, "plain"), "less memory than plain tfjs"],
  ];
};

const agreementGoals = (steps: Steps): readonly Goal[] => {
  const [[name, own] = [undefined, undefined], ...others] = steps;
  if (name === undefined || own === undefined) return [];
  return others.map(([other, theirs]): Goal => {
    const worst = disagreement(own[0]?.losses ?? {}, theirs[0]?.losses ?? {});
    const found = `${worst.relative.toExponential(1)} (${worst.name})`;
    return [
      worst.relative <= AGREEMENT,
      `losses of the first step agree to ${AGREEMENT}, ${sides[name].title} and ${sides[other].title}: ${found}`,
    ];
  });
};

const isStepped = (step: Timed): step is Stepped => "tensors" in step;

/** tf.memory() of generated code at two steps, and the goal that it stays. */
const memory = (
  { memoryAt }: Options,
  { steps, more }: Measured,
): { readonly text: string; readonly goals: readonly Goal[] } => {
  const all = [...(steps.get("tfjs") ?? []), ...more].filter(isStepped);
  const [early, late] = memoryAt.map((number) => all[number - 1]);
  if (early === undefined || late === undefined) return { text: "", goals: [] };
  const row = (number: number, { tensors, bytes }: Stepped) => [
    `after step ${number}`,
    String(tensors),
    String(bytes),
  ];
  const head = ["tf.memory(), generated code", "tensors", "bytes"];
  return {
    text: `${table([head, row(memoryAt[0], early), row(memoryAt[1], late)])}\n\n`,
    goals: [
      [
        early.tensors === late.tensors && early.bytes === late.bytes,
        `tensors and bytes equal after steps ${memoryAt.join(" and ")}`,
      ],
    ],
  };
};

const report = (chosen: Options, measured: Measured): boolean => {
  const { steps, engines } = measured;
  const held = memory(chosen, measured);
  const goals = [...tfjsGoals(steps), ...held.goals, ...agreementGoals(steps)];
  const sizes = Object.entries(chosen.settings).map(([key, value]) => `${key}=${value}`);
  const text = [
    `${SPEC}, ${sizes.join(" ")}`,
    `${[...new Set(engines.values())].join(", ")}; ${chosen.turns} steps of each side in turn, ${WARM_UP} before them left out`,
    "",
    comparison(steps),
    "",
    `${held.text}${goals.map(([met, goal]) => verdict(met, goal)).join("\n")}`,
  ].join("\n");
  process.stdout.write(`${text}\n`);
  return goals.every(([met]) => met);
};

const chosen = options();
process.exitCode = report(chosen, await measure(chosen)) ? 0 : 1;
