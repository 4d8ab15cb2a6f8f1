/** Provenances of whole steps: no pass loses one, and they agree with the labels. */
import { expect, test } from "@jest/globals";
import { type Node, nodesOf } from "../../src/graph/graph.js";
import * as names from "../../src/lowering/names.js";
import { heldStepPrograms, stepPrograms } from "../../src/lowering/programs.js";
import type { Model } from "../../src/program/model.js";
import { constructs } from "../support/constructs.js";
import { modelOf } from "../support/specs.js";

/**
 * For each network the beginnings of the parts that its layers may be: itself, and networks inside
 * of it.
 */
const startsOf = ({ networks }: Model): ReadonlyMap<string, readonly string[]> =>
  new Map(
    networks.map(({ name, layers }) => {
      const inner = layers.flatMap(({ owner }) => owner?.network ?? []);
      return [name, [name, ...inner].map((of) => names.applicationPart(of, ""))];
    }),
  );

/**
 * Labels of losses are those of what follows them, so only applications are asked; and a value
 * without a label has that of what follows, which may be a derivative of it.
 */
const isRight = (
  { label = "", provenance }: Node,
  starts: ReadonlyMap<string, readonly string[]>,
): boolean => {
  if (provenance === undefined) return false;
  const [, derived = "", network = ""] = /^((?:d )*)(\w+)\./.exec(label) ?? [];
  const applied = provenance.of.filter((part) => /^apply\//.test(part));
  const isOf = (part: string) => starts.get(network)?.some((start) => part.startsWith(start));
  const times = derived.length / "d ".length;
  return (
    applied.length === 0 || (applied.every(isOf) && (provenance.derivatives ?? []).length <= times)
  );
};

test.each(Object.keys(constructs))("%s: labels and provenances agree", (name) => {
  const model = modelOf(constructs[name] as string);
  const starts = startsOf(model);
  for (const graph of [
    ...stepPrograms(model),
    ...stepPrograms(model, { only: [] }),
    ...heldStepPrograms(model).graphs,
  ]) {
    const labelled = nodesOf(graph).filter(
      ({ label, operator }) => label !== undefined && operator !== "after",
    );
    const wrong = labelled.filter((node) => !isRight(node, starts));
    expect(
      wrong.map(({ operator, label, provenance }) => [operator, label, JSON.stringify(provenance)]),
    ).toEqual([]);
  }
});
