/**
 * Words where in the spec a value of a program comes from: `the layer self_attention of G
 * (cyclegan.gan:3:34)`.
 */
import type { Span } from "../../base/source.js";
import type { Node } from "../../graph/graph.js";
import type { LayerNode, Model } from "../../program/model.js";

export interface Places {
  readonly model: Model;
  /** Finds a place, for example `cyclegan.gan:3:34`. Missing if there are no texts. */
  readonly locate?: ((span: Span) => string) | undefined;
}

/** Returns the key `G.conv_2` of a forward value and of its derivatives. */
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

/** Words the layer of a node; undefined if it belongs to none. */
export const layerOf = (node: Node, places: Places): string | undefined =>
  layerCalled(keyOf(node) ?? "", places);

/** Words the layer `G.R_3.conv`; undefined if there is none. */
export const layerCalled = (key: string, { model, locate }: Places): string | undefined => {
  const found = layersOf(model).get(key);
  if (found === undefined) return undefined;
  const at = locate === undefined ? "" : ` (${locate(found.layer.span)})`;
  return `the layer \`${found.path}\` of ${found.network}${at}`;
};

const isDerived = ({ provenance, label }: Node): boolean =>
  (provenance?.derivatives ?? []).length > 0 || label?.startsWith("d ") === true;

/**
 * Words the place of a node; undefined if unknown, since losses have no provenance of their own.
 */
export const placeOf = (node: Node, places: Places): string | undefined => {
  const [part = ""] = node.provenance?.of ?? [];
  const network = /^network\/(.*)$/.exec(part)?.[1];
  if (network !== undefined) return `the update of ${network}`;
  const layer = layerOf(node, places);
  return isDerived(node) ? `the gradient of ${layer ?? "a loss"}` : layer;
};

/**
 * Finds the node that an engine's message means: one whose layer's name it contains, and among its
 * values the one with that many bytes, or the largest.
 */
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
