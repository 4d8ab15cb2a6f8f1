/**
 * A phase of the training step: objectives, their derivatives, and the update of every player's
 * networks.
 */
import { impossible } from "../base/impossible.js";
import { gradients } from "../graph/differentiate.js";
import { type Graph, inputName, type Node, nodesOf } from "../graph/graph.js";
import { add, mul, sub } from "../graph/operators/arithmetic.js";
import { clamp, neg } from "../graph/operators/functions.js";
import { constant, input, isInput } from "../graph/operators/sources.js";
import { withProvenance } from "../graph/provenance.js";
import { clippings } from "../operators/clippings.js";
import { optimizers } from "../operators/optimizers.js";
import { type Model, type Network, optimizerOf, type Player } from "../program/model.js";
import * as names from "./names.js";
import { phaseName } from "./objectives.js";
import { type At, enter } from "./pipeline.js";

type Outputs = Map<string, Node>;

class Update {
  readonly inputs: Node[] = [];

  constructor(
    private readonly model: Model,
    private readonly outputs: Outputs,
  ) {}

  private input(name: string, shape: readonly number[]): Node {
    const node = input(name, shape);
    this.inputs.push(node);
    return node;
  }

  /** The gradients of all parameters of a network, within the bounds of the recipe. */
  private bounded({ name }: Network, gradients: readonly Node[]): readonly Node[] {
    const choice = this.model.recipe.clipGradient[name];
    if (choice === undefined) return gradients;
    const clipping = clippings.get(choice.kind) ?? impossible(`${choice.kind} is no clipping`);
    return clipping.bound(gradients, choice.options);
  }

  network(network: Network, gradientOf: (name: string) => readonly [Node, Node]): void {
    const { kind, options } = optimizerOf(this.model.recipe, network.name);
    const optimizer = optimizers.get(kind) ?? impossible(`${kind} is no optimizer`);
    const bound = this.model.recipe.clip[network.name];
    const scalars = optimizer.scalars.map((scalar) =>
      this.input(names.scalarName(scalar, network.name), []),
    );
    const kept = optimizer.keeps(options) ? optimizer.slots : [];
    const pairs = network.parameters.map(({ name }) => gradientOf(name));
    const gradients = this.bounded(
      network,
      pairs.map(([, gradient]) => gradient),
    );
    for (const [i, { name, shape }] of network.parameters.entries()) {
      const [parameter] = pairs[i] ?? impossible(`${name} has no gradient`);
      const gradient = gradients[i] ?? impossible(`${name} has no gradient`);
      const slots = kept.map((slot) => this.input(names.slotName(slot, name), shape));
      const after = optimizer.update({ parameter, gradient, slots, scalars }, options);
      const moved = bound === undefined ? after.parameter : clamp(after.parameter, -bound, bound);
      const ofUpdate = withProvenance(names.networkProvenance(network.name, "moved"));
      this.outputs.set(names.nextName(names.parameterName(name)), ofUpdate(moved));
      kept.forEach((slot, i) => {
        const next = after.slots[i] ?? impossible(`${kind} gives no ${slot}`);
        this.outputs.set(names.nextName(names.slotName(slot, name)), ofUpdate(next));
      });
    }
  }

  /**
   * The moving average of all weights: a <- a + (1 - decay)(p - a), with the new p where there is
   * one.
   */
  average(parameterOf: (name: string) => Node): void {
    const stays = this.input(names.decayName, []);
    const moves = sub(constant(1), stays);
    for (const network of this.model.networks)
      for (const { name, shape } of network.parameters) {
        const parameter =
          this.outputs.get(names.nextName(names.parameterName(name))) ?? parameterOf(name);
        const average = this.input(names.averageName(name), shape);
        const next = add(average, mul(sub(parameter, average), moves));
        const ofAverage = withProvenance(names.networkProvenance(network.name, "average"));
        this.outputs.set(names.nextName(names.averageName(name)), ofAverage(next));
      }
  }
}

const isObjective = (name: string): boolean => name.startsWith(names.objectiveName(""));
const isBuffer = (name: string): boolean => name.startsWith(names.nextName(names.bufferName("")));

/**
 * Whether a next value is a buffer's that follows the weights alone: it moves when they do, and
 * statistics of batches with each batch.
 */
const followsWeights = ([name, next]: readonly [string, Node]): boolean =>
  isBuffer(name) &&
  nodesOf({ name: "", inputs: [], outputs: new Map([[name, next]]) }).every(
    (node) => !isInput(node) || names.isWeight(inputName(node)),
  );

