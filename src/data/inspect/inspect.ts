/** Looks at every image of a data set once, and keeps of each what comparing takes: about 1.5 kB, whatever its size. */
import { join } from "node:path";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import type { PassedOver } from "../files/errors.js";
import { strayIn } from "../images/numbers.js";
import type { Dataset, ImageSource } from "../sets/source.js";
import { type Alike, findAlike } from "./alike.js";
import { addParts, type Layout, newLayout } from "./layout-share.js";
import { type Look, lookAt } from "./look.js";

export type Split = "train" | "test";

/** The images of one domain in one split, as they were found. */
export interface Inspected {
  readonly split: Split;
  readonly domain: string;
  readonly source: ImageSource;
  /** Images that cannot be used, as their source has them listed and as reading them showed. */
  readonly broken: readonly PassedOver[];
  readonly layout: Layout;
}

/** One image that was looked at. */
export interface Seen extends Look {
  /** Which of the inspected sets it is of. */
  readonly set: number;
  /** Its index in that set's source. */
  readonly index: number;
}

export interface Inspection {
  readonly sets: readonly Inspected[];
  /** In the order of their sets and sources. */
  readonly seen: readonly Seen[];
  /** Between the first images of each digest, blank ones left out: indices into `seen`. */
  readonly alike: Alike;
}

export interface Progress {
  readonly what: "looked at" | "compared";
  readonly done: number;
  readonly of: number;
}

/** Images that are decoded at once: as many as fit into memory when all are huge. */
const atOnce = 4;

const inspectSource = async (
  source: ImageSource,
  set: number,
  tell: () => void,
): Promise<{
  readonly seen: readonly Seen[];
  readonly broken: readonly PassedOver[];
  readonly layout: Layout;
}> => {
  const seen: (Seen | undefined)[] = [];
  const broken: (PassedOver | undefined)[] = [];
  const layout = newLayout();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < source.size; index = next++) {
      const loaded = await source.load(index);
      const reason = isLeft(loaded) ? loaded.left.reason : strayIn(loaded.right);
      if (reason !== undefined) broken[index] = { name: source.id(index), reason };
      else if (isRight(loaded)) {
        const { look, parts } = await lookAt(loaded.right);
        seen[index] = { ...look, set, index };
        addParts(layout, index, parts);
      }
      tell();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return {
    seen: seen.flatMap((one) => one ?? []),
    broken: [...(source.passed ?? []), ...broken.flatMap((one) => one ?? [])],
    layout,
  };
};

/** The first image of each digest that shows anything: indices into `seen`. */
const distinct = (seen: readonly Seen[]): readonly number[] => {
  const known = new Set<string>();
  return seen.flatMap(({ digest, isBlank }, i) => {
    if (isBlank || known.has(digest)) return [];
    known.add(digest);
    return [i];
  });
};

/** Decodes every image, a few at once, and finds those that show the same. Time grows with the number of images. */
export const inspect = async (
  { train, test = {} }: Dataset,
  progress: (progress: Progress) => void = () => undefined,
): Promise<Inspection> => {
  const sources = [
    ...Object.entries(train).map(([domain, source]) => ({
      split: "train" as const,
      domain,
      source,
    })),
    ...Object.entries(test).map(([domain, source]) => ({ split: "test" as const, domain, source })),
  ];
  const of = sources.reduce((sum, { source }) => sum + source.size, 0);
  let done = 0;
  const tell = (): void => progress({ what: "looked at", done: ++done, of });
  const sets: Inspected[] = [];
  const seen: Seen[] = [];
  for (const [set, { source, ...named }] of sources.entries()) {
    const found = await inspectSource(source, set, tell);
    sets.push({ ...named, source, broken: found.broken, layout: found.layout });
    for (const one of found.seen) seen.push(one);
  }
  const compared = distinct(seen);
  const found = await findAlike(
    compared.map((i) => seen[i]?.small ?? new Uint8Array(0)),
    (n) => progress({ what: "compared", done: n, of: compared.length }),
  );
  const pairs = found.pairs.map(([a, b]) => [compared[a] ?? 0, compared[b] ?? 0] as const);
  return { sets, seen, alike: { ...found, pairs } };
};

/** Where an image is, as messages have it. */
export const placeOf = ({ sets }: Inspection, { set, index }: Seen): string => {
  const source = sets[set]?.source;
  return source === undefined
    ? ""
    : (source.file?.(index).path ?? join(source.name, source.id(index)));
};
