/**
 * One training step of CycleGAN on libtensorflow through generated code, beside the same step in plain tfjs. Both run
 * in processes of their own and take turns, so that what else the machine does meets both alike.
 *
 * node dist/bench/step.js [--short] [--pairs n] [--set name=value]…
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packageRoot } from "../src/cli/spec-files.js";
import { disagreement, SPEC } from "./sides.js";
import { median, quantile } from "./statistics.js";
import type { Ready, Reply, Request, Stepped } from "./step-child.js";
import { table, verdict } from "./table.js";

const SIZES = { size: "128", ngf: "32", ndf: "32", blocks: "6" };
const WARM_UP = 3;
const FASTER = 1.25;
const AGREEMENT = 1e-4;

class Child {
  private readonly process: ChildProcess;

  constructor() {
    const script = fileURLToPath(new URL("./step-child.js", import.meta.url));
    this.process = fork(script, { cwd: packageRoot });
  }

  /** @throws Error when the child fails or ends instead of answering */
  ask<R extends Reply>(request: Request): Promise<R> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`a side ended with ${code}`));
      this.process.once("exit", ended);
      this.process.once("message", (reply: Reply) => {
        this.process.off("exit", ended);
        if (reply.kind === "failed") reject(new Error(reply.reason));
        else resolve(reply as R);
      });
      this.process.send(request);
    });
  }

  end(): void {
    this.process.removeAllListeners();
    this.process.kill();
  }
}

interface Options {
  readonly settings: Readonly<Record<string, string>>;
  readonly pairs: number;
  /** The two steps after which tf.memory() is compared. */
  readonly memoryAt: readonly [number, number];
}

const options = (): Options => {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      pairs: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
    },
  });
  const sets = values.set.map((text): [string, string] => {
    const [name = "", value = ""] = text.split("=");
    return [name, value];
  });
  const pairs = Number(values.pairs ?? (values.short ? 7 : 20));
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error("--pairs is a number of at least 1");
  return {
    settings: { ...SIZES, ...Object.fromEntries(sets) },
    pairs,
    memoryAt: values.short ? [5, 10] : [10, 200],
  };
};

interface Pair {
  readonly ganc: Stepped;
  readonly plain: Stepped;
}

/** Steps of both sides in turn; who begins changes from pair to pair. */
const takeTurns = async (ganc: Child, plain: Child, count: number): Promise<readonly Pair[]> => {
  const pairs: Pair[] = [];
  for (let number = 0; number < count; number++) {
    const request = { kind: "step", number } as const;
    if (number % 2 === 0) {
      const first = await ganc.ask<Stepped>(request);
      pairs.push({ ganc: first, plain: await plain.ask<Stepped>(request) });
    } else {
      const first = await plain.ask<Stepped>(request);
      pairs.push({ ganc: await ganc.ask<Stepped>(request), plain: first });
    }
  }
  return pairs;
};

const continueTo = async (child: Child, from: number, to: number): Promise<readonly Stepped[]> => {
  const steps: Stepped[] = [];
  for (let number = from; number < to; number++) {
    steps.push(await child.ask<Stepped>({ kind: "step", number }));
  }
  return steps;
};

interface Measured {
  readonly engine: string;
  readonly pairs: readonly Pair[];
  /** All of generated code's steps, those of the pairs among them. */
  readonly steps: readonly Stepped[];
}

const measure = async ({ settings, pairs, memoryAt }: Options): Promise<Measured> => {
  const [ganc, plain] = [new Child(), new Child()];
  try {
    const { engine, subject } = await ganc.ask<Ready>({ kind: "ganc", settings });
    await plain.ask<Ready>({ kind: "plain", subject });
    const taken = await takeTurns(ganc, plain, WARM_UP + pairs);
    const more = await continueTo(ganc, taken.length, memoryAt[1]);
    return { engine, pairs: taken, steps: [...taken.map((pair) => pair.ganc), ...more] };
  } finally {
    ganc.end();
    plain.end();
  }
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

const comparison = (pairs: readonly Pair[]): { readonly text: string; readonly ratio: number } => {
  const timed = pairs.slice(WARM_UP);
  const of = (side: keyof Pair): readonly number[] => timed.map((pair) => pair[side].milliseconds);
  const peak = (side: keyof Pair): number => pairs.at(-1)?.[side].peak ?? 0;
  const row = (name: string, side: keyof Pair): string[] => [
    name,
    `${median(of(side)).toFixed(0)} ms`,
    `${quantile(of(side), 0.1).toFixed(0)} ms`,
    `${quantile(of(side), 0.9).toFixed(0)} ms`,
    (median(of("plain")) / median(of(side))).toFixed(2),
    megabytes(peak(side)),
    (peak(side) / peak("plain")).toFixed(2),
  ];
  const head = ["", "median", "p10", "p90", "speed", "peak memory", "ratio"];
  const text = table([head, row("plain tfjs", "plain"), row("generated code", "ganc")]);
  return { text, ratio: median(of("plain")) / median(of("ganc")) };
};

const report = ({ settings, memoryAt }: Options, { engine, pairs, steps }: Measured): boolean => {
  const { text, ratio } = comparison(pairs);
  const ratios = pairs
    .slice(WARM_UP)
    .map(({ ganc, plain }) => plain.milliseconds / ganc.milliseconds);
  const [first, last] = [pairs[0], pairs.at(-1)] as [Pair, Pair];
  const { name, relative } = disagreement(first.ganc.losses, first.plain.losses);
  const [early, late] = memoryAt.map((number) => steps[number - 1]) as [Stepped, Stepped];
  const held = table([
    ["tf.memory(), generated code", "tensors", "bytes"],
    ...memoryAt.map((number, i) => {
      const { tensors, bytes } = i === 0 ? early : late;
      return [`after step ${number}`, String(tensors), String(bytes)];
    }),
  ]);
  const goals: readonly [boolean, string][] = [
    [ratio >= FASTER, `${ratio.toFixed(2)} times as fast as plain tfjs; the goal is ${FASTER}`],
    [last.ganc.peak < last.plain.peak, "less memory than plain tfjs"],
    [
      early.tensors === late.tensors && early.bytes === late.bytes,
      `tensors and bytes equal after steps ${memoryAt.join(" and ")}`,
    ],
    [
      relative <= AGREEMENT,
      `losses of the first step agree to ${AGREEMENT}: ${relative.toExponential(1)} (${name})`,
    ],
  ];
  const sizes = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const lines = [
    `${SPEC}, ${sizes.join(" ")}`,
    `${engine}, ${ratios.length} steps of each side in turn, ${WARM_UP} before them left out`,
    "",
    text,
    "",
    `Pair by pair: ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    "",
    held,
    "",
    ...goals.map(([met, goal]) => verdict(met, goal)),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return goals.every(([met]) => met);
};

const chosen = options();
process.exitCode = report(chosen, await measure(chosen)) ? 0 : 1;
