/** Where each node of a training step has its place: in an application of a network, forward or backward, a loss, or the update. */
import { type Graph, inputName, type Node } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import type { Model, Network } from "../../model/model.js";
import { lowerFirst } from "../../model/naming.js";
import { planStep } from "../../model/plan.js";
import { forwardText } from "./model-picture.js";
import { type Application, applicationsIn } from "./step-applications.js";
import { forwardLayers, isReported, type LayerOf, readStep, type Step } from "./step-labels.js";

/** What of the network's own: its weights as layers need them, gradients summed, Adam, the moving average. */
export type UpdatePart = "prepared" | "gradient" | "moved" | "average";

export type Place =
  | { readonly kind: "draw"; readonly domain: string }
  | { readonly kind: "history"; readonly key: string; readonly name: string }
  | {
      readonly kind: "forward" | "backward";
      readonly application: Application;
      /** Number of the layer. */
      readonly layer: number;
    }
  | { readonly kind: "loss"; readonly label: string }
  | { readonly kind: "objective"; readonly player: string }
  | { readonly kind: "update"; readonly network: Network; readonly part: UpdatePart };

type Places = Map<Node, Place>;

const startsWith = (node: Node, prefix: string): boolean =>
  node.operator === "input" && inputName(node).startsWith(prefix);

/** What is drawn, in the order of axes in which networks read it. */
const placeDraws = ({ nodes, layerOf }: Step, places: Places): void => {
  const prefix = names.batchName("");
  for (const node of nodes) {
    if (startsWith(node, prefix))
      places.set(node, { kind: "draw", domain: inputName(node).slice(prefix.length) });
    const [input] = node.inputs;
    const before = input === undefined ? undefined : places.get(input);
    const isMoved = node.operator === "transpose" && layerOf(node) === undefined;
    if (isMoved && before?.kind === "draw") places.set(node, before);
  }
};

/** What a history gives: from what is recalled on to where a network reads it. */
const placeHistories = (model: Model, step: Step, places: Places): void => {
  const prefixes = [names.recalledName(""), names.recallName("")];
  const replays = new Map(planStep(model).histories.map(({ key, replay }) => [key, replay]));
  for (const node of step.nodes) {
    const prefix = prefixes.find((p) => startsWith(node, p));
    const key = prefix === undefined ? undefined : inputName(node).slice(prefix.length);
    const replay = key === undefined ? undefined : replays.get(key);
    if (key !== undefined && replay !== undefined)
      places.set(node, { kind: "history", key, name: forwardText(replay) });
    const before = node.inputs.map((input) => places.get(input)).find((p) => p?.kind === "history");
    const isPlain = step.layerOf(node) === undefined && step.forward.has(node);
    const isWeighed = node.inputs.some((input) => step.learnt.has(input));
    if (before !== undefined && isPlain && !isWeighed) places.set(node, before);
  }
  // The images made in this step, on their way into the mixture.
  for (const node of step.nodes.toReversed()) {
    const [reader, ...others] = step.readers.get(node) ?? [];
    const place = reader === undefined ? undefined : places.get(reader);
    const isAlone = others.length === 0 && step.layerOf(node) === undefined;
    if (place?.kind === "history" && isAlone && !places.has(node)) places.set(node, place);
  }
};

/** What networks compute, and the names of their applications. */
const placeForward = (
  model: Model,
  step: Step,
  places: Places,
): ReadonlyMap<Application, string> => {
  const layers = forwardLayers(step, new Set(places.keys()));
  const outside = new Map<Node, string>();
  for (const [node, place] of places) {
    if (place.kind === "draw") outside.set(node, lowerFirst(place.domain));
    if (place.kind === "history") outside.set(node, place.name);
  }
  const { found, plain, names } = applicationsIn(step, layers, outside, model.recipe.batch);
  // What several networks begin with belongs to none of them, but to what they read.
  const common = new Set<Node>();
  for (const node of step.nodes.toReversed()) {
    const readers = step.readers.get(node) ?? [];
    const isCommon = (r: Node): boolean => common.has(r) || found.get(r) !== found.get(node);
    if (plain.has(node) && readers.some((r) => found.has(r) && isCommon(r))) common.add(node);
  }
  for (const [node, application] of found) {
    const layer = layers.get(node)?.layer.id ?? 0;
    const before = common.has(node) ? places.get(node.inputs[0] as Node) : undefined;
    places.set(node, before ?? { kind: "forward", application, layer });
  }
  return names;
};

