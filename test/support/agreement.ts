/** How near two states are that should be one but for rounding. */
import { expect } from "@jest/globals";
import type { HostTensor, State } from "../../src/contracts/tensor.js";

/** The largest difference, as a part of the largest value of either. */
export const difference = (a: Float32Array, b: Float32Array, least = 1e-6): number => {
  const largest = Math.max(least, ...a.map(Math.abs), ...b.map(Math.abs));
  return Math.max(0, ...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) / largest;
};

/** The largest number of a state. */
export const largestOf = (state: State): number =>
  Math.max(...[...state.values()].flatMap(({ data }) => [...data].map(Math.abs)));

/** Expects the entries of one state in the other, but for differences up to `tolerance`. */
export const expectSame = (a: State, b: State, tolerance: number, least?: number): void => {
  expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
  for (const [name, { shape, data }] of a) {
    const other = b.get(name) as HostTensor;
    expect([name, other.shape]).toEqual([name, shape]);
    const found = difference(data, other.data, least);
    expect([name, found < tolerance ? "same" : found]).toEqual([name, "same"]);
  }
};

/** What optimizers keep that is linear in the gradients. */
export const gradients = (state: State): State =>
  new Map([...state].filter(([name]) => /^(?:adam\.m|sgd\.b)\//.test(name)));
