/** Draws one network layer by layer: blocks as groups, repeated ones once, shapes on the arrows. */
import { areaText, measureText } from "../../base/sides.js";
import type { LayerNode, Model, Network } from "../../program/model.js";
import { counted, layerText, learnt, shapeText, signatureText, thousands } from "../text/words.js";
import { family, fold, type Item, standIns } from "./fold.js";
import type { Arrow, Box, Key, Picture } from "./picture.js";
import type { PlaceOf } from "./places.js";

const OUTPUT = "output";

/** Names the box of an input or a layer; ids count inputs first. */
const idOf = ({ inputs }: Network, id: number): string =>
  id < inputs.length ? `input ${id}` : `layer ${id}`;

const isJoin = (layer: LayerNode): boolean => layer.inputs.length > 1;

class Boxes {
  readonly boxes: Box[] = [];
  readonly layers: LayerNode[] = [];

  constructor(
    private readonly network: Network,
    private readonly placeOf: PlaceOf,
  ) {}

  add(items: readonly Item[], group: string | undefined): void {
    for (const item of items) {
      if (item.kind === "layer") this.layer(item.layer, group);
      else if (item.kind === "block") this.group(item, item.name, group, item.items);
      else this.run(item, group);
    }
  }

  private layer(layer: LayerNode, group: string | undefined): void {
    this.layers.push(layer);
    const size = learnt([layer]);
    this.boxes.push({
      id: idOf(this.network, layer.id),
      kind: isJoin(layer) ? "join" : "layer",
      title: layerText(layer),
      notes: size === 0 ? [] : [counted(size, "parameter")],
      tip: `${this.network.name}.${layer.path}, sees ${areaText(layer.field)} pixels\n${this.placeOf(layer.span)}`,
      ...(group === undefined ? {} : { group }),
    });
  }

  /** Draws the first part of a run. */
  private run(run: Extract<Item, { kind: "run" }>, group: string | undefined): void {
    const [only] = run.items;
    const isBlock = run.items.length === 1 && only?.kind === "block";
    const title = isBlock ? `${family(only.name)} x ${run.count}` : `x ${run.count}`;
    this.group(run, title, group, isBlock ? only.items : run.items);
  }

  private group(
    { layers }: Item,
    title: string,
    group: string | undefined,
    items: readonly Item[],
  ): void {
    const [first] = layers;
    if (first === undefined) return;
    const id = `group ${this.boxes.length}`;
    const size = learnt(layers);
    this.boxes.push({
      id,
      kind: "group",
      title,
      notes: size === 0 ? [] : [counted(size, "parameter")],
      tip: `layers ${first.path} to ${layers.at(-1)?.path}\n${this.placeOf(first.span)}`,
      ...(group === undefined ? {} : { group }),
    });
    this.add(items, id);
  }
}

const arrowsOf = (network: Network, items: readonly Item[], shown: readonly LayerNode[]) => {
  const stand = standIns(items);
  const shapes = [...network.inputs, ...network.layers.map(({ shape }) => shape)];
  const arrow = (from: number, to: string): Arrow => ({
    from: idOf(network, stand.get(from) ?? from),
    to,
    kind: "value",
    label: shapeText(shapes[from] ?? []),
  });
  return [
    ...shown.flatMap((layer) => layer.inputs.map((input) => arrow(input, idOf(network, layer.id)))),
    arrow(network.last, OUTPUT),
  ];
};

const legend: readonly Key[] = [
  { box: "layer", meaning: "a layer" },
  { box: "join", meaning: "joins several values" },
  { box: "group", meaning: "a block; `x 9`: nine in a row, drawn once" },
  { arrow: "value", meaning: "height x width x channels" },
];

/** Builds the picture of a network's layers. */
export const networkPicture = (model: Model, network: Network, placeOf: PlaceOf): Picture => {
  const items = fold(network);
  const drawn = new Boxes(network, placeOf);
  drawn.add(items, undefined);
  const end = (id: string, title: string): Box => ({ id, kind: "data", title });
  return {
    title: signatureText(network),
    notes: [
      `${model.name}, ${counted(network.layers.length, "layer")}, ${thousands(network.size)} parameters, receptive field ${measureText(network.receptiveField)}`,
    ],
    legend,
    boxes: [
      ...network.from.map((domain, i) => end(idOf(network, i), domain)),
      ...drawn.boxes,
      end(OUTPUT, network.to),
    ],
    arrows: arrowsOf(network, items, drawn.layers),
  };
};
