/**
 * Assigns each node of a training step to a place: an application of a network, forward or
 * backward, a loss, or the update.
 */
import { type Graph, type Node, nodesOf, type Provenance } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import type { Model, Network } from "../../program/model.js";
import { planStep } from "../../program/plan.js";
import { forwardText } from "../../program/text.js";
import { type Application, applicationsIn } from "./step-applications.js";

/**
 * Parts of a network's own work: preparing its weights for layers, summing gradients, Adam, the
 * moving average.
 */
export type UpdatePart = names.NetworkPlace | "gradient";

export type Place =
  | { readonly kind: "draw"; readonly draw: string }
  | { readonly kind: "history"; readonly key: string; readonly name: string }
  | {
      /** `backward` is the part that a player differentiates. */
      readonly kind: "forward" | "backward";
      readonly application: Application;
      /** How often it is differentiated inside a loss. */
      readonly slopes: number;
      /** Number of the layer. Undefined for a formula to which the network is applied. */
      readonly layer?: number | undefined;
    }
  | { readonly kind: "loss"; readonly label: string }
  | { readonly kind: "objective"; readonly player: string }
  | { readonly kind: "update"; readonly network: Network; readonly part: UpdatePart };

type Places = Map<Node, Place>;

const isSource = ({ inputs }: Node): boolean => inputs.length === 0;

/** Returns the rest of a part's name after the prefix, if it has it. */
const behind = (part: string, prefix: string): string | undefined =>
  part.startsWith(prefix) ? part.slice(prefix.length) : undefined;

/** Finds places from provenance. */
class Provenances {
  private readonly applications: ReadonlyMap<string, Application>;
  private readonly networks: ReadonlyMap<string, Network>;
  private readonly histories: ReadonlyMap<string, string>;
  /** Numbers of layers by their paths in provenance. */
  private readonly layers: ReadonlyMap<string, number>;

  constructor(model: Model, nodes: readonly Node[]) {
    this.applications = applicationsIn(model, nodes);
    this.networks = new Map(model.networks.map((network) => [network.name, network]));
    this.histories = new Map(
      planStep(model).histories.map(({ key, replay }) => [key, forwardText(replay)]),
    );
    this.layers = new Map(
      model.networks.flatMap(({ name, layers }) =>
        layers.map(({ path, id }) => [`${name}.${path}`, id] as const),
      ),
    );
  }

  placeOf({ of: [part = ""], at, derivatives = [] }: Provenance): Place | undefined {
    const player = derivatives.find((by) => by !== names.slope);
    const application = this.applications.get(part);
    if (application !== undefined) {
      const slopes = derivatives.filter((by) => by === names.slope).length;
      const layer = this.layers.get(at ?? "");
      return { kind: player === undefined ? "forward" : "backward", application, slopes, layer };
    }
    const network = this.networks.get(behind(part, names.networkPart("")) ?? "");
    if (network !== undefined) {
      const isDerived = derivatives.length > 0;
      return { kind: "update", network, part: isDerived ? "gradient" : (at as UpdatePart) };
    }
    if (player !== undefined) return { kind: "objective", player };
    return derivatives.length === 0 ? this.given(part) : undefined;
  }

  /** Returns the place of a step's input: a draw, or the contents of a history. */
  private given(part: string): Place | undefined {
    const draw = behind(part, names.drawPart(""));
    if (draw !== undefined) return { kind: "draw", draw };
    const key = behind(part, names.historyPart(""));
    const name = this.histories.get(key ?? "");
    return key === undefined || name === undefined ? undefined : { kind: "history", key, name };
  }
}

/**
 * Places nodes computed from weights alone with the weights, whichever application they come from,
 * since all of them read the result.
 */
const placeWeights = (nodes: readonly Node[], places: Places): void => {
  const isPrepared = (place: Place | undefined): boolean =>
    place?.kind === "update" && place.part === "prepared";
  for (const node of nodes) {
    const isDerived = (node.provenance?.derivatives ?? []).length > 0;
    if (isSource(node) || isDerived || places.get(node)?.kind === "update") continue;
    const [first, ...others] = node.inputs
      .filter(({ operator }) => operator !== "constant")
      .map((input) => places.get(input));
    if (first !== undefined && [first, ...others].every(isPrepared)) places.set(node, first);
  }
};

/**
 * Places the nodes of losses, which belong to nothing else. Each goes to the reported value that
 * needs the fewest such nodes.
 */
const placeLosses = (graph: Graph, places: Places): void => {
  const coneOf = (root: Node): readonly Node[] => {
    const cone = new Set<Node>();
    const open = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (places.has(node) || cone.has(node) || isSource(node)) continue;
      cone.add(node);
      open.push(...node.inputs);
    }
    return [...cone];
  };
  const cones = [...graph.outputs]
    .flatMap(([name, root]) => {
      const label = behind(name, names.metricName(""));
      return label === undefined ? [] : [{ label, cone: coneOf(root) }];
    })
    .sort((a, b) => a.cone.length - b.cone.length);
  for (const { label, cone } of cones)
    for (const node of cone) if (!places.has(node)) places.set(node, { kind: "loss", label });
};

/** Places constants, and parts of a loss that only derivatives need, with their first reader. */
const placeRest = (nodes: readonly Node[], places: Places): void => {
  const readers = new Map<Node, Node>();
  for (const node of nodes)
    for (const input of node.inputs) if (!readers.has(input)) readers.set(input, node);
  for (const node of nodes.toReversed()) {
    const reader = readers.get(node);
    const place = reader === undefined ? undefined : places.get(reader);
    if (!places.has(node) && place !== undefined) places.set(node, place);
  }
};

export interface Placed {
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly places: ReadonlyMap<Node, Place>;
}

/** Finds the place of every node of a model's step. */
export const placesOf = (model: Model, graph: Graph): Placed => {
  const nodes = nodesOf(graph);
  const provenances = new Provenances(model, nodes);
  const places: Places = new Map();
  for (const node of nodes) {
    const place = node.provenance === undefined ? undefined : provenances.placeOf(node.provenance);
    if (place !== undefined) places.set(node, place);
  }
  placeWeights(nodes, places);
  placeLosses(graph, places);
  placeRest(nodes, places);
  return { nodes, places };
};
