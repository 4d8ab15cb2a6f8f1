/** The state with which a run of a spec begins, made without an engine. */
import type { HostTensor, State } from "../../contracts/tensor.js";
import { sizeOf } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import { slotNames } from "../../operators/optimizers.js";
import type { Model, Network } from "../../program/model.js";
import { tensorsOf } from "./bookkeeping.js";
import { weightsOf } from "./starts.js";

const isSlot = (name: string): boolean => slotNames.has(name.slice(0, name.indexOf("/")));

/**
 * Returns the initial state of a seed, with the entries of `given` in place of what would be drawn.
 * Averages begin as the weights.
 */
export const initialState = (model: Model, seed: number, given: State): State => {
  // Drawing eleven million numbers takes a second.
  const isGiven = ({ parameters, buffers }: Network): boolean =>
    parameters.every(({ name }) => given.has(names.parameterName(name))) &&
    buffers.every(({ name }) => given.has(names.bufferName(name)));
  const anew = model.networks.filter((network) => !isGiven(network));
  const drawn = new Map(weightsOf({ ...model, networks: anew }, seed));
  const state = new Map<string, HostTensor>();
  for (const [name, shape] of tensorsOf(model))
    if (!isSlot(name))
      state.set(
        name,
        given.get(name) ?? { shape, data: drawn.get(name) ?? new Float32Array(sizeOf(shape)) },
      );
  for (const { name } of model.networks.flatMap(({ parameters }) => parameters)) {
    const weight = state.get(names.parameterName(name));
    if (weight !== undefined && state.has(names.averageName(name)))
      state.set(names.averageName(name), weight);
  }
  return state;
};
