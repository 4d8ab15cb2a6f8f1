/**
 * Measures what sharing a step gains: CycleGAN on PyTorch in one process of as many threads as
 * there are processes, and in these, of one thread each, in turn. Both are processes of the
 * machine at hand, so the most that can come out is what the threads leave unused.
 *
 * node scripts/torch.js node dist/bench/processes.js [--count n] [--turns n] [--size n] [--batch n]
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import type { Session } from "../src/contracts/session.js";
import { torchSession } from "../src/engines/torch/session.js";
import { PATIENCE } from "../src/engines/torch/world.js";
import { noiseFor } from "../src/engines/trial.js";
import type { Program } from "../src/program/program.js";
import { RATE, SEED, SPEC } from "./sides.js";
import { median, quantile } from "./statistics.js";
import { table } from "./table.js";
import { torchPython } from "./torch/python.js";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2" },
    turns: { type: "string", default: "15" },
    size: { type: "string", default: "64" },
    batch: { type: "string", default: "4" },
  },
});
const [count, turns, batch] = [values.count, values.turns, values.batch].map(Number) as [
  number,
  number,
  number,
];

/** The spec at a size, with a batch that the processes can share. */
const program = (): Program => {
  const settings = new Map([...noSettings, ["size", values.size] as const]);
  const { result } = analyse(SPEC, diskSources, settings);
  if (result === undefined) throw new Error(`${SPEC} has errors at size ${values.size}`);
  const { program: compiled } = result;
  const { model } = compiled;
  return { ...compiled, model: { ...model, recipe: { ...model.recipe, batch } } };
};

const opened = (of: Program, processes: number): Promise<Session> =>
  torchSession(of, {
    engine: "torch",
    seed: SEED,
    python: torchPython(),
    device: "cpu",
    threads: count / processes,
    world: { size: processes, own: processes, first: 0, patience: PATIENCE },
  });

const subject = program();
const sides = [await opened(subject, 1), await opened(subject, count)] as const;
const draws = noiseFor(subject.model);
const times: readonly number[][] = sides.map(() => []);
const load = loadavg()[0] ?? 0;
for (let step = 0; step < turns + 2; step++)
  for (const [i, side] of sides.entries()) {
    const begun = performance.now();
    await side.step({ ...draws, rate: RATE, step });
    // The first steps of each find their memory.
    if (step >= 2) times[i]?.push(performance.now() - begun);
  }
for (const side of sides) side.dispose();

const [one = [], several = []] = times;
const ratios = one.map((time, i) => time / (several[i] ?? Number.NaN));
const rowOf = (name: string, of: readonly number[]): readonly string[] => [
  name,
  `${median(of).toFixed(0)} ms`,
  ((1000 * batch) / median(of)).toFixed(1),
];
console.log(
  `CycleGAN of ${values.size} pixels, batch ${batch}, ${turns} steps of each in turn; load at the beginning ${load.toFixed(1)}`,
);
console.log(
  table([
    ["", "step", "images of each domain a second"],
    rowOf(`one process, ${count} threads`, one),
    rowOf(`${count} processes, one thread each`, several),
  ]),
);
console.log(
  `throughput of ${count} processes against one: ${median(ratios).toFixed(2)} (quartiles ${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)})`,
);
