/**
 * Compares one training step of CycleGAN on ganc's engines with plain tfjs and PyTorch. Each side
 * runs in its own process, and they take turns, so that other load on the machine affects all
 * alike.
 *
 * node scripts/torch.js node dist/bench/step.js [--sizes 128,256] [--sides onnx,tfjs,…] [--turns n]
 * [--short] [--set name=value]…
 */
import { parseArgs } from "node:util";
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import { reported, wordsOf } from "./reported.js";
import type { Running } from "./running.js";
import { SPEC, type Subject, subjectOf } from "./sides.js";
import type { Timed } from "./step-child.js";
import { type Aim, type Measured, report, type Steps, WARM_UP } from "./step-report.js";
import { type Name, names, type Settings, sides } from "./step-sides.js";

interface Size {
  readonly settings: Settings;
  readonly aim: Aim;
  /** The two steps after which tf.memory() is compared. */
  readonly memoryAt: readonly [number, number];
}

const sizes: Readonly<Record<string, Size>> = {
  "128": {
    settings: { size: "128", ngf: "32", ndf: "32", blocks: "6" },
    aim: { against: "compile", time: 0.75 },
    memoryAt: [10, 200],
  },
  // The paper's size, where two hundred steps would take too long.
  "256": {
    settings: { size: "256", ngf: "64", ndf: "64", blocks: "9" },
    aim: { against: "eager", time: 0.65 },
    memoryAt: [5, 10],
  },
};

interface Options {
  readonly sizes: readonly Size[];
  readonly sides: readonly Name[];
  readonly turns: number;
  readonly short: boolean;
  /** Params that differ from their size's. */
  readonly changed: Settings;
}

const list = (option: string, text: string, known: readonly string[]): readonly string[] => {
  const given = text.split(",");
  const unknown = given.find((each) => !known.includes(each));
  if (unknown !== undefined)
    throw new Error(`--${option} are of ${known.join()}, not ${unknown || "nothing"}`);
  return known.filter((each) => given.includes(each));
};

const options = (): Options => {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      sizes: { type: "string", default: "128" },
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
  return {
    sizes: list("sizes", values.sizes, Object.keys(sizes)).map((name) => sizes[name] as Size),
    sides: list("sides", values.sides, names) as readonly Name[],
    turns,
    short: values.short,
    changed: Object.fromEntries(sets),
  };
};

/** Makes the steps of all sides in turn. The side that begins changes from turn to turn. */
const takeTurns = async (running: ReadonlyMap<Name, Running>, count: number): Promise<Steps> => {
  const steps = new Map([...running.keys()].map((name): [Name, Timed[]] => [name, []]));
  const order = [...running];
  for (let number = 0; number < count; number++) {
    for (const [name, side] of order) steps.get(name)?.push(await side.step(number));
    order.push(...order.splice(0, 1));
  }
  return steps;
};

/**
 * Returns all steps of the sides whose tensors tfjs counts: those of the turns, and more up to the
 * last measurement.
 */
const untilMemory = async (
  running: ReadonlyMap<Name, Running>,
  steps: Steps,
  last: number,
): Promise<Steps> => {
  const counted = new Map<Name, readonly Timed[]>();
  for (const name of ["tfjs", "explicit"] as const) {
    const side = running.get(name);
    if (side === undefined) continue;
    const all = [...(steps.get(name) ?? [])];
    while (all.length < last) all.push(await side.step(all.length));
    counted.set(name, all);
  }
  return counted;
};

const compiledSubject = (settings: Settings): Subject => {
  const given = new Map([...noSettings, ...Object.entries(settings)]);
  const { result } = analyse(SPEC, diskSources, given);
  if (result === undefined) throw new Error(`${SPEC} has errors`);
  return subjectOf(result.model);
};

/**
 * Opens a side.
 * @throws Error that says which side cannot run, why, and how to leave it out
 */
const opened = async (name: Name, settings: Settings, subject: Subject): Promise<Running> => {
  try {
    return await sides[name].open(settings, subject);
  } catch (error) {
    const reason = wordsOf(error);
    const others = names.filter((each) => each !== name).join();
    throw new Error(`the side ${name} cannot run: ${reason}\n  Without it: --sides ${others}`);
  }
};

const measure = async (
  { settings, memoryAt, aim }: Size,
  { sides: chosen, turns, short, changed }: Options,
): Promise<Measured> => {
  const all = { ...settings, ...changed };
  const subject = compiledSubject(all);
  const running = new Map<Name, Running>();
  try {
    for (const name of chosen) running.set(name, await opened(name, all, subject));
    const steps = await takeTurns(running, WARM_UP + turns);
    const at = short ? ([5, 10] as const) : memoryAt;
    const counted = await untilMemory(running, steps, at[1]);
    const engines = new Map([...running].map(([name, { engine }]) => [name, engine] as const));
    const asked = Object.keys(changed).length === 0 ? { aim } : {};
    return { settings: all, turns, engines, steps, counted, memoryAt: at, ...asked };
  } finally {
    for (const side of running.values()) side.end();
  }
};

const main = async (): Promise<boolean> => {
  const chosen = options();
  const met: boolean[] = [];
  for (const size of chosen.sizes) {
    const { text, goalsMet } = report(await measure(size, chosen));
    process.stdout.write(`${text}\n\n`);
    met.push(goalsMet);
  }
  return met.every(Boolean);
};

await reported(main);
