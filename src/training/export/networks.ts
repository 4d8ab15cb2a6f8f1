/** Exports networks of a run. Each file is checked against the run before it is written. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { normals } from "../../base/random.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { openProgram } from "../../engines/onnx/runtime.js";
import { translationWeights } from "../../engines/sessions/bookkeeping.js";
import { sizeOf } from "../../graph/graph.js";
import type { Shape } from "../../operators/layer.js";
import { frameOf } from "../../program/frame.js";
import type { Domain, Model, Network } from "../../program/model.js";
import { deployed } from "../../targets/onnx/deployed.js";
import { encodeOnnx } from "../../targets/onnx/encode.js";
import { decode, encode } from "../files/safetensors.js";

/** A network of a run with its weights for translation. */
export interface Exported {
  readonly model: Model;
  readonly network: Network;
  readonly session: Session;
  /** Domains of its inputs, in order. */
  readonly domains: readonly Domain[];
  readonly to: Domain;
  /** Names of its inputs and output for people: `x`, `y`. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** Provenance recorded in the file. */
  readonly about: Readonly<Record<string, string>>;
}

/**
 * Greatest allowed difference from the run, as a share of the range of its images: less than a
 * tenth of a level of 255.
 */
export const tolerance = 3e-4;

export interface Checked {
  readonly bytes: readonly Uint8Array[];
  /** Greatest difference from the run, as a share of the range. */
  readonly difference: number;
  /** Phrases that say how it was checked and what it accepts. */
  readonly words: readonly string[];
  /** Second file that belongs to it. */
  readonly beside?: { readonly name: string; readonly bytes: Uint8Array };
}

/** Returns the network's weights by their input names in programs. */
const weightsOf = async ({ model, network, session }: Exported) => {
  const state = await session.getState();
  return new Map(
    translationWeights(model, network).flatMap(([input, tensor]) => {
      const weight = state.get(tensor);
      return weight === undefined ? [] : [[input, weight] as const];
    }),
  );
};

/** Makes a trial input of a domain's kind, [1, h, w, c]. */
const trial = (domain: Domain, shape: Shape, name: string): HostTensor => {
  const size = sizeOf(shape);
  const [low, high] = domain.range.map((end) => Math.max(-2, Math.min(2, end))) as [number, number];
  if (domain.kind === "labels")
    return {
      shape: [1, ...shape],
      data: Float32Array.from({ length: size }, (_, i) => +(i === 0)),
    };
  const drawn = normals(
    1,
    `export/${name}/${shape.join("x")}`,
    size,
    (low + high) / 2,
    (high - low) / 4,
  );
  return {
    shape: [1, ...shape],
    data: drawn.map((value) => Math.max(low, Math.min(high, value))),
  };
};

/** Transposes [n, h, w, c] to [n, c, h, w]. */
export const channelsFirst = ({
  shape: [n = 1, h = 1, w = 1, c = 1],
  data,
}: HostTensor): HostTensor => {
  const out = new Float32Array(data.length);
  for (let i = 0; i < n; i++)
    for (let place = 0; place < h * w; place++)
      for (let k = 0; k < c; k++)
        out[(i * c + k) * h * w + place] = data[(i * h * w + place) * c + k] as number;
  return { shape: [n, c, h, w], data: out };
};

/** Returns the greatest difference of two tensors; infinite if it is NaN or the shapes differ. */
const apart = (a: HostTensor, b: HostTensor): number => {
  if (a.shape.join() !== b.shape.join()) return Infinity;
  let most = 0;
  for (let i = 0; i < a.data.length; i++) {
    const difference = Math.abs((a.data[i] as number) - (b.data[i] as number));
    if (!(difference <= most)) most = Number.isNaN(difference) ? Infinity : difference;
  }
  return most;
};

/** Resizes the network, to find what depends on its size. Undefined if it has only one. */
const another = (network: Network): Network | undefined => {
  const place = network.inputs.findIndex(([h, w]) => h * w > 1);
  const [h = 1, w = 1] = network.inputs[place] ?? [];
  const frame = place < 0 ? undefined : frameOf(network, place, { height: h + 8, width: 2 * w });
  return frame === undefined || isLeft(frame) ? undefined : frame.right.network;
};

const sidesText = ([height, width]: Shape): string => `${width} x ${height}`;

const rangeWidth = ({ range: [low, high] }: Domain): number =>
  Number.isFinite(high - low) ? high - low : 1;

/**
 * Exports an ONNX model with its weights. Its result is checked against the run at its own size,
 * and at another if it accepts any.
 */
