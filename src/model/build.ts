/** From a checked program to the model. */
import type { Span } from "../base/source.js";
import type { Checked, CheckedNet } from "../types/checked.js";
import { reached, summands } from "../types/term.js";
import { parameterName } from "../types/trace.js";
import { domainName, inputsOf } from "../types/value.js";
import type { LayerNode, Model, Network, NetworkParameter, Phase, Player } from "./model.js";
import { Names } from "./naming.js";
import { stabilise } from "./stable.js";

type CheckedPlayer = Checked["phases"][number]["players"][number];

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Which axis of a weight counts the layer's outputs: the last, but for transposed convolutions. */
export const outputAxis = ({ kind }: Pick<LayerNode, "kind">, rank: number): number =>
  kind === "conv_transpose" ? 2 : rank - 1;

/** For each weight that spectral normalisation divides, the vector that it finds the singular value by. */
const buffersOf = (network: string, nodes: readonly LayerNode[]): readonly NetworkParameter[] => {
  const found = nodes
    .filter(({ isSpectral }) => isSpectral)
    .flatMap((node) =>
      node.parameters
        .filter(({ name }) => name === "weight")
        .map(({ name, shape }) => ({
          name: `${parameterName(network, node, name)}.u`,
          shape: [shape[outputAxis(node, shape.length)] ?? 1],
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
    size: reads.reduce((sum, { shape }) => sum + product(shape), 0),
    receptiveField: field,
    span: net.span,
  };
};

const player = (checked: CheckedPlayer, quote: (span: Span) => string, names: Names): Player => ({
  name: names.of(String(checked.span.start), `${checked.sense}${checked.networks.join("")}`),
  sense: checked.sense,
  networks: checked.networks,
  summands: summands(checked.objective).map((term) => ({
    text: quote(term.span),
    term: stabilise(term),
    reaches: [...reached(term)],
  })),
  span: checked.span,
});

const phasesOf = (checked: Checked, quote: (span: Span) => string): readonly Phase[] => {
  const names = new Names();
  return checked.phases.map(({ times, players }) => ({
    times,
    players: players.map((one) => player(one, quote, names)),
  }));
};

/** The last part of a path, without `.gan`. */
export const specName = (file: string): string =>
  (file.split("/").pop() ?? file).replace(/\.gan$/, "");

export const buildModel = (
  checked: Checked,
  file: string,
  quote: (span: Span) => string,
): Model => {
  const phases = phasesOf(checked, quote);
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
