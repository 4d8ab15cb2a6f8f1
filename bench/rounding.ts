/**
 * Measures the accuracy that passes cost: gradients in float32 by ONNX Runtime against those of the
 * float64 evaluator. Near a kink of relu or the absolute value float32 may fall on the other side,
 * where the gradient differs; so images are drawn until no input of a kink is near it, as in
 * bench/parity.
 */
import { diskSources } from "../src/cli/specs/spec-files.js";
import { analyse, noSettings } from "../src/compiler/frontend.js";
import { openProgram } from "../src/engines/onnx/runtime.js";
import { evaluate } from "../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../src/graph/graph.js";
import type { PassOptions } from "../src/graph/passes/index.js";
import * as names from "../src/lowering/names.js";
import { stepProgram } from "../src/lowering/programs.js";
import type { Model } from "../src/program/model.js";
import { onnxModel } from "../src/targets/onnx/model-file.js";
import { type Feed, feedsOf } from "./feeds.js";
import { SPEC } from "./sides.js";

/** As in bench/parity: enough channels for fast convolution, small enough for plain loops. */
export const SMALL = { size: "32", ngf: "8", ndf: "8", blocks: "2" };
/** Least distance from a kink, relative to the root mean square of the tensor. */
const AWAY = 1e-5;
const MOST_DRAWS = 200;

type Feeds = ReadonlyMap<string, Feed>;
type Values = ReadonlyMap<string, ArrayLike<number>>;

const length = (data: ArrayLike<number>, minus?: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < data.length; i++)
    sum += ((data[i] as number) - ((minus?.[i] ?? 0) as number)) ** 2;
  return Math.sqrt(sum);
};

const evaluated = (graph: Graph, feeds: Feeds): Values => {
  const wide = new Map(
    [...feeds].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  return new Map([...evaluate(graph, wide)].map(([name, { data }]) => [name, data]));
};

/** Returns the graph that computes the inputs of all kinks. */
const kinksOf = (graph: Graph): Graph => {
  const kinks = new Set<Node>();
  for (const { operator, inputs } of nodesOf(graph))
    if (operator === "leaky_relu" || operator === "abs") kinks.add(inputs[0] as Node);
  const outputs = new Map([...kinks].map((node, i) => [`kink/${i}`, node]));
  return { ...graph, outputs };
};

const isAway = (data: ArrayLike<number>): boolean => {
  const least = (AWAY * length(data)) / Math.sqrt(data.length);
  return Array.prototype.every.call(data, (value: number) => Math.abs(value) >= least);
};

/**
 * Draws feeds whose values are away from all kinks.
 * @throws Error if none of the draws is
 */
const feedsAway = (graph: Graph, seed: number): Feeds => {
  const kinks = kinksOf(graph);
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const feeds = feedsOf(graph, seed, draw);
    if ([...evaluated(kinks, feeds).values()].every(isAway)) return feeds;
  }
  throw new Error(`none of ${MOST_DRAWS} draws of images is away from all kinks`);
};

const onnxValues = async (graph: Graph, model: Model, feeds: Feeds): Promise<Values> => {
  const program = await openProgram(onnxModel(graph, model), { threads: 1 });
  const found = await program.run(feeds);
  program.dispose();
  return new Map([...found].map(([name, { data }]) => [name, data]));
};

/**
 * Tells whether an output is a first moment. Those began as zero, so they are the gradients up to a
 * factor.
 */
const isGradient = (name: string): boolean =>
  name.startsWith(names.nextName(names.firstMoment("")));

/** Computes the relative L2 error of every gradient that is not zero by algebra. */
const differences = (found: Values, reference: Values): readonly number[] =>
  [...reference]
    .filter(([name, data]) => isGradient(name) && length(data) > 0)
    .map(([name, data]) => length(data, found.get(name) ?? []) / length(data));

/** Computes, for each variant, the relative L2 error of every gradient at each seed. */
export const rounding = async (
  variants: ReadonlyMap<string, PassOptions>,
  seeds: readonly number[],
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const { result } = analyse(SPEC, diskSources, new Map([...noSettings, ...Object.entries(SMALL)]));
  if (result === undefined) throw new Error(`${SPEC} has errors`);
  const { model } = result;
  const exact = stepProgram(model, { exact: true });
  const found = new Map([...variants.keys()].map((name): [string, number[]] => [name, []]));
  for (const seed of seeds) {
    const feeds = feedsAway(exact, seed);
    const reference = evaluated(exact, feeds);
    for (const [name, options] of variants) {
      const values = await onnxValues(stepProgram(model, options), model, feeds);
      found.get(name)?.push(...differences(values, reference));
    }
  }
  return found;
};
