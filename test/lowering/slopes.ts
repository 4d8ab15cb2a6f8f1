/**
 * Programs of a phase held to each other in float64: gradients to finite differences, optimised
 * programs to plain ones.
 */
import { stream } from "../../src/base/random.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { type Graph, inputName, nodesOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { tensor } from "../../src/graph/operators/sources.js";
import { rewrite } from "../../src/graph/passes/rewrite.js";
import * as names from "../../src/lowering/names.js";
import { lowerObjectives } from "../../src/lowering/objectives.js";
import { phaseProgram } from "../../src/lowering/programs.js";
import type { Model } from "../../src/program/model.js";
import { planStep } from "../../src/program/plan.js";
import { feedsOf, relative } from "./feeds.js";

type Feeds = ReadonlyMap<string, Tensor>;

/** The tensors of `at` moved by `size` along `direction`. */
const moved = (at: Feeds, direction: ReadonlyMap<string, Float64Array>, size: number): Feeds =>
  new Map(
    [...at].map(([name, { shape, data }]) => {
      const along = direction.get(name);
      return [
        name,
        {
          shape,
          data: along === undefined ? data : data.map((x, i) => x + size * (along[i] ?? 0)),
        },
      ];
    }),
  );

/**
 * What no gradient passes through, as it is at a point: a difference passes through nothing else.
 */
const stopped = (graph: Graph, at: Feeds): Graph => {
  const stops = nodesOf(graph).filter(({ operator }) => operator === "stop");
  const outputs = new Map(stops.map((node, i) => [String(i), node]));
  const values = evaluate({ ...graph, outputs }, at);
  const held = new Map(
    stops.map((node, i) => {
      const { data } = values.get(String(i)) as Tensor;
      return [node, tensor(data, node.shape)] as const;
    }),
  );
  return rewrite(graph, (node) => held.get(node));
};

const epsilon = 1e-6;

/** Adam's first moments tell gradients, whatever the recipe moves networks by. */
const byAdam = (model: Model): Model => ({
  ...model,
  recipe: {
    ...model.recipe,
    optimizer: { kind: "adam", rate: 1e-3, options: { beta1: 0.5, beta2: 0.9 } },
    optimizers: {},
    clip: {},
    clipGradient: {},
  },
});

export interface Slope {
  readonly player: string;
  /**
   * Of the player's objective along one random direction: as the step's gradients have it, and by a
   * central difference.
   */
  readonly gradient: number;
  readonly difference: number;
  /** The objective itself. */
  readonly value: number;
}

/** One for each player of a phase; `batch` stands in the place of random feeds of these names. */
export const slopesOf = (
  given: Model,
  phase: number,
  batch: Feeds = new Map(),
): readonly Slope[] => {
  const model = byAdam(given);
  const objectives = lowerObjectives(model, planStep(model), phase);
  const step = phaseProgram(model, phase);
  // An input that no objective of the phase reads is none of its program.
  const feeds = new Map([...feedsOf(objectives, 1), ...feedsOf(step, 1), ...batch]);
  const after = evaluate(step, feeds);
  const forward = new Set(objectives.inputs.map(inputName));
  const at = new Map([...feeds].filter(([key]) => forward.has(key)));
  const held = stopped(objectives, at);
  return (model.phases[phase]?.players ?? []).map((player) => {
    const parameters = model.networks
      .filter((network) => player.networks.includes(network.name))
      .flatMap((network) => network.parameters);
    const uniform = stream(2, `${model.name}/${player.name}`);
    let counter = 0;
    const direction = new Map(
      parameters.map(({ name: parameter }) => {
        const key = names.parameterName(parameter);
        const size = at.get(key)?.data.length ?? 0;
        return [key, Float64Array.from({ length: size }, () => 2 * uniform(counter++) - 1)];
      }),
    );
    const value = (size: number): number =>
      evaluate(held, moved(at, direction, size)).get(names.objectiveName(player.name))?.data[0] ??
      Number.NaN;
    // With a first moment of zero, the new one is (1 - beta1) times the gradient of what is
    // minimised.
    const sign = player.sense === "max" ? -1 : 1;
    const slope = parameters.reduce((sum, { name: parameter }) => {
      const moment = after.get(names.nextName(names.firstMoment(parameter)))?.data ?? [];
      const along = direction.get(names.parameterName(parameter)) as Float64Array;
      return along.reduce((s, d, i) => s + d * (moment[i] ?? 0), sum);
    }, 0);
    return {
      player: player.name,
      gradient: (sign * slope) / 0.5,
      difference: (value(epsilon) - value(-epsilon)) / (2 * epsilon),
      value: value(0),
    };
  });
};

/** A phase as it is lowered, with all passes that only rearrange, and with all. */
export const passedPrograms = (model: Model, phase: number): readonly [Graph, Graph, Graph] => [
  phaseProgram(model, phase, { only: [] }),
  phaseProgram(model, phase, { exact: true }),
  phaseProgram(model, phase),
];

/**
 * Of each output of the plain program, how far the other's is from it; of one that the other lacks,
 * infinity.
 */
export const differences = (
  plain: Graph,
  other: Graph,
  feeds: Feeds,
): ReadonlyMap<string, number> => {
  const found = evaluate(other, feeds);
  const missing = [...found.keys()].filter((name) => !plain.outputs.has(name));
  return new Map([
    ...[...evaluate(plain, feeds)].map(([name, { data }]) => {
      const mine = found.get(name)?.data;
      return [name, mine === undefined ? Number.POSITIVE_INFINITY : relative(mine, data)] as const;
    }),
    ...missing.map((name) => [name, Number.POSITIVE_INFINITY] as const),
  ]);
};
