/** Canonical tensors with which PyTorch begins. */
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { startValues } from "../../src/engines/sessions/starts.js";
import type { Subject } from "../sides.js";

export const zeros = (shape: readonly number[]): HostTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/** Makes weights as a session of that seed draws them. */
export const weightsOf = ({ starts }: Subject, seed: number): State =>
  new Map(
    starts.map((start) => [start.name, { shape: start.shape, data: startValues(start, seed) }]),
  );

/** Lists the parameters of each network in the order of its layers. */
export const namesOf = ({ parameters }: Subject): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(parameters).map(([net, infos]) => [net, infos.map(({ name }) => name)]),
  );
