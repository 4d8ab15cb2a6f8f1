/** A network with its weights as an ONNX model: of any size of images, where its layers are. */
import { type DeployedNames, lowerDeployed } from "../../lowering/deploy.js";
import * as names from "../../lowering/names.js";
import type { Network } from "../../program/model.js";
import { emitOnnx, type OnnxInfo } from "./emit.js";
import type { OnnxModel, OnnxTensor } from "./model.js";

/** Names of the sides of images where a model takes any size. */
export const sideNames = ["height", "width"] as const;

export interface Deployed {
  readonly model: OnnxModel;
  /** Whether it takes images of other sizes, as far as the network's layers do. */
  readonly isOpen: boolean;
}

/** The model of images of one size. */
const closed = (network: Network, called: DeployedNames, info: OnnxInfo): OnnxModel => {
  const graph = lowerDeployed(network, 1, called);
  return emitOnnx(graph, info, { anySize: true });
};

/** Whether two models differ in nothing but the shapes of what goes in and comes out. */
const areAlike = (a: OnnxModel, b: OnnxModel): boolean => {
  const plain = ({ nodes, initializers }: OnnxModel) =>
    JSON.stringify([
      nodes,
      initializers.map(({ name, shape, data }) => [name, shape, [...data].map(String)]),
    ]);
  return plain(a) === plain(b);
};

const opened = (model: OnnxModel, inputs: ReadonlySet<string>, output: string): OnnxModel => {
  const open = (prefix: string) => (value: OnnxModel["inputs"][number]) => {
    const [, , h = 1, w = 1] = value.shape;
    const [height, width] = sideNames.map((side) => `${prefix}${side}`) as [string, string];
    return h === 1 && w === 1 ? value : { ...value, open: { 2: height, 3: width } };
  };
  return {
    ...model,
    inputs: model.inputs.map((value) => (inputs.has(value.name) ? open("")(value) : value)),
    outputs: model.outputs.map((value) => (value.name === output ? open("output_")(value) : value)),
  };
};

/**
 * The model of the network, its weights in it. `other` is the network at another size, if it takes
 * one: where the model at that size is the same, its sides are left open. `weights`: by the names
 * of the state, in canonical form.
 */
export const deployed = (
  network: Network,
  other: Network | undefined,
  weights: ReadonlyMap<string, Omit<OnnxTensor, "name">>,
  called: DeployedNames,
  info: OnnxInfo,
): Deployed => {
  const model = closed(network, called, info);
  const isOpen = other !== undefined && areAlike(model, closed(other, called, info));
  const named = new Set(called.inputs);
  const shaped = isOpen ? opened(model, named, called.output) : model;
  // Biases that a normalisation takes away again are read by nobody.
  const read = new Set(shaped.nodes.flatMap(({ inputs }) => inputs));
  const own = shaped.inputs.flatMap(({ name }) => {
    const weight = names.isWeight(name) && read.has(name) ? weights.get(name) : undefined;
    return weight === undefined ? [] : [{ name, ...weight }];
  });
  return {
    isOpen,
    model: {
      ...shaped,
      inputs: shaped.inputs.filter(({ name }) => !names.isWeight(name)),
      initializers: [...own, ...shaped.initializers],
    },
  };
};
