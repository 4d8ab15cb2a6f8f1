/** The whole training step: objectives, their derivatives, and the update of every player's networks. */
import { impossible } from "../base/impossible.js";
import { gradients } from "../graph/differentiate.js";
import { type Graph, inputName, type Node } from "../graph/graph.js";
import { add, div, mul, sub } from "../graph/operators/arithmetic.js";
import { neg, power } from "../graph/operators/functions.js";
import { constant, input } from "../graph/operators/sources.js";
import type { Model, Network } from "../model/model.js";
import * as names from "./names.js";

type Outputs = Map<string, Node>;

interface Adam {
  readonly beta1: number;
  readonly beta2: number;
  /** Scalars that hold the corrections of the moments: those depend on how many updates there were. */
  readonly rate: Node;
  readonly epsilon: Node;
}

/**
 * Adam (Kingma and Ba 2015) in the form of PyTorch, with the corrections folded into the rate and epsilon, as the host
 * computes them: m <- m + (1 - beta1)(g - m), v <- v + (1 - beta2)(g^2 - v), p <- p - rate m / (sqrt(v) + epsilon).
 */
const adam = (
  { beta1, beta2, rate, epsilon }: Adam,
  parameter: Node,
  gradient: Node,
  [m, v]: readonly [Node, Node],
): readonly [Node, Node, Node] => {
  const first = add(m, mul(sub(gradient, m), constant(1 - beta1)));
  const second = add(v, mul(sub(power(gradient, 2), v), constant(1 - beta2)));
  const direction = div(first, add(power(second, 0.5), epsilon));
  return [sub(parameter, mul(direction, rate)), first, second];
};

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
    const { beta1, beta2 } = this.model.recipe.optimizer;
    const rate = this.input(names.rateName(network.name), []);
    const epsilon = this.input(names.epsilonName(network.name), []);
    for (const { name, shape } of network.parameters) {
      const [parameter, gradient] = gradientOf(name);
      const moments = [names.firstMoment(name), names.secondMoment(name)] as const;
      const [p, m, v] = adam({ beta1, beta2, rate, epsilon }, parameter, gradient, [
        this.input(moments[0], shape),
        this.input(moments[1], shape),
      ]);
      this.outputs.set(names.nextName(names.parameterName(name)), p);
      this.outputs.set(names.nextName(moments[0]), m);
      this.outputs.set(names.nextName(moments[1]), v);
    }
  }

  /** The moving average of all weights: a <- a + (1 - decay)(p - a), with the new p. */
  average(): void {
    const stays = this.input(names.decayName, []);
    const moves = sub(constant(1), stays);
    for (const { name, shape } of this.model.networks.flatMap((n) => n.parameters)) {
      const parameter =
        this.outputs.get(names.nextName(names.parameterName(name))) ??
        impossible(`${name} is not trained`);
      const average = this.input(names.averageName(name), shape);
      this.outputs.set(
        names.nextName(names.averageName(name)),
        add(average, mul(sub(parameter, average), moves)),
      );
    }
  }
}

/**
 * A step from the graph of its objectives, which passes may have rewritten: differentiates each player's objective for
 * its own networks, all at the weights held when the step began, and then updates all.
 */
export const lowerStep = (model: Model, objectives: Graph): Graph => {
  const byName = new Map(objectives.inputs.map((node) => [inputName(node), node]));
  const parameterOf = (name: string): Node =>
    byName.get(names.parameterName(name)) ?? impossible(`${name} is no input`);
  const outputs: Outputs = new Map(
    [...objectives.outputs].filter(([name]) => !name.startsWith(names.objectiveName(""))),
  );
  const update = new Update(model, outputs);
  for (const player of model.players) {
    const value =
      objectives.outputs.get(names.objectiveName(player.name)) ??
      impossible(`${player.name} has no objective`);
    const networks = model.networks.filter(({ name }) => player.networks.includes(name));
    const wrt = networks.flatMap((n) => n.parameters).map(({ name }) => parameterOf(name));
    const found = gradients(player.sense === "max" ? neg(value) : value, wrt);
    for (const network of networks)
      update.network(network, (name) => {
        const parameter = parameterOf(name);
        return [parameter, found.get(parameter) ?? impossible(`${name} has no gradient`)];
      });
  }
  if (model.recipe.average > 0) update.average();
  return {
    name: `${model.name}.step`,
    inputs: [...objectives.inputs, ...update.inputs],
    outputs,
  };
};
