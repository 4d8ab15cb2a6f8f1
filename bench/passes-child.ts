/**
 * One variant of bench/passes.ts, in a separate process for a separate memory measurement. Prints
 * its result as JSON.
 */
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import { openProgram } from "../src/engines/onnx/runtime.js";
import { nodesOf, sizeOf } from "../src/graph/graph.js";
import { heldStepProgram } from "../src/lowering/programs.js";
import { onnxModel } from "../src/targets/onnx/model-file.js";
import { feedsOf } from "./feeds.js";
import { peakBytes } from "./memory.js";
import { SEED, SPEC } from "./sides.js";

/** The only argument of the process, as JSON. */
export interface Variant {
  readonly settings: Readonly<Record<string, string>>;
  /** Passes to leave out. */
  readonly without: readonly string[];
  /** Number of timed steps. */
  readonly steps: number;
}

export interface Result {
  readonly nodes: number;
  /** Processor time of each step, in seconds. */
  readonly seconds: readonly number[];
  /** Peak resident set, in bytes. */
  readonly peak: number;
}

const WARM_UP = 2;

const main = async ({ settings, without, steps }: Variant): Promise<Result> => {
  const given = new Map([...noSettings, ...Object.entries(settings)]);
  const { result } = analyse(SPEC, diskSources, given);
  if (result === undefined) throw new Error(`${SPEC} has errors`);
  const { graph } = heldStepProgram(result.model, { without });
  // Processor time measures work only if threads do not wait for one another in a loop.
  const program = await openProgram(onnxModel(graph, result.model, { openShapes: true }), {
    threads: 1,
  });
  const feeds = feedsOf(graph, SEED);
  const into = new Map(
    [...graph.outputs].map(([name, { shape }]) => [
      name,
      { shape, data: new Float32Array(sizeOf(shape)) },
    ]),
  );
  const seconds: number[] = [];
  for (let step = 0; step < WARM_UP + steps; step++) {
    const before = process.cpuUsage();
    await program.run(feeds, into);
    const { user, system } = process.cpuUsage(before);
    if (step >= WARM_UP) seconds.push((user + system) / 1e6);
  }
  return { nodes: nodesOf(graph).length, seconds, peak: peakBytes() };
};

const variant = JSON.parse(process.argv[2] ?? "{}") as Variant;
process.stdout.write(JSON.stringify(await main(variant)));
