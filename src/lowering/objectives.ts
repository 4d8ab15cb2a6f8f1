/**
 * Lowers the forward half of a phase: every objective and every reported value, at the weights with
 * which the phase begins.
 */
import { impossible } from "../base/impossible.js";
import type { Node, Provenance } from "../graph/graph.js";
import { add, mul, sub } from "../graph/operators/arithmetic.js";
import { stop } from "../graph/operators/functions.js";
import { transpose } from "../graph/operators/shaping.js";
import { constant, input } from "../graph/operators/sources.js";
import { withProvenance } from "../graph/provenance.js";
import type { Forward } from "../program/forward.js";
import type { Model, Network } from "../program/model.js";
import type { History, PlayerPlan, StepPlan } from "../program/plan.js";
import * as names from "./names.js";
import { applyNetwork, type Seen } from "./network.js";
import { type At, enter } from "./pipeline.js";
import { type Leaves, termValue } from "./values.js";

/** Programs take and give images as [n, h, w, c]; the graph computes on [n, c, h, w]. */
export const toGraph = (images: Node): Node => transpose(images, [0, 3, 1, 2]);
export const fromGraph = (images: Node): Node => transpose(images, [0, 2, 3, 1]);

class Inputs {
  private readonly byName = new Map<string, Node>();

  /** Without a provenance, an input belongs to whatever reads it. */
  of(name: string, shape: readonly number[], provenance?: Provenance): Node {
    const known = this.byName.get(name) ?? { ...input(name, shape), provenance };
    this.byName.set(name, known);
    return known;
  }

  all(): readonly Node[] {
    return [...this.byName.values()];
  }
}

interface Made {
  readonly history: History;
  readonly images: Node;
}

class Forwards {
  readonly inputs = new Inputs();
  readonly made = new Map<string, Made>();
  /** The next value of each buffer that follows the weights, the same from every application. */
  private readonly buffers = new Map<string, Node>();
  /** By buffer, what is seen of each application; those that are equal see the same. */
  private readonly statistics = new Map<string, Map<string, Seen>>();
  private readonly networks: ReadonlyMap<string, Network>;
  private readonly shapes: ReadonlyMap<string, readonly number[]>;

  constructor(
    private readonly model: Model,
    private readonly plan: StepPlan,
  ) {
    this.networks = new Map(model.networks.map((network) => [network.name, network]));
    for (const network of model.networks)
      for (const { name, shape } of network.parameters)
        this.inputs.of(
          names.parameterName(name),
          shape,
          names.networkProvenance(network.name, "prepared"),
        );
    this.shapes = new Map(
      model.networks.flatMap((n) => n.parameters).map(({ name, shape }) => [name, shape]),
    );
  }

  /** Builds the leaves of one player's formulas. Each player has its own histories. */
  leaves(player: PlayerPlan): Leaves {
    return {
      draw: (forward) => this.draw(forward),
      apply: ({ network, inputs, called, key }) =>
        applyNetwork(
          this.networks.get(network) ?? impossible(`${network} is no network`),
          (name) => this.parameter(name),
          inputs,
          {
            called,
            chance: (path, shape) => this.inputs.of(names.maskName(`${key}/${path}`), shape),
            buffer: (name, shape) => this.inputs.of(names.bufferName(name), shape),
            next: (name, value) => this.buffers.set(name, value),
            seen: (owner) => (this.isFrozen(owner) ? undefined : (seen) => this.see(key, seen)),
          },
        ),
      replay: (replay, images) => this.replay(player, replay, images),
      places: (height, width, count) =>
        this.inputs.of(names.placesName(height, width, count), [count]),
    };
  }

  private isFrozen(network: string): boolean {
    return this.networks.get(network)?.isFrozen === true;
  }

  private see(application: string, seen: Seen): void {
    const known = this.statistics.get(seen.name) ?? new Map<string, Seen>();
    this.statistics.set(seen.name, known.set(`${application}/${seen.path}`, seen));
  }

