/**
 * Looks at every image of a data set once and keeps about 1.5 kB of each for comparison, whatever
 * its size.
 */
import { join } from "node:path";
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import type { PassedOver } from "../files/errors.js";
import { strayIn } from "../images/numbers.js";
import type { Dataset, ImageSource } from "../sets/source.js";
import { type Alike, findAlike } from "./alike.js";
import { type Look, lookAt } from "./image-summary.js";
import { addParts, type Layout, newLayout } from "./layout-share.js";

export type Split = "train" | "test";

/** The images of one domain in one split. */
export interface Inspected {
  readonly split: Split;
  readonly domain: string;
  readonly source: ImageSource;
  /** Images that cannot be used, as listed by the source and as found by reading. */
  readonly broken: readonly PassedOver[];
  readonly layout: Layout;
}

/** One image that was looked at. */
export interface Seen extends Look {
  /** Index of the set that it is in. */
  readonly set: number;
  /** Its index in that set's source. */
  readonly index: number;
}

export interface Inspection {
  readonly sets: readonly Inspected[];
  /** Ordered by set and source. */
  readonly seen: readonly Seen[];
  /** Similar images among the first of each digest, without blank ones: indices into `seen`. */
  readonly alike: Alike;
}

export interface Progress {
  readonly what: "looked at" | "compared";
  readonly done: number;
  readonly of: number;
}

/** Images decoded at once: as many as fit into memory if all are huge. */
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

/** Finds the first image of each digest, without blank ones: indices into `seen`. */
const distinct = (seen: readonly Seen[]): readonly number[] => {
  const known = new Set<string>();
  return seen.flatMap(({ digest, isBlank }, i) => {
    if (isBlank || known.has(digest)) return [];
    known.add(digest);
    return [i];
  });
};

/**
 * Decodes every image, a few at once, and finds those that show the same. Time grows linearly with
 * the number of images.
 */
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

/** Writes the place of an image for messages. */
export const placeOf = ({ sets }: Inspection, { set, index }: Seen): string => {
  const source = sets[set]?.source;
  return source === undefined
    ? ""
    : (source.file?.(index).path ?? join(source.name, source.id(index)));
};
