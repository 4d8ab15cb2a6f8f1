/** Reports the measurements of bench/step.ts as tables, and whether its goals are met. */
import { megabytes } from "./memory.js";
import { disagreement, SPEC } from "./sides.js";
import { median, quantile } from "./statistics.js";
import type { Held, Timed } from "./step-child.js";
import { type Name, type Settings, sides } from "./step-sides.js";
import { table, verdict } from "./table.js";

/** Turns before the timed ones. */
export const WARM_UP = 3;
const FASTER = 1.25;
const AGREEMENT = 1e-4;
/** For sides that compute networks in bfloat16, whose numbers have 8 bits. */
const LOW_AGREEMENT = 2e-2;
const low: ReadonlySet<Name> = new Set(["written-bf16", "written-both"]);
/** Most time and memory of generated code, relative to the step written by hand. */
const AS_BY_HAND = 1.03;

export type Steps = ReadonlyMap<Name, readonly Timed[]>;

/** Greatest time of the one graph, relative to that of `against`. */
export interface Aim {
  readonly against: Name;
  readonly time: number;
}

export interface Measured {
  readonly settings: Settings;
  readonly turns: number;
  readonly engines: ReadonlyMap<Name, string>;
  readonly steps: Steps;
  /** Steps of the sides whose tensors tfjs counts, including those after the turns. */
  readonly counted: Steps;
  readonly memoryAt: readonly [number, number];
  /** Missing for sizes without a goal. */
  readonly aim?: Aim;
}

/** Returns the times of the timed turns. */
const milliseconds = (steps: Steps, name: Name): readonly number[] =>
  (steps.get(name) ?? []).slice(WARM_UP).map((step) => step.milliseconds);

/** Returns the peak at the end of the turns. */
const peak = (steps: Steps, name: Name): number => steps.get(name)?.at(-1)?.peak ?? Number.NaN;

/** Returns how many times as fast as `base` a side is, by the medians. */
const speed = (steps: Steps, name: Name, base: Name): number =>
  median(milliseconds(steps, base)) / median(milliseconds(steps, name));

const comparison = (steps: Steps): string => {
  const [first = "tfjs"] = steps.keys();
  const base: Name = steps.has("eager") ? "eager" : first;
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

/**
 * Compares the one graph with PyTorch. These goals depend on the machine, and missing them fails
 * nothing.
 */
const onnxGoals = ({ steps, aim }: Measured): readonly Goal[] => {
  const goals: Goal[] = [];
  if (!steps.has("onnx")) return goals;
  const { title } = sides.onnx;
  if (aim !== undefined && steps.has(aim.against)) {
    const time = 1 / speed(steps, "onnx", aim.against);
    const other = sides[aim.against].title;
    const text = `${title}: ${time.toFixed(2)} of the time of ${other}; the goal is ${aim.time}`;
    goals.push([time <= aim.time, text]);
  }
  if (steps.has("eager")) {
    const ratio = peak(steps, "onnx") / peak(steps, "eager");
    const text = `${title}: ${ratio.toFixed(2)} of the memory of ${sides.eager.title}; the goal is 1`;
    goals.push([ratio <= 1, text]);
  }
  return goals;
};

/**
 * Compares the PyTorch that ganc writes with the step written by hand. Missed goals fail nothing:
 * single runs scatter by more.
 */
const writtenGoals = (steps: Steps): readonly Goal[] =>
  (
    [
      ["written", "eager"],
      ["written-compile", "compile"],
    ] as const
  ).flatMap(([own, other]): readonly Goal[] => {
    if (!steps.has(own) || !steps.has(other)) return [];
    const time = 1 / speed(steps, own, other);
    const memory = peak(steps, own) / peak(steps, other);
    const against = `${sides[own].title}, of ${sides[other].title}`;
    return [
      [time <= AS_BY_HAND, `${against}: ${time.toFixed(2)} of the time; the goal is ${AS_BY_HAND}`],
      [memory <= 1, `${against}: ${memory.toFixed(2)} of the memory; the goal is 1`],
    ];
  });

/** Compares generated code with plain tfjs. */
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
    const most = low.has(other) || low.has(name) ? LOW_AGREEMENT : AGREEMENT;
    return [
      worst.relative <= most,
      `losses of the first step agree to ${most}, ${sides[name].title} and ${sides[other].title}: ${found}`,
    ];
  });
};

interface Count {
  readonly name: Name;
  readonly early: Held;
  readonly late: Held;
}

/** Returns tf.memory() of each tfjs side at the two steps. */
const counts = ({ counted, memoryAt }: Measured): readonly Count[] =>
  [...counted].flatMap(([name, steps]) => {
    const [early, late] = memoryAt.map((number) => steps[number - 1]?.held);
    return early === undefined || late === undefined ? [] : [{ name, early, late }];
  });

const countTable = (found: readonly Count[], memoryAt: Measured["memoryAt"]): string => {
  const rows = found.flatMap(({ name, early, late }) =>
    [early, late].map(({ tensors, bytes }, i) => [
      `${sides[name].title}, after step ${memoryAt[i]}`,
      String(tensors),
      String(bytes),
    ]),
  );
  return rows.length === 0 ? "" : `${table([["tf.memory()", "tensors", "bytes"], ...rows])}\n\n`;
};

const countGoals = (found: readonly Count[], memoryAt: Measured["memoryAt"]): readonly Goal[] =>
  found.map(({ name, early, late }) => [
    early.tensors === late.tensors && early.bytes === late.bytes,
    `${sides[name].title}: tensors and bytes equal after steps ${memoryAt.join(" and ")}`,
  ]);

/** Writes the text, and tells whether the goals that decide the exit code are met. */
export const report = (
  measured: Measured,
): { readonly text: string; readonly goalsMet: boolean } => {
  const { settings, steps, engines, turns, memoryAt } = measured;
  const found = counts(measured);
  const goals = [...tfjsGoals(steps), ...countGoals(found, memoryAt), ...agreementGoals(steps)];
  const params = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const text = [
    `${SPEC}, ${params.join(" ")}`,
    `${[...new Set(engines.values())].join(", ")}; ${turns} steps of each side in turn, ${WARM_UP} before them left out`,
    "",
    comparison(steps),
    "",
    `${countTable(found, memoryAt)}${[...onnxGoals(measured), ...writtenGoals(steps), ...goals].map(([met, goal]) => verdict(met, goal)).join("\n")}`,
  ].join("\n");
  return { text, goalsMet: goals.every(([met]) => met) };
};
