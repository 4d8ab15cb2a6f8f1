/** Applying a network to any number of samples, a few at a time: that bounds memory, and changes nothing where networks are per sample. */
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";

const atOnce = 8;

/** Rows `[from, to)` of a tensor, its memory shared. */
export const rows = ({ shape, data }: HostTensor, from: number, to: number): HostTensor => {
  const [n = 0, ...rest] = shape;
  const size = n === 0 ? 0 : data.length / n;
  const end = Math.min(n, to);
  return { shape: [end - from, ...rest], data: data.subarray(from * size, end * size) };
};

/** `inputs`: of each input of the network, in its order, as many samples. */
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
