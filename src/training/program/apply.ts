/**
 * Applies a network to any number of samples in small batches. This bounds memory, and changes
 * nothing for per-sample networks.
 */
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";

const atOnce = 8;

/** Returns rows `[from, to)` of a tensor, sharing its memory. */
export const rows = ({ shape, data }: HostTensor, from: number, to: number): HostTensor => {
  const [n = 0, ...rest] = shape;
  const size = n === 0 ? 0 : data.length / n;
  const end = Math.min(n, to);
  return { shape: [end - from, ...rest], data: data.subarray(from * size, end * size) };
};

/**
 * Applies a network to samples. `inputs`: the network's inputs in order, with equal numbers of
 * samples.
 */
export const applyAll = async (
  session: Pick<Session, "translate">,
  network: string,
  inputs: readonly HostTensor[],
): Promise<HostTensor> => {
  const [n = 0] = inputs[0]?.shape ?? [];
  const parts: HostTensor[] = [];
  for (let from = 0; from < n; from += atOnce) {
    const some = inputs.map((of) => rows(of, from, from + atOnce));
    parts.push(await session.translate(network, some));
  }
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { shape: [n, ...(parts[0]?.shape.slice(1) ?? [])], data };
};
