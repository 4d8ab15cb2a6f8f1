/** Checks that a state fits a program: it has every tensor in its shape, and nothing else. */

import type { HostTensor, State } from "../../contracts/tensor.js";
import { sizeOf } from "../../graph/graph.js";

/** The entries of a network that has been updated. */
export interface Updated {
  /** Entry that counts its updates. */
  readonly count: string;
  /** Entries that exist from its first update on. */
  readonly slots: readonly string[];
}

/** A history of images, under `history/<key>/<batch slot>` once it holds some. */
export interface Recalled {
  readonly key: string;
  /** Shape of what is put in: [batch, h, w, c]. */
  readonly shape: readonly number[];
  /** Most images of a batch slot. */
  readonly capacity: number;
}

/** The entries of a program's state. */
export interface StateForm {
  /** Parameters, averages, buffers and optimizer slots, with their shapes. */
  readonly tensors: ReadonlyMap<string, readonly number[]>;
  readonly updated: readonly Updated[];
  readonly histories: readonly Recalled[];
}

const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

const shapeFault = (
  name: string,
  { shape, data }: HostTensor,
  wanted: readonly number[],
): string | undefined =>
  shape.join() !== wanted.join() || data.length !== sizeOf(wanted)
    ? `holds ${name} as ${shown(shape)}, but it must be ${shown(wanted)}`
    : undefined;

const countFault = (name: string, tensor: HostTensor): string | undefined => {
  const count = tensor.data[0] ?? Number.NaN;
  return (
    shapeFault(name, tensor, []) ??
    (Number.isInteger(count) && count >= 0 ? undefined : `counts ${count} updates as ${name}`)
  );
};

/** Returns the entries that a state of this form must have, given its updates and histories. */
const wantedOf = (
  { tensors, updated, histories }: StateForm,
  state: State,
): ReadonlyMap<string, readonly number[]> => {
  const isUpdated = ({ count }: Updated): boolean => (state.get(count)?.data[0] ?? 0) > 0;
  const absent = new Set(updated.filter((one) => !isUpdated(one)).flatMap(({ slots }) => slots));
  const wanted = new Map([...tensors].filter(([name]) => !absent.has(name)));
  for (const { key, shape, capacity } of histories) {
    const [batch = 0, ...image] = shape;
    const names = Array.from({ length: batch }, (_, slot) => `history/${key}/${slot}`);
    if (!names.some((name) => state.has(name))) continue;
    for (const name of names) {
      const held = state.get(name)?.shape[0] ?? 0;
      wanted.set(name, [Math.min(held, capacity), ...image]);
    }
  }
  return wanted;
};

/**
 * Returns the fault of a state for a program of this form, as the end of a sentence that begins
 * with the state's name.
 */
export const stateFault = (form: StateForm, state: State): string | undefined => {
  const counts = new Set(form.updated.map(({ count }) => count));
  for (const count of counts) {
    const tensor = state.get(count);
    const fault = tensor && countFault(count, tensor);
    if (fault !== undefined) return fault;
  }
  const wanted = wantedOf(form, state);
  for (const [name, shape] of wanted) {
    const tensor = state.get(name);
    if (tensor === undefined) return `lacks ${name}`;
    const fault = shapeFault(name, tensor, shape);
    if (fault !== undefined) return fault;
  }
  const extra = [...state.keys()].find((name) => !wanted.has(name) && !counts.has(name));
  return extra === undefined ? undefined : `holds ${extra}, which has no place here`;
};
