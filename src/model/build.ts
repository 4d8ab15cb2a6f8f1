/** From a checked program to the model. */
import type { Span } from "../base/source.js";
import type { Checked, CheckedNet } from "../types/check.js";
import { reached, summands } from "../types/term.js";
import { domainName, inputsOf } from "../types/value.js";
import type { Model, Network, NetworkParameter, Player } from "./model.js";
import { stabilise } from "./stable.js";

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const network = ({ net, inputs, output, nodes, last, field }: CheckedNet): Network => {
  const parameters = nodes.flatMap((node): readonly NetworkParameter[] =>
    node.parameters.map(({ name, shape }) => ({ name: `${net.name}.${node.path}.${name}`, shape })),
  );
  return {
    name: net.name,
    from: inputsOf(net.from).map(domainName),
    to: domainName(net.to),
    inputs,
    output,
    layers: nodes,
    last,
    parameters,
    size: parameters.reduce((sum, { shape }) => sum + product(shape), 0),
    receptiveField: field,
    span: net.span,
  };
};

const player = (checked: Checked["players"][number], quote: (span: Span) => string): Player => ({
  name: `${checked.sense}${checked.networks.join("")}`,
  sense: checked.sense,
  networks: checked.networks,
  summands: summands(checked.objective).map((term) => ({
    text: quote(term.span),
    term: stabilise(term),
    reaches: [...reached(term)],
  })),
  span: checked.span,
});

/** The last part of a path, without `.gan`. */
export const specName = (file: string): string =>
  (file.split("/").pop() ?? file).replace(/\.gan$/, "");

export const buildModel = (
  checked: Checked,
  file: string,
  quote: (span: Span) => string,
): Model => ({
  name: specName(file),
  file,
  params: checked.params.map(({ declaration, value }) => ({
    name: declaration.name.text,
    type: declaration.type.kind === "named" ? (declaration.type.name as "Int") : "Real",
    value,
    span: declaration.name.span,
  })),
  domains: checked.domains.map(({ name, sampler, shape, range, span }) => ({
    name,
    kind: sampler,
    shape,
    range,
    span,
  })),
  networks: checked.networks.map(network),
  players: checked.players.map((p) => player(p, quote)),
  recipe: checked.recipe,
});
