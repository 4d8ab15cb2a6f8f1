/** A phase of the training step: objectives, their derivatives, and the update of every player's networks. */
import { impossible } from "../base/impossible.js";
import { gradients } from "../graph/differentiate.js";
import { type Graph, inputName, type Node } from "../graph/graph.js";
import { add, mul, sub } from "../graph/operators/arithmetic.js";
import { clamp, neg } from "../graph/operators/functions.js";
import { constant, input } from "../graph/operators/sources.js";
import { originating } from "../graph/origin.js";
import { type Model, type Network, optimizerOf } from "../model/model.js";
import { optimizers } from "../operators/optimizers.js";
import * as names from "./names.js";
import { phaseName } from "./objectives.js";

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

  network(network: Network, gradientOf: (name: string) => readonly [Node, Node]): void {
    const { kind, options } = optimizerOf(this.model.recipe, network.name);
    const optimizer = optimizers.get(kind) ?? impossible(`${kind} is no optimizer`);
    const bound = this.model.recipe.clip[network.name];
    const scalars = optimizer.scalars.map((scalar) =>
      this.input(names.scalarName(scalar, network.name), []),
    );
    const kept = optimizer.keeps(options) ? optimizer.slots : [];
    for (const { name, shape } of network.parameters) {
      const [parameter, gradient] = gradientOf(name);
      const slots = kept.map((slot) => this.input(names.slotName(slot, name), shape));
      const after = optimizer.update({ parameter, gradient, slots, scalars }, options);
      const moved = bound === undefined ? after.parameter : clamp(after.parameter, -bound, bound);
      const ofUpdate = originating(names.networkOrigin(network.name, "moved"));
      this.outputs.set(names.nextName(names.parameterName(name)), ofUpdate(moved));
      kept.forEach((slot, i) => {
        const next = after.slots[i] ?? impossible(`${kind} gives no ${slot}`);
        this.outputs.set(names.nextName(names.slotName(slot, name)), ofUpdate(next));
      });
    }
  }

  /** The moving average of all weights: a <- a + (1 - decay)(p - a), with the new p where there is one. */
  average(parameterOf: (name: string) => Node): void {
    const stays = this.input(names.decayName, []);
    const moves = sub(constant(1), stays);
    for (const network of this.model.networks)
      for (const { name, shape } of network.parameters) {
        const parameter =
          this.outputs.get(names.nextName(names.parameterName(name))) ?? parameterOf(name);
        const average = this.input(names.averageName(name), shape);
        const next = add(average, mul(sub(parameter, average), moves));
        const ofAverage = originating(names.networkOrigin(network.name, "average"));
        this.outputs.set(names.nextName(names.averageName(name)), ofAverage(next));
      }
  }
}

/**
 * A phase of the step from the graph of its objectives, which passes may have rewritten: differentiates each player's
 * objective for its own networks, all at the weights held when the phase began, and then updates all. The last phase
 * moves the average of the weights too.
 */
export const lowerStep = (model: Model, objectives: Graph, phase = 0): Graph => {
  const byName = new Map(objectives.inputs.map((node) => [inputName(node), node]));
  const parameterOf = (name: string): Node =>
    byName.get(names.parameterName(name)) ?? impossible(`${name} is no input`);
  const outputs: Outputs = new Map(
    [...objectives.outputs].filter(([name]) => !name.startsWith(names.objectiveName(""))),
  );
  const update = new Update(model, outputs);
  for (const player of model.phases[phase]?.players ?? []) {
    const value =
      objectives.outputs.get(names.objectiveName(player.name)) ??
      impossible(`${player.name} has no objective`);
    const networks = model.networks.filter(({ name }) => player.networks.includes(name));
    const wrt = networks.flatMap((n) => n.parameters).map(({ name }) => parameterOf(name));
    const found = gradients(player.sense === "max" ? neg(value) : value, wrt, player.name);
    for (const network of networks)
      update.network(network, (name) => {
        const parameter = parameterOf(name);
        return [parameter, found.get(parameter) ?? impossible(`${name} has no gradient`)];
      });
  }
  const isLast = phase === model.phases.length - 1;
  if (model.recipe.average > 0 && isLast) update.average(parameterOf);
  return {
    name: phaseName(model, "step", phase),
    inputs: [...objectives.inputs, ...update.inputs],
    outputs,
  };
};
