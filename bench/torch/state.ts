/** Canonical tensors with which PyTorch begins. */
import { normals } from "../../src/base/random.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import type { Subject } from "../sides.js";

export const zeros = (shape: readonly number[]): HostTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/** Makes weights as a session of that seed draws them. */
export const weightsOf = ({ parameters, init }: Subject, seed: number): State => {
  const state = new Map<string, HostTensor>();
  for (const { name, shape } of Object.values(parameters).flat()) {
    const { data } = zeros(shape);
    if (!name.endsWith(".bias"))
      data.set(normals(seed, `init/${name}`, data.length, init.mean, init.std));
    state.set(`param/${name}`, { shape, data });
  }
  return state;
};

/** Lists the parameters of each network in the order of its layers. */
export const namesOf = ({ parameters }: Subject): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(parameters).map(([net, infos]) => [net, infos.map(({ name }) => name)]),
  );
