/**
 * Networks that make images from images and other inputs: more images, classes, noise. Samples and
 * files share this.
 */

import type { HostTensor } from "../../contracts/tensor.js";
import { hostDraw, oneHot } from "../../data/batches/host-draws.js";
import type { Domain } from "../../program/model.js";
import { type Direction, type SpecProgram, sourcesOf } from "./program.js";

export interface NamedInput {
  /** Name for users: `x` for the domain `X`; `x1`, `x2` if a network takes two of it. */
  readonly name: string;
  readonly domain: Domain;
}

/**
 * A network that makes images from at least one image and other inputs. `from` is its first image.
 */
export interface Translator extends Direction {
  /** In the network's order. */
  readonly inputs: readonly NamedInput[];
}

/** Writes a call with all inputs in order: `G(x, s)`. */
export const callText = ({ network, inputs }: Translator): string =>
  `${network}(${inputs.map(({ name }) => name).join(", ")})`;

/** Writes a network in a title: by its name alone if it takes one image. */
export const shortCall = (translator: Translator): string =>
  translator.inputs.length > 1 ? callText(translator) : translator.network;

const named = (domains: readonly Domain[]): readonly NamedInput[] =>
  domains.map((domain, i) => {
    const name = domain.name.toLowerCase();
    const isSame = (other: Domain): boolean => other.name === domain.name;
    if (domains.filter(isSame).length === 1) return { name, domain };
    return { name: `${name}${domains.slice(0, i + 1).filter(isSame).length}`, domain };
  });

/**
 * Lists the networks from images to images, in the order of the spec. Those without parameters (a
 * pooling, a flip) count only if there are no others, or if `idle` is set.
 */
export const translators = (
  { domains, networks }: Pick<SpecProgram, "domains" | "networks">,
  idle = false,
): readonly Translator[] => {
  const byName = new Map(domains.map((domain) => [domain.name, domain]));
  const all = networks.flatMap((network) => {
    const names = sourcesOf(network);
    const inputs = names.flatMap((name) => byName.get(name) ?? []);
    const from = inputs.find(({ kind }) => kind === "image");
    const to = byName.get(network.to);
    const isWhole =
      inputs.length === names.length && inputs.every(({ kind }) => kind !== "features");
    if (!isWhole || from === undefined || to?.kind !== "image") return [];
    const learns = network.parameters.length > 0;
    return [{ learns, translator: { network: network.name, from, to, inputs: named(inputs) } }];
  });
  const learning = all.filter(({ learns }) => learns);
  return (learning.length > 0 && !idle ? learning : all).map(({ translator }) => translator);
};

/** Lists the inputs that are images, the translated one first. */
export const imageInputs = ({ inputs }: Translator): readonly NamedInput[] =>
  inputs.filter(({ domain }) => domain.kind === "image");

/** Returns the number of classes that it takes; undefined if it takes none. */
export const classCount = ({ inputs }: Pick<Translator, "inputs">): number | undefined => {
  const labels = inputs.filter(({ domain }) => domain.kind === "labels");
  return labels.length === 0 ? undefined : Math.max(...labels.map(({ domain }) => domain.shape[2]));
};

/** Tells whether it draws noise or uniform numbers. */
export const draws = ({ inputs }: Pick<Translator, "inputs">): boolean =>
  inputs.some(({ domain: { kind } }) => kind !== "image" && kind !== "labels");

export interface Given {
  /** `[n, h, w, c]` for each image input, in the network's order. */
  readonly images: readonly HostTensor[];
  /** Class from 0, one for all samples or one for each. */
  readonly only: number | readonly number[];
  readonly seed: number;
  /** Number of the draw, from 0. */
  readonly draw: number;
  /** Name of the stream of draws, before the network and the place. */
  readonly stream: string;
}

/** Makes the network's inputs in order, with n samples each. */
export const tensorsFor = (
  { network, inputs }: Translator,
  { images, only, seed, draw, stream }: Given,
): readonly HostTensor[] => {
  const count = images[0]?.shape[0] ?? 0;
  let next = 0;
  return inputs.flatMap(({ domain }, place) => {
    if (domain.kind === "image") return images[next++] ?? [];
    if (domain.kind !== "labels")
      return hostDraw(domain, `${stream}/${network}/${place}`, count, seed, 0, draw);
    const [, , classes] = domain.shape;
    const each = typeof only === "number" ? new Array<number>(count).fill(only) : only;
    return oneHot(
      each.map((of) => Math.min(of, classes - 1)),
      classes,
    );
  });
};

/**
 * Returns the names of `count` classes from the run's folders, or their numbers if the folders name
 * none.
 */
export const classNames = (
  count: number,
  to: Pick<Domain, "name">,
  known: Readonly<Record<string, readonly string[]>> | undefined,
): readonly string[] => {
  const lists = [known?.[to.name], ...Object.values(known ?? {})];
  const found = lists.find((list) => list?.length === count);
  return found ?? Array.from({ length: count }, (_, i) => String(i));
};

/** Returns the reason, from the inputs alone, why results cannot be compared with partners. */
export const unpairable = (translator: Translator): string | undefined => {
  const { from, to } = translator;
  const taken = imageInputs(translator).map(({ domain }) => domain.name);
  const call = callText(translator);
  if (taken.includes(to.name))
    return from.name === to.name
      ? `${call} stays in ${to.name}: no image has a partner there.`
      : `${call} is given an image of ${to.name}, its own target: nothing is left to compare.`;
  return new Set(taken).size < taken.length
    ? `${call} takes two images of one domain: a pair has one.`
    : undefined;
};
