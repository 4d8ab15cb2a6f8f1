/** Writes a state as `torch.save` does: a pickle of protocol 2, and a storage for each tensor. */
import { impossible } from "../base/impossible.js";
import { zip } from "./zip.js";

/** A tensor to be written: float32, or one whole number, as counters are. */
export type Written =
  | { readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly shape: readonly []; readonly whole: number };

const textEncoder = new TextEncoder();

/** Collects the bytes of a pickle. */
class Pickle {
  readonly bytes: number[] = [];

  op(...codes: readonly number[]): void {
    for (const code of codes) this.bytes.push(code);
  }

  private u32(value: number): void {
    this.op(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }

  text(text: string): void {
    const encoded = textEncoder.encode(text);
    this.op(0x58);
    this.u32(encoded.byteLength);
    this.op(...encoded);
  }

  global(module: string, name: string): void {
    this.op(0x63, ...textEncoder.encode(`${module}\n${name}\n`));
  }

  /** A count of at most 2^31 - 1. */
  count(value: number): void {
    if (value > 0x7fffffff) impossible(`a tensor of ${value} numbers`);
    this.op(0x4a);
    this.u32(value);
  }

  counts(values: readonly number[]): void {
    this.op(0x28);
    for (const value of values) this.count(value);
    this.op(0x74);
  }

  emptyOrdered(): void {
    this.global("collections", "OrderedDict");
    this.op(0x29, 0x52);
  }
}

const stridesOf = (shape: readonly number[]): readonly number[] =>
  shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));

const isWhole = (tensor: Written): tensor is Extract<Written, { readonly whole: number }> =>
  "whole" in tensor;

const writeTensor = (pickle: Pickle, tensor: Written, key: string): void => {
  const count = isWhole(tensor) ? 1 : tensor.data.length;
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.op(0x28, 0x28);
  pickle.text("storage");
  pickle.global("torch", isWhole(tensor) ? "LongStorage" : "FloatStorage");
  pickle.text(key);
  pickle.text("cpu");
  pickle.count(count);
  pickle.op(0x74, 0x51);
  pickle.count(0);
  pickle.counts(tensor.shape);
  pickle.counts(stridesOf(tensor.shape));
  pickle.op(0x89);
  pickle.emptyOrdered();
  pickle.op(0x74, 0x52);
};

const bytesOf = (tensor: Written): Uint8Array => {
  if (!isWhole(tensor)) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(tensor.whole), true);
  return bytes;
};

/**
 * Returns the bytes of a `.pth` file as pieces to be written in turn. `torch.load` reads it with
 * `weights_only`, and equal states give equal bytes.
 */
export const writePth = (state: ReadonlyMap<string, Written>): readonly Uint8Array[] => {
  const pickle = new Pickle();
  pickle.op(0x80, 2);
  pickle.emptyOrdered();
  pickle.op(0x28);
  const storages = [...state].map(([name, tensor], i): readonly [string, Uint8Array] => {
    pickle.text(name);
    writeTensor(pickle, tensor, String(i));
    return [`archive/data/${i}`, bytesOf(tensor)];
  });
  pickle.op(0x75, 0x2e);
  return zip([
    ["archive/data.pkl", Uint8Array.from(pickle.bytes)],
    ["archive/byteorder", textEncoder.encode("little")],
    ...storages,
    ["archive/version", textEncoder.encode("3\n")],
  ]);
};
