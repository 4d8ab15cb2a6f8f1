/** Where in the spec a value of a program comes from, in words: `the layer self_attention of G (cyclegan.gan:3:34)`. */
import type { Span } from "../../base/source.js";
import type { Node } from "../../graph/graph.js";
import type { LayerNode, Model } from "../../program/model.js";

export interface Places {
  readonly model: Model;
  /** For example `cyclegan.gan:3:34`; whoever has no texts has none. */
  readonly locate?: ((span: Span) => string) | undefined;
}

/** `G.conv_2` of a forward value and of what is derived from it. */
const keyOf = ({ provenance, label }: Node): string | undefined =>
  provenance?.at?.includes(".") ? provenance.at : label?.replace(/^(?:d )+/, "");

interface Layer {
  readonly network: string;
  readonly path: string;
  readonly layer: LayerNode;
}

const layersOf = ({ networks }: Model): ReadonlyMap<string, Layer> =>
  new Map(
    networks.flatMap(({ name, layers }) =>
      layers.map((layer) => {
        const network = layer.owner?.network ?? name;
        const path = layer.owner?.path ?? layer.path;
        return [`${network}.${path}`, { network, path, layer }] as const;
      }),
    ),
  );

/** Nothing where it is part of no layer. */
export const layerOf = (node: Node, places: Places): string | undefined =>
  layerCalled(keyOf(node) ?? "", places);

/** The layer `G.R_3.conv` in words; nothing where there is no such layer. */
export const layerCalled = (key: string, { model, locate }: Places): string | undefined => {
  const found = layersOf(model).get(key);
  if (found === undefined) return undefined;
  const at = locate === undefined ? "" : ` (${locate(found.layer.span)})`;
  return `the layer \`${found.path}\` of ${found.network}${at}`;
};

const isDerived = ({ provenance, label }: Node): boolean =>
  (provenance?.derivatives ?? []).length > 0 || label?.startsWith("d ") === true;

/** Nothing where it cannot be told: losses have no provenance of their own. */
export const placeOf = (node: Node, places: Places): string | undefined => {
  const [part = ""] = node.provenance?.of ?? [];
  const network = /^network\/(.*)$/.exec(part)?.[1];
  if (network !== undefined) return `the update of ${network}`;
  const layer = layerOf(node, places);
  return isDerived(node) ? `the gradient of ${layer ?? "a loss"}` : layer;
};

/** The node that words of an engine tell of: they hold the name of a layer; of its values that of so many bytes, or the largest. */
export const nodeNamed = (
  words: string,
  nodes: readonly Node[],
  size: (node: Node) => number,
  bytes: number | undefined,
): Node | undefined => {
  const named = nodes.flatMap((node) => {
    const key = keyOf(node);
    const isNamed =
      key !== undefined && words.includes(key) && words.includes(`d ${key}`) === isDerived(node);
    return isNamed ? [{ node, key }] : [];
  });
  const longest = Math.max(0, ...named.map(({ key }) => key.length));
  const own = named.filter(({ key }) => key.length === longest).map(({ node }) => node);
  const fitting = own.filter((node) => size(node) === bytes);
  return (fitting.length > 0 ? fitting : own).reduce<Node | undefined>(
    (a, b) => (a !== undefined && size(a) >= size(b) ? a : b),
    undefined,
  );
};
