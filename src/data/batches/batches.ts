/**
 * Batches for training: chooses the images, brings them to their domain's shape, and works a few
 * steps ahead of training.
 */

import { totalmem } from "node:os";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { permutation, pick, stream } from "../../base/random.js";
import { recordOf } from "../../base/record.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { AugmentStage, Domain } from "../../program/model.js";
import type { Draw } from "../../program/plan.js";
import { type BrokenImage, type DataError, DataFault } from "../files/errors.js";
import { DEFAULT_RANGE, type Raster, toTensor } from "../images/image.js";
import { type Group, groupsOf, membersOf } from "../sets/groups.js";
import type { Dataset } from "../sets/source.js";
import {
  augment,
  augmentDraws,
  checkAugment,
  fixedStages,
  type Windowed,
  windowsApart,
} from "./augment.js";
import { hostDraw, oneHot } from "./host-draws.js";
import { prepare } from "./prepare.js";

export interface FeedOptions {
  readonly dataset: Dataset;
  readonly domains: readonly Domain[];
  /** By domain. Without an entry, images must already have the domain's size. */
  readonly augment: Readonly<Record<string, readonly AugmentStage[]>>;
  /** Number of images of each domain in a step, at least 1. */
  readonly batch: number;
  readonly seed: number;
  /** Number of draws in a step, at least 1. Default 1. */
  readonly repetitions?: number;
  /**
   * What a step draws, by key. Default: each domain once. Images drawn together have equal names
   * (apart from the extension) and share crop and flip. A class drawn with an image is that image's
   * class.
   */
  readonly draws?: readonly Draw[] | undefined;
  /** Number of batches prepared in advance. Default 4. */
  readonly ahead?: number;
  /** Bytes of decoded and resized images kept between epochs. Default: a tenth of the memory. */
  readonly cacheBytes?: number;
}

export interface Batch {
  /** Step within the epoch, from 0. */
  readonly step: number;
  /** By draw key: `[batch, h, w, c]` in the domain's range. */
  readonly batch: Readonly<Record<string, HostTensor>>;
  /** The step's second draw, third draw, and so on. */
  readonly again: readonly Readonly<Record<string, HostTensor>>[];
  /** By draw key: ids of the images of the first draw, in batch order. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
  /** Unusable images that other images replaced. Each is reported once in the feed's life. */
  readonly skipped: readonly BrokenImage[];
}

export interface Feed {
  /** At least 1. */
  readonly stepsPerEpoch: number;
  /** Random streams that the feed reads; `<…>` stands for a counter. */
  readonly streams: readonly string[];
  /** Notices for the user, one sentence each. */
  readonly notices: readonly string[];
  /**
   * Yields the batches of an epoch (from 0), starting at step `from`. A batch depends only on seed,
   * epoch and step. Leaving the loop stops the work ahead.
   * @throws DataFault where no image of a domain can be read any more
   */
  epoch(epoch: number, from?: number): AsyncIterable<Batch>;
}

/** One drawn image for each member of a group. */
type Sample = Readonly<
  Record<string, { readonly id: string; readonly image: Raster; readonly of: number }>
>;

interface Drawn {
  readonly sample: Sample;
  /** Images that were tried first and cannot be used. */
  readonly broken: readonly BrokenImage[];
}

/**
 * Returns the memory for decoded images, in bytes: a tenth of what the process may use. Most data
 * sets fit, and a step needs the rest.
 */
const cacheShare = (): number =>
  Math.floor(Math.min(totalmem(), process.constrainedMemory?.() || Infinity) / 10);

/** Number of samples in an epoch of a spec that draws no images. */
const samplesWithoutImages = 1000;

/**
 * Returns the function that chooses the image for place `slot` of an epoch. As in the official
 * `unaligned_dataset`, an epoch passes once over the largest domain, in an order drawn anew each
 * epoch, and draws from a smaller one at random with replacement. (There the second domain is
 * always drawn at random; here every domain of the largest size is permuted.)
 */
const drawer = (group: Group, largest: number, seed: number, epoch: number) => {
  const draws = stream(seed, `data/${group.lead}/${epoch}`);
  if (group.size < largest) return (slot: number) => pick(draws, slot, group.size);
  const order = permutation(draws, group.size);
  // a batch larger than the data wraps around
  return (slot: number) => order[slot % group.size] ?? 0;
};

/** Names the streams that choose, crop and flip images, and those of draws without images. */
const streamsOf = (groups: readonly Group[], free: readonly { readonly key: string }[]) => [
  ...groups.flatMap(({ lead }) => [`data/${lead}/<epoch>`, `augment/${lead}/<epoch>/<place>`]),
  ...free.map(({ key }) => `draw/${key}/<epoch>`),
];