/** Losses: what no network computes; each node with the reported value that takes the least of such nodes. */
const placeLosses = (graph: Graph, step: Step, places: Places): void => {
  const free = (node: Node): boolean =>
    !places.has(node) && step.forward.has(node) && !step.learnt.has(node) && node.inputs.length > 0;
  const coneOf = (root: Node): readonly Node[] => {
    const cone = new Set<Node>();
    const open = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (!free(node) || cone.has(node)) continue;
      cone.add(node);
      open.push(...node.inputs);
    }
    return [...cone];
  };
  const cones = [...graph.outputs]
    .filter(([name]) => isReported(name))
    .map(([name, root]) => ({ name, cone: coneOf(root) }))
    .sort((a, b) => a.cone.length - b.cone.length);
  const histories = new Map<string, Place>();
  for (const place of places.values())
    if (place.kind === "history") histories.set(names.madeName(place.key), place);
  const placeOf = (output: string): Place =>
    histories.get(output) ?? { kind: "loss", label: output.slice(output.indexOf("/") + 1) };
  for (const { name, cone } of cones)
    for (const node of cone) if (!places.has(node)) places.set(node, placeOf(name));
};

/** Which outputs of the state a node leads to, by what those are the state of. */
const placeUpdates = (model: Model, graph: Graph, step: Step, places: Places): void => {
  const networks = new Map(
    model.networks.flatMap((network) => network.parameters.map(({ name }) => [name, network])),
  );
  const averages = new Set(step.nodes.filter((node) => startsWith(node, names.averageName(""))));
  const isDecay = (node: Node) => node.operator === "input" && inputName(node) === names.decayName;
  const averaging = new Set<Node>();
  for (const node of step.nodes)
    if (averages.has(node) || isDecay(node) || node.inputs.some((input) => averaging.has(input)))
      averaging.add(node);
  for (const [output, root] of graph.outputs) {
    const network = networks.get(parameterOf(output));
    const open = network === undefined ? [] : [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (network === undefined || places.has(node) || !step.updating.has(node)) continue;
      const part = averaging.has(node) ? "average" : "moved";
      places.set(node, { kind: "update", network, part });
      open.push(...node.inputs);
    }
  }
};

/** `G.conv.weight` for `next/adam.m/G.conv.weight`. */
const parameterOf = (output: string): string => output.split("/").slice(2).join("/");

/** The weights, as they are and as layers need them: of the network whose parameters they are made of. */
const placeWeights = (model: Model, step: Step, places: Places): void => {
  const networks = new Map(
    model.networks.flatMap((n) => n.parameters.map(({ name }) => [names.parameterName(name), n])),
  );
  const of = new Map<Node, Network>();
  for (const node of step.nodes) {
    if (!step.learnt.has(node)) continue;
    const network =
      node.operator === "input"
        ? networks.get(inputName(node))
        : node.inputs.map((input) => of.get(input)).find((found) => found);
    if (network === undefined) continue;
    of.set(node, network);
    if (!places.has(node)) places.set(node, { kind: "update", network, part: "prepared" });
  }
};

/** The first player whose networks each node moves. */
const playersOf = (model: Model, step: Step, places: Places): ReadonlyMap<Node, number> => {
  const found = new Map<Node, number>();
  for (const node of step.nodes.toReversed()) {
    const place = places.get(node);
    const own =
      place?.kind === "update"
        ? model.players.findIndex(({ networks }) => networks.includes(place.network.name))
        : model.players.length;
    const read = (step.readers.get(node) ?? []).map((r) => found.get(r) ?? model.players.length);
    found.set(node, Math.min(own, ...read));
  }
  return found;
};

class Backward {
  constructor(
    private readonly step: Step,
    private readonly places: Places,
  ) {}

  /** Backward nodes in order: those without a place so far. */
  private get open(): readonly Node[] {
    return this.step.nodes.filter((n) => !this.places.has(n) && n.operator !== "constant");
  }

  /** Gradients have labels: what has none, and only the update reads, is part of the update. */
  squares(): void {
    for (const node of this.open) {
      const readers = this.step.readers.get(node) ?? [];
      const [place, ...others] = readers.map((reader) => this.places.get(reader));
      const isRead = place?.kind === "update" && others.every((other) => other?.kind === "update");
      if (isRead && node.label === undefined) this.places.set(node, place);
    }
  }