/** By name, of the graph's inputs. */
const inputsOf = (graph: Graph) => {
  const byName = new Map(graph.inputs.map((node) => [inputName(node), node]));
  return (name: string): Node => byName.get(name) ?? impossible(`${name} is no input`);
};

/** The gradients of each player's objective for the parameters of its networks, by name. */
const gradientsOf = (model: Model, objectives: Graph, phase: number): ReadonlyMap<string, Node> => {
  const inputNamed = inputsOf(objectives);
  const all = new Map<string, Node>();
  for (const player of model.phases[phase]?.players ?? []) {
    const value =
      objectives.outputs.get(names.objectiveName(player.name)) ??
      impossible(`${player.name} has no objective`);
    const parameters = trainedBy(model, player).flatMap((network) => network.parameters);
    const wrt = parameters.map(({ name }) => inputNamed(names.parameterName(name)));
    const found = gradients(player.sense === "max" ? neg(value) : value, wrt, player.name);
    parameters.forEach(({ name }, i) => {
      all.set(name, found.get(wrt[i] as Node) ?? impossible(`${name} has no gradient`));
    });
  }
  return all;
};

const trainedBy = (model: Model, { networks }: Player): readonly Network[] =>
  model.networks.filter(({ name }) => networks.includes(name));

/**
 * Of a recipe that accumulates, one batch of a phase: adds its gradients to what the batches before
 * have summed, and reports. Nothing moves.
 */
export const lowerGradients = (model: Model, objectives: At<"forward">, phase = 0): At<"step"> => {
  const outputs: Outputs = new Map(
    [...objectives.outputs].filter((output) => !isObjective(output[0]) && !followsWeights(output)),
  );
  const sums: Node[] = [];
  for (const [name, gradient] of gradientsOf(model, objectives, phase)) {
    const sum = input(names.gradientName(name), gradient.shape);
    sums.push(sum);
    outputs.set(names.nextName(names.gradientName(name)), add(sum, gradient));
  }
  return enter("step", {
    name: phaseName(model, "gradients", phase),
    inputs: [...objectives.inputs, ...sums],
    outputs,
  });
};

/**
 * Of a recipe that accumulates, the end of a phase: all move by the mean of the summed gradients.
 */
export const lowerMoves = (model: Model, objectives: At<"forward">, phase = 0): At<"step"> => {
  const inputNamed = inputsOf(objectives);
  const parameterOf = (name: string): Node => inputNamed(names.parameterName(name));
  const outputs: Outputs = new Map([...objectives.outputs].filter(followsWeights));
  const update = new Update(model, outputs);
  const sums: Node[] = [];
  const meanOf = (name: string): Node => {
    const sum = input(names.gradientName(name), parameterOf(name).shape);
    sums.push(sum);
    return mul(sum, constant(1 / model.recipe.accumulate));
  };
  for (const player of model.phases[phase]?.players ?? [])
    for (const network of trainedBy(model, player))
      update.network(network, (name) => [parameterOf(name), meanOf(name)]);
  if (model.recipe.average > 0 && phase === model.phases.length - 1) update.average(parameterOf);
  const read = new Set(nodesOf({ name: "", inputs: [], outputs }));
  return enter("step", {
    name: phaseName(model, "moves", phase),
    inputs: [...objectives.inputs.filter((node) => read.has(node)), ...sums, ...update.inputs],
    outputs,
  });
};

/**
 * A phase of the step from the graph of its objectives, which passes may have rewritten:
 * differentiates each player's objective for its own networks, all at the weights held when the
 * phase began, and then updates all. The last phase moves the average of the weights too.
 */
export const lowerStep = (model: Model, objectives: At<"forward">, phase = 0): At<"step"> => {
  const inputNamed = inputsOf(objectives);
  const parameterOf = (name: string): Node => inputNamed(names.parameterName(name));
  const outputs: Outputs = new Map([...objectives.outputs].filter(([name]) => !isObjective(name)));
  const update = new Update(model, outputs);
  const found = gradientsOf(model, objectives, phase);
  for (const player of model.phases[phase]?.players ?? [])
    for (const network of trainedBy(model, player))
      update.network(network, (name) => [
        parameterOf(name),
        found.get(name) ?? impossible(`${name} has no gradient`),
      ]);
  const isLast = phase === model.phases.length - 1;
  if (model.recipe.average > 0 && isLast) update.average(parameterOf);
  return enter("step", {
    name: phaseName(model, "step", phase),
    inputs: [...objectives.inputs, ...update.inputs],
    outputs,
  });
};