/** Reports domains with fewer images than a batch. This is allowed, but rarely intended. */
const repeating = (groups: readonly Group[], batch: number): readonly string[] =>
  groups
    .filter(({ size }) => size < batch)
    .map(({ members, size }) => {
      const names = [...new Set(members.map(({ domain }) => domain.name))].join(" and ");
      const one = members.length > 1 ? "pair" : "image";
      return `A batch takes ${batch} ${one}s of ${names}, but there ${size === 1 ? `is 1 ${one}` : `are ${size}`}: some occur in it more than once.`;
    });

/** Tells how many images have partners, where some have none. */
const partly = (groups: readonly Group[]): readonly string[] =>
  groups.flatMap(({ members, size, among }) => {
    if (among === undefined || among.every((count) => count === size)) return [];
    const counts = members.map(({ domain: { name } }, m) => `${among[m]} images of ${name}`);
    return [
      `${size} of the ${counts.join(" and the ")} have partners in all of these domains: pairs are drawn from them.`,
    ];
  });

/**
 * Opens the feed of a spec's image domains for training. An epoch has `floor(largest / (repetitions
 * * batch))` steps, at least 1, where `largest` is the size of the largest domain. All batches have
 * one size: images left over at the end of an epoch's order are not drawn. A broken image gives way
 * to the next usable one of its source.
 */
