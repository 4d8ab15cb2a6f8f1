/** Images for measuring a run: from one split, with their partners. */
import { isLeft } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Domain } from "../../program/model.js";
import type { BrokenImage } from "../files/errors.js";
import { type Raster, toTensor } from "../images/image.js";
import { type FixedImages, loadFitted } from "./fixed.js";
import type { ImageSource } from "./source.js";

/** The image of each domain that shows the same thing. */
type Pair = Readonly<Record<string, number>>;

export interface MeasuringImages {
  /** By domain. */
  readonly images: Readonly<Record<string, FixedImages>>;
  /** For each pair, by domain: its row in `images`. */
  readonly pairs: readonly Pair[];
  /** Unreadable images. They and their partners are not used. */
  readonly skipped: readonly BrokenImage[];
}

/** Most numbers in the images of one domain: 256 MiB. */
const mostNumbers = 2 ** 26;

/** Returns up to `most` of `n` indices, spread evenly, always the same. */
const spread = (n: number, most: number): readonly number[] => {
  const count = Math.min(n, most);
  return Array.from({ length: count }, (_, k) => Math.floor((k * n) / count));
};

/** Chooses the paired images first, then others up to `most`. */
const chosenIn = (source: ImageSource, paired: readonly number[], most: number) => {
  const chosen = new Set(paired);
  const others = Array.from({ length: source.size }, (_, i) => i).filter((i) => !chosen.has(i));
  for (const k of spread(others.length, Math.max(0, most - chosen.size)))
    chosen.add(others[k] ?? 0);
  return [...chosen].sort((a, b) => a - b);
};

interface Loaded {
  readonly found: FixedImages;
  /** By index in the source. */
  readonly rows: ReadonlyMap<number, number>;
  readonly skipped: readonly BrokenImage[];
}

const load = async (
  source: ImageSource,
  domain: Domain,
  chosen: readonly number[],
): Promise<Loaded> => {
  const images: Raster[] = [];
  const rows = new Map<number, number>();
  const skipped: BrokenImage[] = [];
  for (const i of chosen) {
    const loaded = await loadFitted(source, domain, i);
    if (isLeft(loaded)) skipped.push(loaded.left);
    else {
      rows.set(i, images.length);
      images.push(loaded.right);
    }
  }
  const kept = [...rows.keys()];
  const none: HostTensor = { shape: [0, ...domain.shape], data: new Float32Array() };
  const found = {
    ids: kept.map((i) => source.id(i)),
    images: images.length === 0 ? none : toTensor(images, domain.range),
    classes: source.classOf === undefined ? undefined : kept.map((i) => source.classOf?.(i) ?? 0),
  };
  return { found, rows, skipped };
};

/** Loads up to `most` images of each domain that has a source, paired ones first. */
export const measuringImages = async (
  sources: Readonly<Record<string, ImageSource>>,
  pairs: readonly Pair[],
  domains: readonly Domain[],
  most: number,
): Promise<MeasuringImages> => {
  const there = domains.filter(({ name }) => sources[name] !== undefined);
  const sizes = there.map(({ shape: [h, w, c] }) => h * w * c);
  const fitting = Math.min(most, ...sizes.map((size) => Math.floor(mostNumbers / size)));
  const atMost = Math.max(2, fitting);
  const chosen = spread(pairs.length, atMost).map((k): Pair => pairs[k] ?? {});
  const all = new Map<string, Loaded>();
  for (const domain of there) {
    const source = sources[domain.name] as ImageSource;
    const paired = chosen.flatMap((pair) => pair[domain.name] ?? []);
    all.set(domain.name, await load(source, domain, chosenIn(source, paired, atMost)));
  }
  const whole = chosen.flatMap((pair) => {
    const rows = Object.entries(pair).map(
      ([name, i]) => [name, all.get(name)?.rows.get(i)] as const,
    );
    const isWhole = rows.every(([, row]) => row !== undefined);
    return isWhole ? [recordOf(rows.map(([name, row]) => [name, row ?? 0] as const))] : [];
  });
  return {
    images: recordOf([...all].map(([name, { found }]) => [name, found] as const)),
    pairs: whole,
    skipped: [...all.values()].flatMap(({ skipped }) => skipped),
  };
};
