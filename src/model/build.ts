/** From a checked program to the model. */
import type { Span } from "../base/source.js";
import { outputAxis } from "../operators/layers.js";
import { parameterName } from "../types/shapes/trace.js";
import type { Checked, CheckedNet } from "../types/values/checked.js";
import { children, reached, summands, type Term } from "../types/values/term.js";
import { domainName, inputsOf } from "../types/values/value.js";
import type {
  LayerNode,
  Model,
  NamedTerm,
  Network,
  NetworkParameter,
  Phase,
  Player,
} from "./model.js";
import { Names } from "./naming.js";
import { stabilise } from "./stable.js";

type CheckedPlayer = Checked["phases"][number]["players"][number];

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** For each weight that spectral normalisation divides, the vector that it finds the singular value by. */
const buffersOf = (network: string, nodes: readonly LayerNode[]): readonly NetworkParameter[] => {
  const found = nodes
    .filter(({ isSpectral }) => isSpectral)
    .flatMap((node) =>
      node.parameters
        .filter(({ name }) => name === "weight")
        .map(({ name, shape }) => ({
          name: `${parameterName(network, node, name)}.u`,
          shape: [shape[outputAxis(node.kind, shape.length)] ?? 1],
        })),
    );
  return [...new Map(found.map((buffer) => [buffer.name, buffer])).values()];
};

const network = ({ net, declaration, inputs, output, nodes, last, field }: CheckedNet): Network => {
  const parametersOf = (node: LayerNode): readonly NetworkParameter[] =>
    node.parameters.map(({ name, shape }) => ({
      name: parameterName(net.name, node, name),
      shape,
    }));
  // A network may stand inside more than once.
  const reads = [...new Map(nodes.flatMap(parametersOf).map((p) => [p.name, p])).values()];
  return {
    name: net.name,
    from: inputsOf(net.from).map(domainName),
    to: domainName(net.to),
    inputs,
    output,
    layers: nodes,
    last,
    parameters: nodes.filter(({ owner }) => owner === undefined).flatMap(parametersOf),
    reads,
    buffers: buffersOf(net.name, nodes),
    isFrozen: declaration.isFrozen,
    weights: declaration.weights?.text,
    weightsSpan: declaration.weights?.span,
    size: reads.reduce((sum, { shape }) => sum + product(shape), 0),
    receptiveField: field,
    span: net.span,
  };
};

/** How texts of the spec are shown. */
export interface Texts {
  /** As written, in one line. */
  readonly quote: (span: Span) => string;
  /** An expression as `ganc fmt` lays it out, in one line. */
  readonly format: (span: Span) => string;
}

/** What is neither a loss nor part of one and has a name or is a number by itself, the outer before the inner. */
const namedIn = (term: Term, from: number, { format }: Texts): readonly NamedTerm[] => {
  const found: NamedTerm[] = [];
  /** `isSum`: whether it is a sum of summands of the player; else it lies within one. Gives the summand behind it. */
  const visit = (t: Term, at: number, isSum: boolean): number => {
    const to = isSum ? at + summands(t).length : at + 1;
    const name = t.kind === "objective" ? t.name : t.kind === "mean" ? format(t.span) : undefined;
    if (name !== undefined) found.push({ name, term: stabilise(t), from: at, to });
    // The name of an objective says enough of an expectation that is all of it.
    const isNamed = t.kind === "objective" && t.body.kind === "mean";
    if (t.kind === "loss" || t.kind === "mean" || isNamed) return to;
    const stays = isSum && (t.kind === "objective" || summands(t).length > 1);
    let next = at;
    for (const child of children(t)) next = visit(child, stays ? next : at, stays);
    return to;
  };
  visit(term, from, true);
  return found;
};

const player = (
  checked: CheckedPlayer,
  texts: Texts,
  names: Names,
  aim: number | undefined,
): Player => ({
  name: names.of(String(checked.span.start), `${checked.sense}${checked.networks.join("")}`),
  sense: checked.sense,
  networks: checked.networks,
  summands: summands(checked.objective).map((term) => ({
    text: texts.quote(term.span),
    term: stabilise(term),
    reaches: [...reached(term)],
  })),
  named: namedIn(checked.objective, 0, texts),
  aim,
  span: checked.span,
});

const phasesOf = (checked: Checked, texts: Texts): readonly Phase[] => {
  const names = new Names();
  return checked.phases.map(({ times, players }) => ({
    times,
    players: players.map((one) => player(one, texts, names, checked.aims.get(one))),
  }));
};

/** The last part of a path, without `.gan`. */
export const specName = (file: string): string =>
  (file.split("/").pop() ?? file).replace(/\.gan$/, "");

export const buildModel = (checked: Checked, file: string, texts: Texts): Model => {
  const phases = phasesOf(checked, texts);
  return {
    name: specName(file),
    file,
    params: checked.params.map(({ declaration, type, value }) => ({
      name: declaration.name.text,
      type,
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
    phases,
    players: phases.flatMap(({ players }) => players),
    recipe: checked.recipe,
  };
};