export const openFeed = (options: FeedOptions): Either<DataError, Feed> => {
  const { dataset, batch, seed, repetitions = 1, ahead = 4 } = options;
  const stagesOf = (domain: string): readonly AugmentStage[] => options.augment[domain] ?? [];
  const members = membersOf(options);
  for (const { domain } of members.filter((m) => m.domain.kind === "image")) {
    const fits = checkAugment(stagesOf(domain.name), domain);
    if (isLeft(fits)) return fits;
  }
  const found = groupsOf(options);
  if (isLeft(found)) return found;
  const groups = found.right;
  const sizes = groups.map((group) => group.size);
  const largest = sizes.length === 0 ? samplesWithoutImages : Math.max(...sizes);
  const filed = new Set(groups.flatMap((group) => group.classes.map(({ key }) => key)));
  const free = members.filter((m) => m.domain.kind !== "image" && !filed.has(m.key));
  const stepsPerEpoch = Math.max(1, Math.floor(largest / (batch * repetitions)));
  const fixedOf = (domain: string): readonly AugmentStage[] =>
    stagesOf(domain).slice(0, fixedStages(stagesOf(domain)));
  const rangeOf = (domain: string): readonly [number, number] =>
    options.domains.find(({ name }) => name === domain)?.range ?? DEFAULT_RANGE;
  const load = prepare(dataset.train, fixedOf, options.cacheBytes ?? cacheShare(), rangeOf);

  const brokenOf = (domain: string, id: string, reason: string): Either<BrokenImage, never> =>
    left({ kind: "broken-image", id, path: `${dataset.train[domain]?.name}/${id}`, reason });

  /** Loads sample i of a group: an image for every member, or the first broken one. */
  const sample = async (
    group: Group,
    i: number,
    epoch: number,
    slot: number,
  ): Promise<Either<BrokenImage, Sample>> => {
    const made = recordOf<Sample[string]>([]);
    let lead: Windowed | undefined;
    // Request all before awaiting the first: answers arrive between two training steps.
    const asked = group.members.map(({ domain }, m) => load(domain.name, group.place(i, m)));
    for (const one of asked) one.catch(() => undefined);
    for (const [m, { key, domain }] of group.members.entries()) {
      const at = group.place(i, m);
      const loaded = (await asked[m]) ?? brokenOf(domain.name, "", "it is missing");
      if (isLeft(loaded)) return loaded;
      const id = dataset.train[domain.name]?.id(at) ?? "";
      const stages = stagesOf(domain.name);
      const first = fixedStages(stages);
      const one: Windowed = { id, image: loaded.right, stages: stages.slice(first) };
      lead ??= one;
      const apart = windowsApart(lead, one);
      if (apart !== undefined) return brokenOf(domain.name, id, apart);
      // Partners read the same streams, so that they get the same crop and flip.
      const draws = augmentDraws(seed, group.lead, epoch, slot, key);
      const image = augment(stages, loaded.right, domain, draws, first);
      if (isLeft(image)) return brokenOf(domain.name, id, image.left);
      made[key] = { id, image: image.right, of: dataset.train[domain.name]?.classOf?.(at) ?? 0 };
    }
    return right(made);
  };

  const drawSample = async (
    group: Group,
    i: number,
    epoch: number,
    slot: number,
  ): Promise<Drawn> => {
    const broken: BrokenImage[] = [];
    for (let attempt = 0; attempt < group.size; attempt++) {
      const made = await sample(group, (i + attempt) % group.size, epoch, slot);
      if (isRight(made)) return { sample: made.right, broken };
      broken.push(made.left);
    }
    const last = broken.at(-1);
    const names = group.members.map(({ domain }) => dataset.train[domain.name]?.name ?? "");
    throw new DataFault({
      kind: "no-readable-image",
      path: [...new Set(names)].join(", "),
      reason: `none of the ${group.size} ${names.length > 1 ? "pairs" : "images"} can be used (${last?.id}: ${last?.reason})`,
      hint: "Check that the images are still there, and that the augment chain suits their sizes.",
    });
  };

  const told = new Set<string>();
  const firstTold = (broken: readonly BrokenImage[]): readonly BrokenImage[] =>
    broken.filter(({ path }) => !told.has(path) && told.add(path));

  const drawersOf = (epoch: number) =>
    groups.map((group) => ({ group, draw: drawer(group, largest, seed, epoch) }));

  /** Makes the n-th draw of the epoch, from 0. */
  const makeDraw = async (
    drawers: ReturnType<typeof drawersOf>,
    epoch: number,
    n: number,
  ): Promise<Omit<Batch, "step" | "again">> => {
    const broken: (readonly BrokenImage[])[] = [];
    const tensors = recordOf<HostTensor>([]);
    const ids = recordOf<readonly string[]>([]);
    const slots = Array.from({ length: batch }, (_, k) => n * batch + k);
    const all = await Promise.all(
      drawers.map(({ group, draw }) =>
        Promise.all(slots.map((slot) => drawSample(group, draw(slot), epoch, slot))),
      ),
    );
    for (const [g, { group }] of drawers.entries()) {
      const drawn = all[g] ?? [];
      broken.push(drawn.flatMap((one) => one.broken));
      for (const { key, domain } of group.members) {
        const images = drawn.flatMap(({ sample }) => sample[key]?.image ?? []);
        tensors[key] = toTensor(images, domain.range);
        ids[key] = drawn.map(({ sample }) => sample[key]?.id ?? "");
      }
      for (const { key, domain } of group.classes) {
        const classes = drawn.map(({ sample }) =>
          Math.max(...Object.values(sample).map(({ of }) => of)),
        );
        tensors[key] = oneHot(classes, domain.shape[2]);
      }
    }
    for (const { key, domain } of free) tensors[key] = hostDraw(domain, key, batch, seed, epoch, n);
    return { batch: tensors, ids, skipped: broken.flat() };
  };

  const drawsPerEpoch = stepsPerEpoch * repetitions;

  /**
   * Starts the draws of an epoch from draw `from` on, in order. `top` starts one more, if any is
   * left.
   */
  const begin = (epoch: number, from: number) => {
    const drawers = drawersOf(epoch);
    const queue: ReturnType<typeof makeDraw>[] = [];
    let next = from;
    const isDone = (): boolean => next >= drawsPerEpoch;
    const top = (): void => {
      if (isDone()) return;
      const made = makeDraw(drawers, epoch, next++);
      // A caller that leaves the loop early never awaits it.
      made.catch(() => {});
      queue.push(made);
    };
    return { epoch, queue, top, isDone };
  };

  /** The next epoch. Its first batches start before the current epoch ends. */
  let following: ReturnType<typeof begin> | undefined;

  return right({
    stepsPerEpoch,
    streams: streamsOf(groups, free),
    notices: [...partly(groups), ...repeating(groups, batch)],
    epoch: async function* (epoch, from = 0) {
      const begun = from === 0 && following?.epoch === epoch ? following : undefined;
      const own = begun ?? begin(epoch, from * repetitions);
      following = undefined;
      while (own.queue.length < ahead && !own.isDone()) own.top();
      for (let step = from; step < stepsPerEpoch; step++) {
        const made: Omit<Batch, "step" | "again">[] = [];
        for (let k = 0; k < repetitions; k++) {
          if (own.isDone() && ahead > 0) {
            following ??= begin(epoch + 1, 0);
            following.top();
          } else own.top();
          const draw = await own.queue.shift();
          if (draw !== undefined) made.push(draw);
        }
        const [first, ...others] = made;
        if (first === undefined) continue;
        const again = others.map((draw) => draw.batch);
        const skipped = firstTold(made.flatMap((draw) => draw.skipped));
        yield { ...first, step, again, skipped };
      }
    },
  });
};
