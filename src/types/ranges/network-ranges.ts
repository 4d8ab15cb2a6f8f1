/**
 * Where the values of networks lie. The rules stand in the table of layers; here they meet
 * networks.
 */
import { joins } from "../../operators/joins.js";
import { layers } from "../../operators/layers.js";
import { closed, type Range, reals } from "../../operators/range.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { type DomainType, inputsOf } from "../values/domain-type.js";

export const domainRange = (domain: DomainType): Range =>
  domain.kind === "domain" ? closed(...domain.range) : reals;

/**
 * The range of every node of a network by its number, inputs included. `given` are the inputs'
 * ranges, those of its domains by default.
 */
export const nodeRanges = (
  { net, nodes }: CheckedNet,
  given: readonly Range[] = inputsOf(net.from).map(domainRange),
): ReadonlyMap<number, Range> => {
  const ranges = new Map(given.map((range, input) => [input, range] as const));
  for (const node of nodes) {
    const [a = reals, ...others] = node.inputs.map((id) => ranges.get(id) ?? reals);
    const layer = layers.get(node.kind);
    const join = joins.get(node.kind);
    ranges.set(
      node.id,
      layer?.range(a, node.options) ?? (join === undefined ? reals : others.reduce(join.range, a)),
    );
  }
  return ranges;
};

/** Where each network's values lie, from the ranges of its nodes. */
export const outputRanges = (
  networks: readonly CheckedNet[],
  nodes: ReadonlyMap<string, ReadonlyMap<number, Range>>,
): ReadonlyMap<string, Range> =>
  new Map(networks.map(({ net, last }) => [net.name, nodes.get(net.name)?.get(last) ?? reals]));
