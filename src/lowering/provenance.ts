/** Provenance of the nodes of one application of a network. */
import type { Node } from "../graph/graph.js";
import { withProvenance } from "../graph/provenance.js";
import type { LayerNode, Network } from "../program/model.js";
import { applicationText } from "../program/text.js";
import { applicationPart } from "./names.js";

/**
 * Returns the path of the inner network that a layer belongs to: `Early` for `Early.c7s1.conv`,
 * empty for the network's own layers.
 */
const scopeOf = ({ path, owner }: LayerNode): string =>
  owner === undefined ? "" : path.slice(0, path.length - owner.path.length - 1);

const isWithin = (scope: string, outer: string): boolean =>
  scope === outer || outer === "" || scope.startsWith(`${outer}.`);

/** Provenance within one application. A network inside of it is an application of its own. */
export class Provenances {
  /** The formula of what each scope computes. */
  private readonly texts: Map<string, string>;
  private readonly scopes: readonly string[];
  /** Marks an input's formula as part of the application. */
  readonly ofInput: (value: Node) => Node;

  constructor(
    private readonly network: Network,
    private readonly called: readonly string[],
  ) {
    const text = applicationText(network.name, called);
    this.texts = new Map([["", text]]);
    this.scopes = network.layers.map(scopeOf);
    this.ofInput = withProvenance({ of: [applicationPart(network.name, text)] });
  }

  /** Marks the nodes of a layer. Call it in the order of the layers. */
  ofLayer(layer: LayerNode): (value: Node) => Node {
    const scope = scopeOf(layer);
    const text = this.texts.get(scope) ?? this.innerText(layer, scope);
    this.texts.set(scope, text);
    const network = layer.owner?.network ?? this.network.name;
    const at = `${network}.${layer.owner?.path ?? layer.path}`;
    return withProvenance({ of: [applicationPart(network, text)], at });
  }

  /**
   * `Early(x)`, the same wherever the network is applied to x; `Judge in D(x)` where it reads what
   * D is about to compute.
   */
  private innerText({ owner }: LayerNode, scope: string): string {
    const inputs = (owner?.inputs ?? []).map((id) => this.textOf(id, scope));
    const known = inputs.filter((text) => text !== undefined);
    if (known.length === inputs.length) return applicationText(owner?.network ?? "", known);
    const [outer, text] = [...this.texts]
      .filter(([other]) => isWithin(scope, other))
      .reduce((a, b) => (b[0].length > a[0].length ? b : a));
    return `${scope.slice(outer === "" ? 0 : outer.length + 1)} in ${text}`;
  }

  /** Names a value that a scope reads: an input, or the result of an inner network. */
  private textOf(id: number, scope: string): string | undefined {
    const from = this.scopes[id - this.called.length];
    if (from === undefined) return this.called[id];
    return isWithin(scope, from) ? undefined : this.texts.get(from);
  }
}
