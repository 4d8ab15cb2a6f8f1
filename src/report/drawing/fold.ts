/** Groups a network's layers into nested blocks and folds runs of equal ones. */
import type { LayerNode, Network } from "../../program/model.js";

export interface Run {
  readonly kind: "run";
  readonly count: number;
  /** The items of the first part. */
  readonly items: readonly Item[];
  /** The layers of all parts. */
  readonly layers: readonly LayerNode[];
}

export interface Block {
  readonly kind: "block";
  /** For example `R_3`. */
  readonly name: string;
  readonly items: readonly Item[];
  readonly layers: readonly LayerNode[];
}

export type Item =
  | Block
  | Run
  | { readonly kind: "layer"; readonly layer: LayerNode; readonly layers: readonly LayerNode[] };

/** Strips the number of a repeated block: `R_3` gives `R`. */
export const family = (name: string): string => name.replace(/_\d+$/, "");

/** Most items in the repeated part of a run. */
const LONGEST = 24;

/**
 * Describes a layer by what it computes, independent of its place: inputs are counted back from the
 * layer.
 */
const layerSignature = ({ id, kind, options, inputs, shape, parameters }: LayerNode): string =>
  JSON.stringify([kind, options, inputs.map((input) => id - input), shape, parameters]);

const signature = (item: Item): string => {
  if (item.kind === "layer") return layerSignature(item.layer);
  const name = item.kind === "block" ? family(item.name) : String(item.count);
  return `${item.kind} ${name} [${item.items.map(signature).join(", ")}]`;
};

class Folding {
  /** For each layer, the last layer that reads it. */
  private readonly readUntil = new Map<number, number>();

  constructor(network: Network) {
    for (const layer of network.layers)
      for (const input of layer.inputs) this.readUntil.set(input, layer.id);
    this.readUntil.set(network.last, Number.POSITIVE_INFINITY);
  }

  /** Groups layers of one scope; `depth` names of their paths are already used. */
  items(layers: readonly LayerNode[], depth: number): readonly Item[] {
    const items: Item[] = [];
    for (let from = 0; from < layers.length; ) {
      const layer = layers[from] as LayerNode;
      const path = layer.path.split(".");
      const scope = path[depth] ?? "";
      if (path.length === depth + 1) {
        items.push({ kind: "layer", layer, layers: [layer] });
        from++;
        continue;
      }
      let to = from;
      while (layers[to]?.path.split(".")[depth] === scope) to++;
      const inside = layers.slice(from, to);
      const block = { name: scope, items: this.items(inside, depth + 1), layers: inside };
      items.push({ kind: "block", ...block });
      from = to;
    }
    return this.folded(items);
  }

  private folded(items: readonly Item[]): readonly Item[] {
    const signatures = items.map(signature);
    const folded: Item[] = [];
    for (let at = 0; at < items.length; ) {
      const { period, count } = this.longest(items, signatures, at);
      const all = items.slice(at, at + period * count);
      const layers = all.flatMap((item) => item.layers);
      const isRun = count > 1;
      folded.push(
        ...(isRun ? [{ kind: "run" as const, count, items: all.slice(0, period), layers }] : all),
      );
      at += period * count;
    }
    return folded;
  }

  /**
   * Finds the run from an item on that folds the most items; in a tie, the one with the shortest
   * part.
   */
  private longest(items: readonly Item[], signatures: readonly string[], at: number) {
    let best = { period: 1, count: 1 };
    const room = Math.min(LONGEST, Math.floor((items.length - at) / 2));
    for (let period = 1; period <= room; period++) {
      let equal = 0;
      while (
        at + period + equal < items.length &&
        signatures[at + equal] === signatures[at + period + equal]
      )
        equal++;
      let count = 1 + Math.floor(equal / period);
      while (count > 1 && !this.isClosed(items, at, period, count)) count--;
      if (period * (count - 1) > best.period * (best.count - 1)) best = { period, count };
    }
    return best;
  }

  /**
   * Tells whether later layers read only the last part of a run. The other parts do not appear in
   * the picture.
   */
  private isClosed(items: readonly Item[], at: number, period: number, count: number): boolean {
    const before = items.slice(at, at + period * (count - 1)).flatMap((item) => item.layers);
    const end = items[at + period * count - 1]?.layers.at(-1)?.id ?? 0;
    return before.every((layer) => (this.readUntil.get(layer.id) ?? 0) <= end);
  }
}

/**
 * Groups the layers of a network into blocks. A run of at least two equal parts becomes one item.
 */
export const fold = (network: Network): readonly Item[] =>
  new Folding(network).items(network.layers, 0);

/** Maps every layer to the one drawn for it: its counterpart in the first part of its run. */
export const standIns = (items: readonly Item[]): ReadonlyMap<number, number> => {
  const found = new Map<number, number>();
  const visit = (item: Item): void => {
    if (item.kind === "layer") return;
    item.items.forEach(visit);
    if (item.kind === "block") return;
    const period = item.layers.length / item.count;
    item.layers.forEach((layer, i) => {
      const first = item.layers[i % period] as LayerNode;
      found.set(layer.id, found.get(first.id) ?? first.id);
    });
  };
  items.forEach(visit);
  return found;
};

/**
 * A stretch of a network at its top level, whatever its sizes: `c7s1`, `d` twice, `R` nine times, a
 * tail of layers.
 */
export interface Stretch {
  readonly name: string;
  readonly count: number;
  readonly layers: readonly LayerNode[];
}

interface Section {
  /** Name of the block without its number; undefined for layers outside of blocks. */
  readonly family: string | undefined;
  readonly kinds: string;
  readonly layers: readonly LayerNode[];
}

const sections = (network: Network): readonly Section[] => {
  const tops: { top: string | undefined; layers: LayerNode[] }[] = [];
  for (const layer of network.layers) {
    const [name = "", ...rest] = layer.path.split(".");
    const top = rest.length === 0 ? undefined : name;
    const last = tops.at(-1);
    if (last !== undefined && last.top === top) last.layers.push(layer);
    else tops.push({ top, layers: [layer] });
  }
  return tops.map(({ top, layers }) => ({
    family: top === undefined ? undefined : family(top),
    kinds: layers.map((layer) => layer.kind).join(", "),
    layers,
  }));
};

/** Most kinds of layers in the name of a stretch that has no other. */
const NAMED = 3;

const tailName = (kinds: string): string => {
  const all = kinds.split(", ");
  return all.length <= NAMED
    ? kinds
    : `${all.slice(0, NAMED).join(", ")} + ${all.length - NAMED} more`;
};

/**
 * Splits a network into stretches. Neighbouring blocks of one name and the same kinds of layers
 * form one stretch, whatever their sizes.
 */
export const stretches = (network: Network): readonly Stretch[] => {
  const found: (Stretch & { readonly key: string })[] = [];
  for (const { family: name, kinds, layers } of sections(network)) {
    const key = name === undefined ? "" : `${name} ${kinds}`;
    const last = found.at(-1);
    if (last !== undefined && name !== undefined && last.key === key)
      found[found.length - 1] = {
        ...last,
        count: last.count + 1,
        layers: [...last.layers, ...layers],
      };
    else found.push({ key, name: name ?? tailName(kinds), count: 1, layers });
  }
  return found;
};

export const stretchText = ({ name, count }: Stretch): string =>
  count === 1 ? name : `${name} x ${count}`;
