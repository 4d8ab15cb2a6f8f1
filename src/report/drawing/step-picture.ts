/**
 * Draws a training step with its derivatives, folded: one box for each application of a network in
 * each direction.
 */
import { bytesText } from "../../base/bytes.js";
import { type Graph, type Node, sizeOf } from "../../graph/graph.js";
import { optimizers } from "../../operators/optimizers.js";
import { type LayerNode, type Model, type Network, optimizerOf } from "../../program/model.js";
import { writtenDomain } from "../../program/nameless.js";
import { type Draw, planStep } from "../../program/plan.js";
import { drawText } from "../../program/text.js";
import { counted, shapeText } from "../text/words.js";
import { type Stretch, stretches, stretchText } from "./fold.js";
import type { Arrow, ArrowKind, Box, Key, Picture, Row } from "./picture.js";
import type { PlaceOf } from "./places.js";
import { type Place, type Placed, placesOf, type UpdatePart } from "./step-places.js";

/** Number of operators that a box and its tooltip name. */
const SHOWN = { box: 3, tip: 12 } as const;
/** Bytes of one number: programs compute in single precision. */
const BYTES = 4;

/** Ranks from top to bottom. */
const RANK: Readonly<Record<Place["kind"], number>> = {
  draw: 0,
  history: 1,
  forward: 1,
  loss: 2,
  objective: 3,
  backward: 4,
  update: 5,
};

type ApplicationPlace = Extract<Place, { kind: "forward" | "backward" }>;

/**
 * Tells whether data flow from the network's input to its output. A second derivative flows this
 * way again.
 */
const isDownwards = ({ kind, slopes }: ApplicationPlace): boolean =>
  (slopes + (kind === "backward" ? 1 : 0)) % 2 === 0;

const inputRow = (nodes: readonly Node[]): Row => {
  // Images in the graph are [n, c, h, w].
  const [, c = 1, h = 1, w = 1] = nodes.at(-1)?.shape ?? [];
  return {
    cells: ["input", counted(nodes.length, "node"), shapeText([h, w, c])],
    tip: operatorsText(nodes, SHOWN.tip),
  };
};

/** Words an application, for example `d grad D(x)`. */
const applicationTitle = ({ kind, slopes, application }: ApplicationPlace): string =>
  `${kind === "backward" ? "d " : ""}${"grad ".repeat(slopes)}${application.name}`;

const idOf = (place: Place): string => {
  switch (place.kind) {
    case "draw":
      return `draw ${place.draw}`;
    case "history":
      return `history ${place.key}`;
    case "forward":
    case "backward":
      return `application ${applicationTitle(place)}`;
    case "loss":
      return `loss ${place.label}`;
    case "objective":
      return `objective ${place.player}`;
    case "update":
      return `update ${place.network.name}`;
  }
};