  /**
   * From the losses on: each in the application whose values it reads, or that the gradients it reads come from;
   * `across` also in that of others that read the same value, or whose values the losses judge. Says whether any node has
   * found its place.
   */
  down(across: boolean): boolean {
    const before = this.places.size;
    for (const node of this.open) {
      const to = this.step.layerOf(node) ?? this.inherited(node);
      if (to === undefined) continue;
      const inputs = node.inputs.map((input) => this.places.get(input));
      const summed = inputs.some(
        (p) => p?.kind === "update" && p.part === "gradient" && p.network === to.network,
      );
      const found = new Set(inputs.flatMap((place) => this.application(place, to)));
      if (across && found.size === 0) for (const a of this.beside(node, to)) found.add(a);
      if (across && found.size === 0) for (const a of this.judged(node, to)) found.add(a);
      const [application, ...others] = found;
      if (summed || others.length > 0)
        this.places.set(node, { kind: "update", network: to.network, part: "gradient" });
      else if (application !== undefined)
        this.places.set(node, { kind: "backward", application, layer: to.layer.id });
    }
    return this.places.size > before;
  }

  /** Those that read no value of their own application: where what reads them is. */
  up(): void {
    for (const node of this.open.toReversed()) {
      const to = this.step.layerOf(node);
      if (to === undefined) continue;
      for (const reader of this.step.readers.get(node) ?? []) {
        const place = this.places.get(reader);
        if (place?.kind !== "backward" || place.application.network !== to.network) continue;
        this.places.set(node, { ...place, layer: to.layer.id });
      }
    }
  }

  private inherited(node: Node): LayerOf | undefined {
    const before = node.inputs.flatMap((input) => {
      const place = this.places.get(input);
      return place?.kind === "backward" ? [place] : [];
    });
    const [place] = before;
    if (place === undefined || new Set(before.map((p) => p.application)).size > 1) return undefined;
    const { network } = place.application;
    const layer = network.layers.find(({ id }) => id === place.layer);
    return layer === undefined ? undefined : { network, layer };
  }

  /** The applications of the nodes of the same layer that read what the node reads. */
  private beside(node: Node, { network, layer }: LayerOf): readonly Application[] {
    const read = node.inputs.filter((input) => !this.step.learnt.has(input));
    const others = read.flatMap((input) => this.step.readers.get(input) ?? []);
    return others.flatMap((other) => {
      const place = this.places.get(other);
      if (place?.kind !== "backward" && place?.kind !== "forward") return [];
      const isSame = place.application.network === network && place.layer === layer.id;
      return isSame ? [place.application] : [];
    });
  }

  /** The applications whose values the losses judge that the node's gradient comes from. */
  private judged(node: Node, { network }: LayerOf): readonly Application[] {
    const found = new Set<Application>();
    const seen = new Set<Node>();
    const open = [...node.inputs];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const place = this.places.get(next);
      if (place?.kind === "forward" && place.application.network === network)
        found.add(place.application);
      const isJudging = place === undefined || place.kind === "loss";
      if (isJudging && !seen.has(next)) open.push(...next.inputs);
      seen.add(next);
    }
    return [...found];
  }

  /** Values flow down a network and gradients up: others come from another application of it. */
  private application(place: Place | undefined, to: LayerOf): readonly Application[] {
    if (place?.kind !== "forward" && place?.kind !== "backward") return [];
    if (place.application.network !== to.network) return [];
    const isNear =
      place.kind === "forward" ? place.layer <= to.layer.id : place.layer >= to.layer.id;
    return isNear ? [place.application] : [];
  }
}

/** What starts the gradients: with the first player that it does it for. */
const placeObjectives = (model: Model, step: Step, places: Places): void => {
  const players = playersOf(model, step, places);
  for (const node of step.nodes) {
    const player = model.players[players.get(node) ?? 0];
    if (!places.has(node) && node.operator !== "constant" && player !== undefined)
      places.set(node, { kind: "objective", player: player.name });
  }
};

/** Constants stand with the first that reads them. */
const placeConstants = ({ nodes, readers }: Step, places: Places): void => {
  for (const node of nodes) {
    const [reader] = readers.get(node) ?? [];
    const place = reader === undefined ? undefined : places.get(reader);
    if (!places.has(node) && place !== undefined) places.set(node, place);
  }
};

export interface Placed {
  /** Each after its inputs. */
  readonly nodes: readonly Node[];
  readonly places: ReadonlyMap<Node, Place>;
  /** `G(F(y))` */
  readonly names: ReadonlyMap<Application, string>;
}

/** The place of every node of a model's step. */
export const placesOf = (model: Model, graph: Graph): Placed => {
  const step = readStep(model, graph);
  const places: Places = new Map();
  placeDraws(step, places);
  placeHistories(model, step, places);
  const applications = placeForward(model, step, places);
  placeLosses(graph, step, places);
  placeUpdates(model, graph, step, places);
  placeWeights(model, step, places);
  const backward = new Backward(step, places);
  backward.squares();
  backward.down(false);
  backward.up();
  while (backward.down(true));
  placeObjectives(model, step, places);
  placeConstants(step, places);
  return { nodes: step.nodes, places, names: applications };
};
