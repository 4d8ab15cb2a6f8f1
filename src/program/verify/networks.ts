/** Whether networks are what the tables say of their layers. */
import { isLeft } from "fp-ts/lib/Either.js";
import { sameSides, sidesText } from "../../base/sides.js";
import { joins } from "../../operators/joins.js";
import { type Shape, valuesOf } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type { Option, Options, OptionValue } from "../../operators/signature.js";
import type { Domain } from "../model.js";
import { type LayerNode, madeOf, type Network } from "../network.js";
import { hasWeights, sameSize, shapeOf } from "../shapes.js";
import { type Known, of, repeated } from "./names.js";

const show = (shape: readonly number[]): string => shape.join(" x ");

const optionFits = ({ type, perAxis }: Option, value: OptionValue | undefined): boolean =>
  typeof value === "object"
    ? perAxis === true && value[0] !== value[1]
    : typeof value === (type === "Bool" ? "boolean" : "number");

/** Whether there is a value for each option of a signature, and none besides. */
export const optionProblems = (
  signature: readonly Option[],
  options: Options,
): readonly string[] => [
  ...signature
    .filter((option) => !optionFits(option, options[option.name]))
    .map(({ name, type }) => `its option ${name} is no ${type}`),
  ...Object.keys(options)
    .filter((name) => signature.every((option) => option.name !== name))
    .map((name) => `it has no option ${name}`),
];

const layerProblems = (
  layer: LayerNode,
  shapes: readonly Shape[],
  known: Known,
): readonly string[] => {
  const entry = layers.get(layer.kind);
  if (entry === undefined && !joins.has(layer.kind)) return [`there is no layer ${layer.kind}`];
  const early = layer.inputs.filter((id) => shapes[id] === undefined);
  if (early.length > 0) return [`it reads ${early.join(" and ")}, which stands behind it`];
  const takes = entry === undefined ? layer.inputs.length : valuesOf(entry);
  if (layer.inputs.length !== takes)
    return [
      `it takes ${takes === 1 ? "one value" : `${takes} values`}, not ${layer.inputs.length}`,
    ];
  const options = optionProblems(entry?.options ?? [], layer.options);
  if (options.length > 0) return options;
  const inputs = layer.inputs.map((id) => shapes[id]).filter((shape) => shape !== undefined);
  if (!hasWeights(layer, inputs)) return ["it has other weights than its options say"];
  const shape = shapeOf(layer, inputs);
  if (isLeft(shape)) return [shape.left];
  const owners = [layer.owner, layer.within].flatMap((owner) => owner?.network ?? []);
  return [
    ...(sameSize(shape.right, layer.shape)
      ? []
      : [`its shape should be ${show(shape.right)}, not ${show(layer.shape)}`]),
    ...owners
      .filter((name) => !known.networks.has(name))
      .map((name) => `there is no network ${name}`),
  ];
};

const layersProblems = (network: Network, known: Known): readonly string[] => {
  const shapes: Shape[] = [...network.inputs];
  const problems = network.layers.flatMap((layer) => {
    const about = of(`layer ${layer.path}`);
    const found = layerProblems(layer, shapes, known).map(about);
    const place = shapes.push(layer.shape) - 1;
    return layer.id === place ? found : [...found, about(`its number should be ${place}`)];
  });
  const last = network.layers[network.last - network.inputs.length];
  const field = last?.field ?? 1;
  const output = shapes[network.last];
  return [
    ...problems,
    ...repeated(network.layers.map(({ path }) => path)).map((path) => `two layers are ${path}`),
    ...(output === undefined || !sameSize(output, network.output)
      ? [`its output should be ${show(output ?? [])}, not ${show(network.output)}`]
      : []),
    ...(sameSides(field, network.receptiveField)
      ? []
      : [`its receptive field should be ${sidesText(field)}`]),
  ];
};

/** Whether what it takes and gives are what its domains hold. */
const endProblems = (
  { from, to, inputs, output }: Network,
  domains: readonly Domain[],
): readonly string[] => {
  const problem = (name: string, shape: Shape | undefined): readonly string[] => {
    if (name === "Scores") return [];
    const domain = domains.find((one) => one.name === name);
    if (domain === undefined) return [`there is no domain ${name}`];
    return shape !== undefined && sameSize(domain.shape, shape)
      ? []
      : [`${name} is ${show(domain.shape)}, not ${show(shape ?? [])}`];
  };
  return [
    ...(from.length === inputs.length ? [] : ["it has not one input for each domain"]),
    ...from.flatMap((name, i) => problem(name, inputs[i])),
    ...problem(to, output),
  ];
};

/** Lists problems of the facts that follow from a network's layers. */
const derivedProblems = (network: Network): readonly string[] =>
  Object.entries(madeOf(network.name, network.layers))
    .filter(
      ([part, value]) => JSON.stringify(network[part as keyof Network]) !== JSON.stringify(value),
    )
    .map(([part]) => `what is said of its ${part} does not follow from its layers`);

export const networkProblems = (known: Known): readonly string[] => {
  const { networks, domains } = known.program.model;
  const names = networks.flatMap(({ parameters }) => parameters.map(({ name }) => name));
  return [
    ...networks.flatMap((network) =>
      [
        ...endProblems(network, domains),
        ...layersProblems(network, known),
        ...derivedProblems(network),
      ].map(of(`network ${network.name}`)),
    ),
    ...repeated(networks.map(({ name }) => name)).map((name) => `two networks are ${name}`),
    ...repeated(names).map((name) => `two parameters are ${name}`),
  ];
};
