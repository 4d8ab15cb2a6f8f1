/**
 * Lays out a picture with the Eclipse Layout Kernel: layers from top to bottom, arrows along right
 * angles.
 */
import ELK, { type ElkExtendedEdge, type ElkNode } from "elkjs/lib/elk.bundled.js";
import { boxSize, FONT, PAD, type Size, textWidth } from "./measure.js";
import type { Arrow, Box, Picture } from "./picture.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Point, Size {
  readonly box: Box;
}

export interface PlacedArrow {
  readonly arrow: Arrow;
  /** At least two points, the last at the arrow's tip. */
  readonly path: readonly Point[];
  /** The label's top left corner. */
  readonly label?: Point;
}

export interface Layout extends Size {
  /** Groups come before their contents. */
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
}

const OPTIONS: Readonly<Record<string, string>> = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.json.shapeCoords": "ROOT",
  "elk.json.edgeCoords": "ROOT",
  "elk.partitioning.activate": "true",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.spacing.nodeNodeBetweenLayers": "26",
  "elk.layered.spacing.edgeNodeBetweenLayers": "14",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "10",
  "elk.spacing.nodeNode": "26",
  "elk.spacing.edgeNode": "16",
  "elk.spacing.edgeEdge": "10",
  "elk.spacing.edgeLabel": "4",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
  // For the same picture on every run.
  "elk.randomSeed": "1",
};

/**
 * Options to give up, in turn, if the kernel fails, as it does with some partitions. The picture
 * stays correct without them.
 */
const FALLBACKS: readonly Readonly<Record<string, string>>[] = [
  {},
  { "elk.partitioning.activate": "false" },
  {
    "elk.partitioning.activate": "false",
    "elk.layered.considerModelOrder.strategy": "NONE",
    "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  },
];

const rankOptions = ({ rank }: Box): Readonly<Record<string, string>> =>
  rank === undefined ? {} : { "elk.partitioning.partition": String(rank) };

/** Makes a group large enough for its contents and the text above them. */
const groupOptions = (box: Box): Readonly<Record<string, string>> => {
  const { width, height } = boxSize(box);
  const padding = `[top=${height + PAD.y},left=${2 * PAD.x},bottom=${2 * PAD.x},right=${2 * PAD.x}]`;
  return {
    "elk.padding": padding,
    "elk.nodeSize.constraints": "MINIMUM_SIZE",
    "elk.nodeSize.minimum": `(${width}, ${height})`,
  };
};

const nodesIn = (picture: Picture, group: string | undefined): ElkNode[] =>
  picture.boxes
    .filter((box) => box.group === group)
    .map((box) => {
      const children = nodesIn(picture, box.id);
      return children.length === 0
        ? { id: box.id, ...boxSize(box), layoutOptions: rankOptions(box) }
        : { id: box.id, children, layoutOptions: groupOptions(box) };
    });

const edgeOf = ({ from, to, label }: Arrow, i: number): ElkExtendedEdge => ({
  id: `arrow ${i}`,
  sources: [from],
  targets: [to],
  labels:
    label === undefined ? [] : [{ text: label, width: textWidth(label) + 6, height: FONT.line }],
});

const placedBoxes = (picture: Picture, root: ElkNode): readonly PlacedBox[] => {
  const found = new Map<string, ElkNode>();
  const visit = (node: ElkNode): void => {
    found.set(node.id, node);
    node.children?.forEach(visit);
  };
  visit(root);
  return picture.boxes.map((box) => {
    const { x = 0, y = 0, width = 0, height = 0 } = found.get(box.id) ?? {};
    return { box, x, y, width, height };
  });
};

const placedArrow = (arrow: Arrow, edge: ElkExtendedEdge | undefined): PlacedArrow => {
  const section = edge?.sections?.[0];
  const path =
    section === undefined
      ? []
      : [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
  const label = edge?.labels?.[0];
  return label === undefined
    ? { arrow, path }
    : { arrow, path, label: { x: label.x ?? 0, y: label.y ?? 0 } };
};

/**
 * Runs the kernel, with fewer options on each attempt.
 * @throws the kernel's error on the last attempt
 */
const placed = async (picture: Picture, attempt = 0): Promise<ElkNode> => {
  // Built anew each time, because the kernel writes into its input.
  const graph: ElkNode = {
    id: "",
    layoutOptions: { ...OPTIONS, ...FALLBACKS[attempt] },
    children: nodesIn(picture, undefined),
    edges: picture.arrows.map(edgeOf),
  };
  try {
    return await new ELK.default().layout(graph);
  } catch (error) {
    if (attempt + 1 >= FALLBACKS.length) throw error;
    return placed(picture, attempt + 1);
  }
};

/** Lays out a picture. The same picture gives the same layout. */
export const layout = async (picture: Picture): Promise<Layout> => {
  const root = await placed(picture);
  return {
    width: root.width ?? 0,
    height: root.height ?? 0,
    boxes: placedBoxes(picture, root),
    arrows: picture.arrows.map((arrow, i) => placedArrow(arrow, root.edges?.[i])),
  };
};
