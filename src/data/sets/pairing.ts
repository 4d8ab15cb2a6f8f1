/** Pairs images of two or more sources by name. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { someOf } from "../../base/printable.js";
import type { DataError } from "../files/errors.js";
import type { ImageSource } from "./source.js";

/**
 * Returns what the names of partners have in common: the name up to its last dot. Composed (NFC),
 * since some systems write é as one character and others as two.
 */
export const stemOf = (id: string): string => id.replace(/\.[^./]*$/, "").normalize("NFC");

/** Names of one source that prevent pairing. */
interface Fault {
  readonly source: ImageSource;
  readonly names: readonly string[];
}

export interface Matches {
  /** For each pair, in the order of the first source: its index in each source. */
  readonly pairs: readonly (readonly number[])[];
  /**
   * Images without a partner. Not listed if the partner was passed over or was added since the run
   * began.
   */
  readonly alone: readonly Fault[];
  /**
   * For each source, images of the first of the others that has a name which it lacks. Not listed
   * if the name was passed over or was added since the run began.
   */
  readonly lacking: readonly Fault[];
  /** Images of one source with the same stem. */
  readonly twice: readonly Fault[];
}

/** Indexes a source by stem: the first image with it, and the names of the others. */
const indexed = (source: ImageSource) => {
  const first = new Map<string, number>();
  const twice: string[] = [];
  for (let i = 0; i < source.size; i++) {
    const stem = stemOf(source.id(i));
    const before = first.get(stem);
    if (before === undefined) first.set(stem, i);
    else twice.push(`${source.id(before)} and ${source.id(i)}`);
  }
  return { source, first, twice };
};

/** Matches the images of all sources by name, whatever their endings. Needs at least one source. */
export const matchByName = (sources: readonly ImageSource[]): Matches => {
  const all = sources.map(indexed);
  const passed = new Set(
    sources.flatMap(({ passed = [], since = [] }) =>
      [...passed.map(({ name }) => name), ...since].map(stemOf),
    ),
  );
  const isWhole = (stem: string): boolean => all.every(({ first }) => first.has(stem));
  const pairs = [...(all[0]?.first.keys() ?? [])]
    .filter(isWhole)
    .map((stem) => all.map(({ first }) => first.get(stem) ?? 0));
  const faults = (of: (one: (typeof all)[number]) => readonly string[]): readonly Fault[] =>
    all.map((one) => ({ source: one.source, names: of(one) })).filter((f) => f.names.length > 0);
  const byStem = new Map<string, string>();
  for (const { source, first } of all)
    for (const [stem, i] of first) if (!byStem.has(stem)) byStem.set(stem, source.id(i));
  return {
    pairs,
    alone: faults(({ source, first }) =>
      [...first].flatMap(([stem, i]) => (isWhole(stem) || passed.has(stem) ? [] : source.id(i))),
    ),
    lacking: faults(({ first }) =>
      [...byStem].flatMap(([stem, id]) => (first.has(stem) || passed.has(stem) ? [] : id)),
    ),
    twice: faults(({ twice }) => twice),
  };
};

const unpaired = (sources: readonly ImageSource[], reason: string): Either<DataError, never> =>
  left({
    kind: "unpaired-images",
    path: sources.map(({ name }) => name).join(", "),
    reason,
    hint: "Give each image one partner of the same name (endings aside), draw only those that have one by `pairs(…, all: false)`, or draw the domains unpaired.",
  });

const inEach = (faults: readonly Fault[], where: string): string =>
  faults.map(({ source, names }) => `${someOf(names)} ${where} ${source.name}`).join("; ");

/**
 * Pairs the images of all sources, in the order of the first. The left side names images without a
 * partner, unless `isPartial` leaves them out, or names that occur twice.
 */
export const pairByName = (
  sources: readonly ImageSource[],
  isPartial = false,
): Either<DataError, Matches["pairs"]> => {
  const { pairs, alone, lacking, twice } = matchByName(sources);
  if (twice.length > 0)
    return unpaired(
      sources,
      `partners are matched by name, but some names occur twice: ${inEach(twice, "in")}`,
    );
  if (alone.length > 0 && !isPartial)
    return unpaired(
      sources,
      `paired folders must hold images of the same names: ${sources.length === 2 ? inEach(alone, "only in") : inEach(lacking, "missing in")}`,
    );
  return pairs.length > 0
    ? right(pairs)
    : unpaired(sources, "none of the images has a partner that can be used");
};
