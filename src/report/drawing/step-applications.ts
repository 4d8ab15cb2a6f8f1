/** The applications of networks in a step, by what its nodes say that they are part of. */
import type { Node } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import type { Model, Network } from "../../program/model.js";
import { Names } from "../../program/naming.js";

/** A network applied to one value, or to several at once. */
export interface Application {
  readonly network: Network;
  /** `G(F(y))`, or `G(x), G(F(y))`; unique in the step. */
  readonly name: string;
}

/** Characters of the name of one application: formulas can be long. */
const LONGEST = 48;

const shortened = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;

/** Each part with those that some node is part of together with it: what is computed in one batch. */
const together = (nodes: readonly Node[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const groups = new Map<string, ReadonlySet<string>>();
  for (const of of new Set(nodes.map(({ provenance }) => provenance?.of ?? []))) {
    const group = new Set(of.flatMap((part) => [...(groups.get(part) ?? [part])]));
    for (const member of group) groups.set(member, group);
  }
  return groups;
};

/** The network that a part is an application of, and what it is called. */
const readPart = (
  { networks }: Model,
  part: string,
): { readonly network: Network; readonly text: string } | undefined => {
  const network = networks.find(({ name }) => part.startsWith(names.applicationPart(name, "")));
  if (network === undefined) return undefined;
  return { network, text: part.slice(names.applicationPart(network.name, "").length) };
};

/** The applications of a step by the parts that nodes name. */
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
