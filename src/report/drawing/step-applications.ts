/** Finds the applications of networks in a training step, by the provenance of its nodes. */
import type { Node } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import type { Model, Network } from "../../program/model.js";
import { Names } from "../../program/naming.js";

/** A network applied to one value, or to several in one batch. */
export interface Application {
  readonly network: Network;
  /** For example `G(F(y))`, or `G(x), G(F(y))`. Unique in the step. */
  readonly name: string;
}

/** Most characters of one application's name; formulas can be long. */
const LONGEST = 48;

const shortened = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;

/** Maps each part to those that share a node with it: they are computed in one batch. */
const together = (nodes: readonly Node[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const groups = new Map<string, ReadonlySet<string>>();
  for (const of of new Set(nodes.map(({ provenance }) => provenance?.of ?? []))) {
    const group = new Set(of.flatMap((part) => [...(groups.get(part) ?? [part])]));
    for (const member of group) groups.set(member, group);
  }
  return groups;
};

/** Returns the network of a part and the text of its application. */
const readPart = (
  { networks }: Model,
  part: string,
): { readonly network: Network; readonly text: string } | undefined => {
  const network = networks.find(({ name }) => part.startsWith(names.applicationPart(name, "")));
  if (network === undefined) return undefined;
  return { network, text: part.slice(names.applicationPart(network.name, "").length) };
};

/** Maps the parts that nodes name to applications. */
export const applicationsIn = (
  model: Model,
  nodes: readonly Node[],
): ReadonlyMap<string, Application> => {
  const found = new Map<string, Application>();
  const unique = new Names();
  for (const group of new Set(together(nodes).values())) {
    const parts = [...group].flatMap((part) => readPart(model, part) ?? []);
    const [first] = parts;
    if (first === undefined) continue;
    const wish = parts.map(({ text }) => shortened(text)).join(", ");
    const application = { network: first.network, name: unique.of([...group].join(), wish) };
    for (const part of group) found.set(part, application);
  }
  return found;
};