/** Words the operators, the most frequent first: `matmul 144, reshape 120, add 36, …`. */
const operatorsText = (nodes: readonly Node[], most: number): string => {
  const counts = new Map<string, number>();
  for (const { operator } of nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  const all = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const shown = all.slice(0, most).map(([operator, count]) => `${operator} ${count}`);
  return [...shown, ...(all.length > most ? ["…"] : [])].join(", ");
};

/** Words an amount of data: `25 values, 43.4 MiB`. */
const amount = (values: readonly Node[]): string => {
  const bytes = values.reduce((sum, { shape }) => sum + BYTES * sizeOf(shape), 0);
  return `${counted(values.length, "value")}, ${bytesText(bytes)}`;
};

interface Group {
  readonly id: string;
  readonly place: Place;
  readonly nodes: Node[];
}

const groupsIn = ({ nodes, places }: Placed): ReadonlyMap<string, Group> => {
  const groups = new Map<string, Group>();
  for (const node of nodes) {
    const place = places.get(node);
    if (place === undefined) continue;
    const id = idOf(place);
    const group = groups.get(id) ?? { id, place, nodes: [] };
    group.nodes.push(node);
    groups.set(id, group);
  }
  return groups;
};

class Boxes {
  private readonly draws: readonly Draw[];

  constructor(
    private readonly model: Model,
    private readonly placed: Placed,
    private readonly placeOf: PlaceOf,
  ) {
    this.draws = planStep(model).draws;
  }

  box({ id, place, nodes }: Group): Box {
    const common = {
      id,
      rank: RANK[place.kind],
      notes: [counted(nodes.length, "node"), operatorsText(nodes, SHOWN.box)],
      tip: operatorsText(nodes, SHOWN.tip),
    };
    switch (place.kind) {
      case "draw": {
        const draw = this.draws.find(({ key }) => key === place.draw);
        const { domain: of = place.draw, slot, isPartial } = draw ?? {};
        const domain = this.model.domains.find((d) => d.name === of);
        const shape = shapeText([this.model.recipe.batch, ...(domain?.shape ?? [])]);
        const text = drawText(of, slot);
        const from = isPartial === true ? `pairs with ${of}` : of;
        const title = writtenDomain(of) === of ? `${text} ~ ${from}` : text;
        return { ...common, kind: "data", title, notes: [shape] };
      }
      case "history":
        return { ...common, kind: "history", title: place.name };
      case "loss":
        return { ...common, kind: "loss", title: place.label };
      case "objective": {
        return { ...common, kind: "loss", title: `d of ${this.player(place.player)}` };
      }
      case "forward":
      case "backward": {
        const { network } = place.application;
        const title = applicationTitle(place);
        const rows = this.rows(place, nodes);
        const notes = [...common.notes, ...this.kept(place, nodes)];
        const kind = place.slopes > 0 ? "backward" : place.kind;
        return { ...common, kind, hue: this.hue(network), title, notes, rows };
      }
      case "update": {
        const title = this.updateTitle(place.network, nodes);
        const rows = this.parts(place.network, nodes);
        return { ...common, kind: "update", hue: this.hue(place.network), title, rows };
      }
    }
  }

  /** Words how much a derivative keeps of the values computed before it. */
  private kept({ kind }: Place, nodes: readonly Node[]): readonly string[] {
    const kinds = ["draw", "history", "forward"];
    const kept = new Set(
      nodes
        .flatMap((node) => node.inputs)
        .filter((input) => kinds.includes(this.placed.places.get(input)?.kind ?? "")),
    );
    return kind === "forward" ? [] : [`keeps ${amount([...kept])}`];
  }

  private player(name: string): string {
    const player = this.model.players.find((p) => p.name === name);
    return player === undefined ? name : `${player.sense}[${player.networks.join(", ")}]`;
  }

  private hue(network: Network): number {
    return this.model.networks.indexOf(network);
  }

  /**
   * Returns a row for each stretch of a network in order of computation, preceded by the formula
   * that computes its input.
   */
  private rows(place: ApplicationPlace, nodes: readonly Node[]): readonly Row[] {
    const { network } = place.application;
    const byLayer = new Map<number | undefined, Node[]>();
    for (const node of nodes) {
      const found = this.placed.places.get(node);
      const layer = found?.kind === place.kind ? found.layer : undefined;
      byLayer.set(layer, [...(byLayer.get(layer) ?? []), node]);
    }
    const rows = stretches(network)
      // A nested network has a box of its own.
      .filter(({ layers }) => layers.some(({ owner }) => owner === undefined))
      .map((stretch) =>
        this.row(
          place,
          stretch,
          stretch.layers.flatMap(({ id }) => byLayer.get(id) ?? []),
        ),
      );
    const formula = byLayer.get(undefined) ?? [];
    const all = formula.length === 0 ? rows : [inputRow(formula), ...rows];
    return isDownwards(place) ? all : all.toReversed();
  }

  private row(place: ApplicationPlace, stretch: Stretch, nodes: readonly Node[]): Row {
    const { network } = place.application;
    const [first, last] = [stretch.layers[0], stretch.layers.at(-1)];
    const input = network.layers.find(({ id }) => id === (first?.id ?? 0) - 1);
    const shape = isDownwards(place) ? last?.shape : (input?.shape ?? network.inputs[0]);
    const path = ({ path: p }: LayerNode): string => `${network.name}.${p}`;
    const where = first === undefined ? "" : this.placeOf(first.span);
    const range =
      first === undefined || last === undefined ? "" : `${path(first)} to ${path(last)}`;
    return {
      cells: [stretchText(stretch), counted(nodes.length, "node"), shapeText(shape ?? [])],
      tip: [range, operatorsText(nodes, SHOWN.tip), where].filter((line) => line !== "").join("\n"),
    };
  }

  /**
   * Words the title of a network's weights. A network that no player of the phase trains has no
   * update.
   */
  private updateTitle({ name }: Network, nodes: readonly Node[]): string {
    const isUpdated = nodes.some((node) => {
      const place = this.placed.places.get(node);
      return place?.kind === "update" && place.part !== "prepared";
    });
    return `${name}: weights${isUpdated ? " and update" : ""}`;
  }

  private parts(network: Network, nodes: readonly Node[]): readonly Row[] {
    const { kind } = optimizerOf(this.model.recipe, network.name);
    const words: Readonly<Record<UpdatePart, string>> = {
      prepared: "weights, as layers need them",
      gradient: "gradients, summed",
      moved: optimizers.get(kind)?.title ?? kind,
      average: "moving average",
    };
    return (Object.keys(words) as UpdatePart[]).flatMap((part) => {
      const own = nodes.filter((node) => {
        const place = this.placed.places.get(node);
        return place?.kind === "update" && place.part === part;
      });
      return own.length === 0
        ? []
        : [
            {
              cells: [words[part], counted(own.length, "node")],
              tip: operatorsText(own, SHOWN.tip),
            },
          ];
    });
  }
}

const isApplied = (place: Place): place is ApplicationPlace =>
  place.kind === "forward" || place.kind === "backward";

/** Tells whether a place belongs to a derivative, inside a loss or of one. */
const isDerivative = (place: Place): boolean =>
  place.kind === "backward" || (place.kind === "forward" && place.slopes > 0);

const arrowKind = (from: Place, to: Place): ArrowKind => {
  if (from.kind === "backward" || from.kind === "objective") return "gradient";
  if (isDerivative(to) && !isDerivative(from)) return from.kind === "loss" ? "value" : "kept";
  return to.kind === "backward" || to.kind === "objective" ? "kept" : "value";
};

/**
 * Tells whether an arrow is drawn. Left out are arrows from weights, which every application of the
 * network reads, and values kept for derivatives of another application: they would be more than an
 * eye can follow.
 */
const isDrawn = (from: Place, to: Place): boolean => {
  if (from.kind === "update") return false;
  if (!isApplied(to) || arrowKind(from, to) !== "kept") return true;
  return isApplied(from) && from.application === to.application;
};

interface Flow {
  readonly from: Place;
  readonly to: Place;
  readonly values: Set<Node>;
}

const flowsIn = ({ nodes, places }: Placed): readonly Flow[] => {
  const flows = new Map<string, Flow>();
  for (const node of nodes)
    for (const input of node.inputs) {
      const [from, to] = [places.get(input), places.get(node)];
      if (from === undefined || to === undefined || input.operator === "constant") continue;
      const [source, target] = [idOf(from), idOf(to)];
      if (source === target || !isDrawn(from, to)) continue;
      const flow = flows.get(`${source}\n${target}`) ?? { from, to, values: new Set<Node>() };
      flow.values.add(input);
      flows.set(`${source}\n${target}`, flow);
    }
  return [...flows.values()];
};

const arrowsIn = (placed: Placed): readonly Arrow[] =>
  flowsIn(placed).map(({ from, to, values }) => {
    const [first] = values;
    const shape = values.size === 1 ? `, ${shapeText(first?.shape ?? [])}` : "";
    const text = amount([...values]);
    return {
      from: idOf(from),
      to: idOf(to),
      kind: arrowKind(from, to),
      tip: shape === ", " ? text : `${text}${shape}`,
      ...(to.kind === "update" ? { label: text } : {}),
    };
  });

const legend: readonly Key[] = [
  { box: "data", meaning: "drawn from a domain" },
  { box: "history", meaning: "images of earlier steps, mixed in" },
  { box: "forward", meaning: "a network applied" },
  { box: "backward", meaning: "its derivative" },
  { box: "loss", meaning: "a loss, or where its derivative begins" },
  { box: "update", meaning: "weights of a network, which all its boxes read, and their update" },
  { arrow: "value", meaning: "values" },
  { arrow: "kept", meaning: "values kept for the derivative" },
  { arrow: "gradient", meaning: "gradients" },
];

/** Builds the folded picture of a model's step program. */
export const stepPicture = (model: Model, graph: Graph, placeOf: PlaceOf): Picture => {
  const placed = placesOf(model, graph);
  const groups = [...groupsIn(placed).values()];
  const boxes = new Boxes(model, placed, placeOf);
  return {
    title: graph.name,
    notes: [
      `${counted(placed.nodes.length, "node")} in ${counted(groups.length, "box", "boxes")}`,
      operatorsText(placed.nodes, SHOWN.tip),
    ],
    legend,
    boxes: groups.map((group) => boxes.box(group)),
    arrows: arrowsIn(placed),
  };
};
