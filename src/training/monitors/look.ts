/**
 * Looks at the networks' results for a few fixed images. A look applies each network to eight
 * images, about as much work as a step, once in a hundred steps.
 */

import { correlation, mean } from "../../base/statistics.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { cycled, hostDraw } from "../../data/batches/host-draws.js";
import type { Domain } from "../../program/model.js";
import { applyAll } from "../program/apply.js";
import { generators, type SpecProgram } from "../program/program.js";
import { imageInputs, type Translator, tensorsFor, translators } from "../program/translators.js";
import type { Picture } from "./monitor.js";

/** Steps between two looks. */
export const lookEvery = 100;

/** Images of each domain in a look. */
export const watchedCount = 8;

/** Approximate count of numbers in a probe. */
const probed = 256;

/** Images that differ by less tell nothing: a grey level of 256. */
const alike = 1 / 256;

/** Images one by one, scaled to [0, 1] of the domain's range if it is bounded. */
interface Images {
  readonly domain: Domain;
  readonly shape: readonly number[];
  readonly samples: readonly Float32Array[];
}

const imagesOf = ({ shape, data }: HostTensor, domain: Domain): Images => {
  const [low, high] = domain.range;
  const isBounded = Number.isFinite(low) && Number.isFinite(high);
  const [from, scale] = isBounded ? [low, 1 / (high - low)] : [0, 1];
  const [count = 0, ...rest] = shape;
  const size = count === 0 ? 0 : data.length / count;
  return {
    domain,
    shape: rest,
    samples: Array.from({ length: count }, (_, i) =>
      data.subarray(i * size, (i + 1) * size).map((value) => (value - from) * scale),
    ),
  };
};

const apart = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
};

/** Returns the mean distance between two of the images; undefined for fewer than two. */
const spread = ({ samples }: Images): number | undefined => {
  const pairs = samples.flatMap((a, i) => samples.slice(i + 1).map((b) => apart(a, b)));
  return pairs.length === 0 ? undefined : mean(pairs);
};

/** Computes brightness at each place, weighted as in ITU-R BT.601. */
const brightness = (image: Float32Array, channels: number): Float32Array => {
  const weights = channels >= 3 ? [0.299, 0.587, 0.114] : [1];
  return Float32Array.from({ length: image.length / channels }, (_, i) =>
    weights.reduce((sum, weight, c) => sum + weight * (image[i * channels + c] ?? 0), 0),
  );
};

const brightnessOf = (made: Images, input: Images): number | undefined => {
  const channels = made.shape.at(-1) ?? 1;
  const each = made.samples.flatMap((image, i) => {
    const of = input.samples[i];
    if (of === undefined) return [];
    // An image that hardly varies correlates with nothing.
    return correlation(brightness(image, channels), brightness(of, channels), alike ** 2) ?? [];
  });
  return each.length === 0 ? undefined : mean(each);
};

const isAlike = (a: Images, b: Images): boolean => a.shape.join() === b.shape.join();

/** Returns the mean distance between images of two domains, each with each. */
const distanceOf = (a: Images, b: Images): number =>
  mean(a.samples.flatMap((x) => b.samples.map((y) => apart(x, y))));

const probeOf = ({ samples }: Images): readonly number[] => {
  const size = samples.reduce((sum, { length }) => sum + length, 0);
  // The stride is odd, so that each channel and column has its turn.
  const stride = Math.max(1, Math.floor(size / probed)) | 1;
  const values: number[] = [];
  for (let at = 0; at < size; at += stride) {
    const length = samples[0]?.length ?? 1;
    const value = samples[Math.floor(at / length)]?.[at % length] ?? 0;
    values.push(Number(value.toFixed(6)));
  }
  return values;
};

const diversityOf = (made: Images, others: readonly (Images | undefined)[]): number | undefined => {
  const own = spread(made);
  const spreads = others.flatMap((other) => (other && spread(other)) ?? []);
  const least = Math.min(...spreads);
  return own === undefined || spreads.length === 0 || least < alike ? undefined : own / least;
};

export interface Looked {
  readonly program: Pick<SpecProgram, "domains" | "networks">;
  readonly session: Pick<Session, "translate">;
  /** By domain: `[n, h, w, c]`. */
  readonly watched: Readonly<Record<string, HostTensor>>;
}

/** Cache of `imagesOf`: every look uses the same tensors. */
const known = new WeakMap<HostTensor, Images>();

const watchedOf = ({ watched }: Looked, domain: Domain): Images | undefined => {
  const tensor = watched[domain.name];
  if (tensor === undefined) return undefined;
  const images = known.get(tensor) ?? imagesOf(tensor, domain);
  known.set(tensor, images);
  return images;
};

const translated = async (of: Looked, translator: Translator): Promise<readonly Picture[]> => {
  const { network, from, to } = translator;
  const taken = imageInputs(translator);
  const given = taken.flatMap(({ domain }) => of.watched[domain.name] ?? []);
  if (given.length < taken.length) return [];
  const count = Math.min(...given.map(({ shape }) => shape[0] ?? 0));
  const images = given.map(({ shape, data }) => ({
    shape: [count, ...shape.slice(1)],
    data: data.subarray(0, (data.length / Math.max(1, shape[0] ?? 1)) * count),
  }));
  const inputs = tensorsFor(translator, { images, only: 0, draw: 0, seed: 0, stream: "watch" });
  const made = imagesOf(await applyAll(of.session, network, inputs), to);
  const input = watchedOf(of, from);
  const target = watchedOf(of, to);
  const isPlain = translator.inputs.length === 1 && input !== undefined && isAlike(made, input);
  const isOther =
    isPlain && from.name !== to.name && target !== undefined && isAlike(input, target);
  const between = isOther ? distanceOf(input, target) : 0;
  return [
    {
      network,
      from: from.name,
      to: to.name,
      count,
      diversity: diversityOf(made, [input, target]),
      distance:
        isOther && between > alike
          ? mean(made.samples.map((image, i) => apart(image, input.samples[i] ?? image))) / between
          : undefined,
      brightness: isPlain ? brightnessOf(made, input) : undefined,
      probe: probeOf(made),
    },
  ];
};

const drawn = async (of: Looked): Promise<readonly Picture[]> => {
  const pictures: Picture[] = [];
  for (const { network, from, to } of generators(of.program)) {
    // From a class alone there is only one image.
    const isVaried = from.some(({ kind }) => kind !== "labels");
    const inputs = from.map((domain, place) =>
      domain.kind === "labels"
        ? cycled(watchedCount, domain.shape[2])
        : hostDraw(domain, `watch/${network}/${place}`, watchedCount, 0, 0, 0),
    );
    const made = imagesOf(await applyAll(of.session, network, inputs), to);
    pictures.push({
      network,
      from: from.map(({ name }) => name).join(", "),
      to: to.name,
      count: watchedCount,
      diversity: isVaried ? diversityOf(made, [watchedOf(of, to)]) : undefined,
      probe: probeOf(made),
    });
  }
  return pictures;
};

/**
 * Returns what is seen of each network that makes images, from images or from draws alone.
 * @throws the session's errors
 */
export const picturesOf = async (of: Looked): Promise<readonly Picture[]> => {
  const pictures: Picture[] = [];
  for (const translator of translators(of.program))
    pictures.push(...(await translated(of, translator)));
  return [...pictures, ...(await drawn(of))];
};