export const onnxOf = async (exported: Exported): Promise<Either<string, Checked>> => {
  const { network, session, domains, to, inputs, output, about } = exported;
  const other = another(network);
  const info = { producer: "ganc", metadata: about };
  const called = { inputs, output };
  const { model, isOpen } = deployed(network, other, await weightsOf(exported), called, info);
  const bytes = encodeOnnx(model);
  const program = await openProgram(bytes);
  const sizes = isOpen && other !== undefined ? [network, other] : [network];
  let difference = 0;
  try {
    for (const at of sizes) {
      const given = domains.map((domain, i) =>
        trial(domain, at.inputs[i] ?? domain.shape, inputs[i] ?? ""),
      );
      const own = channelsFirst(await session.translate(network.name, given));
      const feeds = new Map(given.map((x, i) => [inputs[i] ?? "", channelsFirst(x)] as const));
      const made = (await program.run(feeds)).get(output);
      difference = Math.max(difference, made === undefined ? Infinity : apart(own, made));
    }
  } finally {
    program.dispose();
  }
  const share = difference / rangeWidth(to);
  if (!(share <= tolerance))
    return left(
      `the ONNX model of ${network.name} differs from the run by ${share} of the range, and nothing is written: a defect of ganc`,
    );
  const place = network.inputs.findIndex(([h, w]) => h * w > 1);
  const own = sidesText(network.inputs[place] ?? network.output);
  const words = [
    isOpen ? "images of any size that its layers take" : `images of ${own} alone`,
    `tried at ${sizes.map(({ inputs }) => sidesText(inputs[place] ?? network.output)).join(" and ")}`,
  ];
  return right({ bytes: [bytes], difference: share, words });
};

/** Makes and loads models with tfjs, which only exports to it should have to load. */
export interface LayersModels {
  readonly files: (
    isOpen: boolean,
    weightsName: string,
  ) => Promise<{ readonly json: string; readonly weights: Uint8Array }>;
  readonly apply: (
    files: { readonly json: string; readonly weights: Uint8Array },
    inputs: readonly HostTensor[],
  ) => Promise<HostTensor>;
}

const weightsFile = "weights.bin";

/**
 * Returns the network at a size as small as possible, since one engine of tfjs is plain JavaScript.
 */
const small = (network: Network): Network | undefined => {
  const place = network.inputs.findIndex(([h, w]) => h * w > 1);
  const frame = place < 0 ? undefined : frameOf(network, place, { height: 16, width: 24 });
  return frame === undefined || isLeft(frame) ? undefined : frame.right.network;
};

/**
 * Exports a LayersModel of tfjs, loads it as users do and checks it against the run; with open
 * sizes if that works.
 */
export const layersModelOf = async (
  { network, session, domains, to, inputs }: Exported,
  models: LayersModels,
): Promise<Either<string, Checked>> => {
  const open = small(network);
  let last = Infinity;
  for (const at of open === undefined ? [network] : [open, network]) {
    const isOpen = at === open;
    const files = await models.files(isOpen, weightsFile);
    const given = domains.map((domain, i) =>
      trial(domain, at.inputs[i] ?? domain.shape, inputs[i] ?? ""),
    );
    const own = await session.translate(network.name, given);
    // If it does not load with open sizes, its own size is tried.
    const made = await models.apply(files, given).catch((thrown: unknown) => {
      if (!isOpen) throw thrown;
      return undefined;
    });
    last = made === undefined ? Infinity : apart(own, made) / rangeWidth(to);
    if (!(last <= tolerance)) continue;
    const place = network.inputs.findIndex(([h, w]) => h * w > 1);
    const tried = sidesText(at.inputs[place] ?? network.output);
    const words = [
      isOpen ? "images of any size that its layers take" : `images of ${tried} alone`,
      `tried at ${tried}`,
    ];
    return right({
      bytes: [new TextEncoder().encode(files.json)],
      beside: { name: weightsFile, bytes: files.weights },
      difference: last,
      words,
    });
  }
  return left(
    `the LayersModel of ${network.name} differs from the run by ${last} of the range, and nothing is written`,
  );
};

/** Returns the network's weights by their names in the run. */
export const namedWeights = async (exported: Exported): Promise<ReadonlyMap<string, HostTensor>> =>
  new Map(
    [...(await weightsOf(exported))].map(([name, tensor]) => [
      name.slice(name.indexOf("/") + 1),
      tensor,
    ]),
  );

/**
 * Exports the weights by their names in the run, and checks that reading them gives the same bits.
 */
export const safetensorsOf = async (exported: Exported): Promise<Either<string, Checked>> => {
  const tensors = await namedWeights(exported);
  const bytes = encode(tensors, exported.about);
  const read = decode(Buffer.concat(bytes));
  const isSame =
    !isLeft(read) &&
    read.right.tensors.size === tensors.size &&
    [...tensors].every(([name, { shape, data }]) => {
      const again = read.right.tensors.get(name);
      return again !== undefined && apart({ shape, data }, again) === 0;
    });
  if (!isSame) return left(`the weights of ${exported.network.name} do not read back as they were`);
  return right({ bytes, difference: 0, words: [`${tensors.size} tensors, convolutions HWIO`] });
};

/** Describes how to rebuild the network without the spec: its layers with options and sizes. */
export const descriptionOf = ({ network, domains, to, inputs, output, about }: Exported) => ({
  format: "ganc network 1",
  network: network.name,
  inputs: domains.map(({ name, kind, shape, range }, i) => ({
    name: inputs[i],
    domain: name,
    kind,
    shape,
    range,
  })),
  output: { name: output, domain: to.name, shape: network.output, range: to.range },
  layers: network.layers.map(({ id, path, kind, options, inputs: from, shape, owner }) => ({
    id,
    path,
    kind,
    options,
    inputs: from,
    shape,
    weights: `${owner?.network ?? network.name}.${owner?.path ?? path}`,
  })),
  last: network.last,
  about,
});