  /** The next value of each buffer that the phase moves. */
  *nextBuffers(): Generator<readonly [string, Node]> {
    yield* this.buffers;
    for (const [name, seen] of this.statistics)
      yield [name, this.averaged(name, [...seen.values()])];
  }

  /** A running statistic, moved by the mean of what the applications of the phase see. */
  private averaged(name: string, seen: readonly Seen[]): Node {
    const { share } = seen[0] ?? impossible(`nothing is seen for ${name}`);
    const total = seen.map(({ value }) => value).reduce(add);
    const kept = this.inputs.of(names.bufferName(name), total.shape);
    const network = name.slice(0, name.indexOf("."));
    const moved = withProvenance(names.networkProvenance(network, "moved"));
    return moved(add(mul(kept, constant(1 - share)), mul(total, constant(share / seen.length))));
  }

  private parameter(name: string): Node {
    const shape = this.shapes.get(name) ?? impossible(`${name} is no parameter`);
    return this.inputs.of(names.parameterName(name), shape);
  }

  private draw({ key, domain: name }: Forward): Node {
    const { domains, recipe } = this.model;
    const domain = domains.find((d) => d.name === name) ?? impossible(`${name} is no domain`);
    const provenance = { of: [names.drawPart(key)] };
    const drawn = this.inputs.of(names.batchName(key), [recipe.batch, ...domain.shape], provenance);
    return withProvenance(provenance)(toGraph(drawn));
  }

  /**
   * Selects, sample by sample, the image made or one from the history. The host keeps the history
   * and decides.
   */
  private replay(player: PlayerPlan, replay: Forward, images: Node): Node {
    const history =
      this.plan.histories.find(
        (h) => h.player.player === player.player && h.replay.key === replay.key,
      ) ?? impossible(`${replay.name} has no history`);
    const { key } = history;
    const provenance = { of: [names.historyPart(key)] };
    const ofHistory = withProvenance(provenance);
    const made = { ...stop(images), provenance };
    this.made.set(key, { history, images: ofHistory(fromGraph(made)) });
    const [n = 0, c = 0, h = 0, w = 0] = images.shape;
    const recalled = toGraph(this.inputs.of(names.recalledName(key), [n, h, w, c]));
    const recall = this.inputs.of(names.recallName(key), [n, 1, 1, 1]);
    // Both products, rather than made + recall (recalled - made): each image comes out to the bit.
    return ofHistory(add(mul(made, sub(constant(1), recall)), mul(recalled, recall)));
  }
}

/** The sum of a player's summands that reach it. */
const objectiveOf = ({ summands }: PlayerPlan, leaves: Leaves): Node =>
  summands.map(({ term }) => termValue(term, leaves)).reduce(add);

/** `cyclegan.step`; `wgan.step_2` where the game has several phases. */
export const phaseName = ({ name, phases }: Model, what: string, phase: number): string =>
  `${name}.${what}${phases.length > 1 ? `_${phase + 1}` : ""}`;

/**
 * Of one phase: outputs `objective/<player>`, `metric/<label>` and `made/<history>`; inputs are all
 * parameters, then what is drawn. Nothing is shared yet: the graph says `G(x)` as often as the
 * losses do.
 */
export const lowerObjectives = (model: Model, plan: StepPlan, phase = 0): At<"forward"> => {
  const forwards = new Forwards(model, plan);
  const outputs = new Map<string, Node>();
  for (const player of plan.phases[phase]?.players ?? []) {
    const leaves = forwards.leaves(player);
    const objective = objectiveOf(player, leaves);
    outputs.set(names.objectiveName(player.player.name), objective);
    if (player.total !== undefined) outputs.set(names.metricName(player.total), objective);
    for (const { label, term } of [...player.reported, ...player.terms])
      outputs.set(names.metricName(label), termValue(term, leaves));
  }
  for (const [name, value] of forwards.nextBuffers())
    outputs.set(names.nextName(names.bufferName(name)), value);
  for (const [key, { images }] of forwards.made) outputs.set(names.madeName(key), images);
  return enter("forward", {
    name: phaseName(model, "objectives", phase),
    inputs: forwards.inputs.all(),
    outputs,
  });
};
