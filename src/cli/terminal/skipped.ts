/** Reports skipped images: the first by name, then the number of others. */
import { join } from "node:path";
import { printable } from "../../base/printable.js";
import type { Dataset } from "../../data/sets/source.js";

interface Skipped {
  readonly path: string;
  readonly reason: string;
}

/** Images reported by name. */
export const mostTold = 8;

const line = ({ path, reason }: Skipped): string =>
  `skipped     ${printable(path)}: ${printable(reason)}`;

const moreLine = (more: number): string => `skipped     and ${more} more`;

/** Writes a line for each of the first, and one for the others. */
export const skippedLines = (all: readonly Skipped[]): readonly string[] => {
  const told = all.length === mostTold + 1 ? all : all.slice(0, mostTold);
  const more = all.length - told.length;
  return [...told.map(line), ...(more > 0 ? [moreLine(more)] : [])];
};

/** Lists entries of a data set's folders that cannot be used. */
export const skippedEntries = ({ train, test = {} }: Dataset): readonly string[] =>
  skippedLines(
    [...Object.values(train), ...Object.values(test)].flatMap(({ name, passed = [] }) =>
      passed.map((entry) => ({ path: join(name, entry.name), reason: entry.reason })),
    ),
  );

export interface Telling {
  /** Returns the line for one more image, if it gets one. */
  next(image: Skipped): string | undefined;
  /** Returns the line for the images not listed, if there are any. */
  rest(): string | undefined;
}

/** Reports images one by one, as a run meets them. */
export const telling = (): Telling => {
  let [told, more] = [0, 0];
  return {
    next: (image) => {
      if (told === mostTold) {
        more++;
        return undefined;
      }
      told++;
      return line(image);
    },
    rest: () => (more > 0 ? moreLine(more) : undefined),
  };
};
