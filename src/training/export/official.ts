/** Writes networks of a run as files that the official PyTorch code loads. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import type { Network } from "../../program/network.js";
import { placesOf } from "../../weights/fit.js";
import { torchShape, toTorch } from "../../weights/layouts.js";
import { guessed } from "../../weights/official/alike.js";
import {
  type Architecture,
  blurFilter,
  describe,
  type ModuleTensor,
  modulesOf,
} from "../../weights/official/architecture.js";
import { readPth } from "../../weights/pth.js";
import { type Written, writePth } from "../../weights/write-pth.js";
import { unlikeOfficial } from "../importing/official.js";
import type { Compiler } from "../program/compiled.js";

/** A network with the state of a run. */
export interface OfficialExport {
  readonly network: Network;
  readonly state: State;
  /** Batches that were counted before the run began, by their names in PyTorch's state. */
  readonly batches: Readonly<Record<string, number>>;
  /** Steps of the run. */
  readonly steps: number;
}

export interface OfficialFile {
  readonly net: Architecture;
  readonly bytes: readonly Uint8Array[];
}

/** A weight as translation uses it: its average where there is one. */
const weightIn = (state: State, entry: string): HostTensor | undefined =>
  state.get(entry.replace(/^param\//, "average/")) ?? state.get(entry);

/**
 * The value of a tensor that no layer of ganc has. Statistics that nobody kept are those with which
 * PyTorch begins.
 * @param keeps whether batch norms keep statistics
 */
const ownValue = (
  { name, role, shape }: ModuleTensor,
  { batches, steps }: OfficialExport,
  keeps: boolean,
): Written | undefined => {
  switch (role) {
    case "batches":
      return { shape: [], whole: (batches[name] ?? 0) + steps };
    case "filter":
      return { shape, data: blurFilter(shape[3] ?? 1, shape[0] ?? 1) };
    case "mean":
      return keeps ? undefined : { shape, data: new Float32Array(shape[0] ?? 0) };
    case "variance":
      return keeps ? undefined : { shape, data: new Float32Array(shape[0] ?? 0).fill(1) };
    default:
      return undefined;
  }
};

/** The network as PyTorch has it: there a batch norm always keeps statistics. */
const inPyTorch = (net: Architecture): Architecture => ({
  ...net,
  norm: { ...net.norm, running: net.norm.kind === "batch" },
});

/** Pairs the tensors of the official modules with those of the layers, in order. */
const stateOf = (
  net: Architecture,
  asked: OfficialExport,
): Either<string, ReadonlyMap<string, Written>> => {
  const wanted = placesOf(asked.network).flatMap((place) => place.wanted);
  const written = new Map<string, Written>();
  for (const tensor of modulesOf(inPyTorch(net)).flatMap(({ tensors }) => tensors)) {
    const own = ownValue(tensor, asked, net.norm.running);
    if (own !== undefined) {
      written.set(tensor.name, own);
      continue;
    }
    const entry = wanted.shift();
    const weight = entry && weightIn(asked.state, entry.entry);
    if (weight === undefined || torchShape(weight.shape).join() !== tensor.shape.join())
      return left(`it has no ${tensor.name} [${tensor.shape.join(", ")}]`);
    written.set(tensor.name, {
      shape: tensor.shape,
      data: toTorch(weight.data, weight.shape),
    });
  }
  return wanted.length === 0 ? right(written) : left(`it has no place for ${wanted[0]?.entry}`);
};

const sameBits = (a: Float32Array, b: Float32Array): boolean => {
  const [x, y] = [new Uint32Array(a.buffer), new Uint32Array(b.buffer)];
  return x.length === y.length && x.every((word, i) => word === y[i]);
};

/** Reads the file back; it must hold the same, bit for bit. */
const checkBack = (
  bytes: readonly Uint8Array[],
  written: ReadonlyMap<string, Written>,
): string | undefined => {
  const back = readPth(Buffer.concat(bytes));
  if (isLeft(back)) return `what was written ${back.left}`;
  for (const [name, tensor] of written) {
    const found = back.right.get(name);
    const isSame =
      found !== undefined &&
      ("whole" in tensor
        ? found.exact()[0] === tensor.whole
        : sameBits(found.numbers(), Float32Array.from(tensor.data)));
    if (!isSame) return `${name} does not read back bit for bit`;
  }
  return undefined;
};

/**
 * Makes the file of a network, if it is one of the official code: the same layers with the same
 * options. The left side says how it differs, as the end of a sentence that begins with its name.
 */
export const officialFile = async (
  compiler: Compiler,
  asked: OfficialExport,
): Promise<Either<string, OfficialFile>> => {
  const net = guessed(asked.network);
  if (net === undefined) return left("it is like no network of the official code");
  const other = await unlikeOfficial(compiler, asked.network, net);
  if (other !== undefined)
    return left(
      `it is not ${describe(net)}, which it is nearest to: ${other}. There its weights would compute something else`,
    );
  const written = stateOf(net, asked);
  if (isLeft(written)) return written;
  const bytes = writePth(written.right);
  const fault = checkBack(bytes, written.right);
  return fault === undefined ? right({ net, bytes }) : left(fault);
};
