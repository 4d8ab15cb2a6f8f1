/**
 * Measures how the time from a spec's text to an open ONNX session grows with the number of layers
 * and of loss terms. It counts processor time of all threads, which a busy machine affects little.
 */
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import { openProgram } from "../src/engines/onnx/runtime.js";
import { heldStepProgram } from "../src/lowering/programs.js";
import type { Sources } from "../src/names/source-set.js";
import { onnxModel } from "../src/targets/onnx/model-file.js";
import { SPEC } from "./sides.js";
import { table, verdict } from "./table.js";

/** Most times that a layer or term may take if there are twice as many; 1 is linear. */
const GROWTH = 1.4;

interface Spec {
  readonly entry: string;
  readonly sources: Sources;
  readonly settings: Readonly<Record<string, string>>;
}

interface Series {
  /** What grows: the heading of the first column. */
  readonly title: string;
  readonly unit: string;
  readonly counts: readonly number[];
  readonly specOf: (count: number) => Spec;
}

const text = (lines: readonly string[]): Spec => {
  const entry = "terms.gan";
  const read = (name: string): string | undefined =>
    name === entry ? lines.join("\n") : diskSources.read(name);
  return { entry, sources: { libraries: diskSources.libraries, read }, settings: {} };
};

/** A small residual network, large enough for fast convolution and batching. */
const network = `let R(k) = residual(
  reflect_pad(1) >> conv(3, k) >> instance_norm >> relu >> reflect_pad(1) >> conv(3, k) >> instance_norm)
net G : X -> Y = conv(3, 16, pad: 1) >> R(16) * 2 >> conv(3, 3, pad: 1) >> tanh`;
const train = "train { optimizer: adam(1e-3) schedule: constant(1) }";
const domain = (name: string): string => `domain ${name} = image(8)`;

const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => i + 1);

const game = (domains: readonly string[], terms: readonly string[]): Spec =>
  text([...domains.map(domain), network, `solve { min[G] ${terms.join("\n  + ")} }`, train]);

const series: readonly Series[] = [
  {
    title: "residual blocks",
    unit: "layer",
    counts: [3, 6, 12, 24, 48],
    specOf: (blocks) => ({
      entry: SPEC,
      sources: diskSources,
      settings: { size: "32", ngf: "8", ndf: "8", blocks: String(blocks) },
    }),
  },
  {
    title: "terms of one application",
    unit: "term",
    counts: [2, 4, 8, 16, 32, 64],
    specOf: (count) =>
      game(
        ["X", "Y"],
        numbers(count).map((i) => `${i} * E[x ~ X] l1(G(x), ${i / count})`),
      ),
  },
  {
    title: "terms, an application each",
    unit: "term",
    counts: [2, 4, 8, 16, 32, 64],
    specOf: (count) => {
      // Y only names the output, so one term draws from it.
      const others = numbers(count - 2).map((i) => `A${i}`);
      return game(
        ["X", "Y", ...others],
        ["X", "Y", ...others].map((name) => `E[a ~ ${name}] l1(G(a as X), a as Y)`),
      );
    },
  },
];

interface Cost {
  readonly count: number;
  /** Number of layers or terms. */
  readonly units: number;
  /** Time to compile the file from its text, in milliseconds. */
  readonly compiled: number;
  /** Time in which ONNX Runtime opens it, in milliseconds. */
  readonly opened: number;
}

const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const once = async ({ unit, specOf }: Series, count: number): Promise<Cost> => {
  const { entry, sources, settings } = specOf(count);
  const begin = processorTime();
  const { result } = analyse(entry, sources, new Map([...noSettings, ...Object.entries(settings)]));
  if (result === undefined) throw new Error(`${entry} has errors`);
  const { model } = result;
  const bytes = onnxModel(heldStepProgram(model).graph, model, { openShapes: true });
  const compiled = processorTime();
  const program = await openProgram(bytes, { threads: 1 });
  const opened = processorTime();
  program.dispose();
  const parameters = model.networks.flatMap((each) => each.parameters);
  const layers = parameters.filter(({ name }) => name.endsWith(".weight")).length;
  return {
    count,
    units: unit === "layer" ? layers : count,
    compiled: compiled - begin,
    opened: opened - compiled,
  };
};

/** Returns the least of several runs, which contains least garbage collection and warming up. */
const least = (costs: readonly Cost[], of: (cost: Cost) => number): number =>
  Math.min(...costs.map(of));

const costsOf = async (each: Series, runs: number): Promise<readonly Cost[]> => {
  const costs: Cost[] = [];
  for (const count of each.counts) {
    const found: Cost[] = [];
    for (let run = 0; run < runs; run++) found.push(await once(each, count));
    const [{ units } = { units: count }] = found;
    const compiled = least(found, (cost) => cost.compiled);
    const opened = least(found, (cost) => cost.opened);
    costs.push({ count, units, compiled, opened });
  }
  return costs;
};

const show = (milliseconds: number): string => `${milliseconds.toFixed(0)} ms`;

const costTable = ({ title, unit }: Series, costs: readonly Cost[]): string => {
  const head = [title, `${unit}s`, "compiled", `each ${unit}`, "opened", `each ${unit}`, "both"];
  const rows = costs.map(({ count, units, compiled, opened }) => [
    String(count),
    String(units),
    show(compiled),
    `${(compiled / units).toFixed(1)} ms`,
    show(opened),
    `${(opened / units).toFixed(1)} ms`,
    show(compiled + opened),
  ]);
  return table([head, ...rows]);
};

/** Returns how the time for each layer or term grows between the two largest sizes. */
const growth = (costs: readonly Cost[], of: (cost: Cost) => number): number => {
  const [half = Number.NaN, whole = Number.NaN] = costs
    .slice(-2)
    .map((cost) => of(cost) / cost.units);
  return whole / half;
};

/**
 * Makes the tables, with the least of `runs` for each size, and tells whether ganc's own work is
 * linear; it has no influence on the rest.
 */
export const scaling = async (
  runs: number,
): Promise<{ readonly lines: readonly string[]; readonly met: boolean }> => {
  const lines: string[] = [];
  let met = true;
  for (const each of series) {
    // The first compilation of a process is slow for other reasons.
    await once(each, each.counts[0] ?? 1);
    const costs = await costsOf(each, runs);
    const [own, runtime] = [
      growth(costs, ({ compiled }) => compiled),
      growth(costs, ({ opened }) => opened),
    ];
    const [half, whole] = each.counts.slice(-2);
    met &&= own <= GROWTH;
    const grown = `from ${half} to ${whole} the time for each ${each.unit} becomes`;
    const said = (factor: number, where: string): string =>
      verdict(
        factor <= GROWTH,
        `${grown} ${factor.toFixed(2)} times as long in ${where}; the goal is ${GROWTH}`,
      );
    lines.push(costTable(each, costs), "", said(own, "ganc"), said(runtime, "ONNX Runtime"), "");
  }
  return { lines, met };
};
