/** Images that are skipped, as they are told: the first by name, and how many more. */
import { join } from "node:path";
import { printable } from "../../base/printable.js";
import type { Dataset } from "../../data/sets/source.js";

interface Skipped {
  readonly path: string;
  readonly reason: string;
}

/** Told by name before a run's words are spared. */
export const mostTold = 8;

const line = ({ path, reason }: Skipped): string =>
  `skipped     ${printable(path)}: ${printable(reason)}`;

const moreLine = (more: number): string => `skipped     and ${more} more`;

/** A line each for the first, and one for the others. */
export const skippedLines = (all: readonly Skipped[]): readonly string[] => {
  const told = all.length === mostTold + 1 ? all : all.slice(0, mostTold);
  const more = all.length - told.length;
  return [...told.map(line), ...(more > 0 ? [moreLine(more)] : [])];
};

/** What of a data set's folders was listed and cannot be used. */
export const skippedEntries = ({ train, test = {} }: Dataset): readonly string[] =>
  skippedLines(
    [...Object.values(train), ...Object.values(test)].flatMap(({ name, passed = [] }) =>
      passed.map((entry) => ({ path: join(name, entry.name), reason: entry.reason })),
    ),
  );

export interface Telling {
  /** The line that one more is worth, if any. */
  next(image: Skipped): string | undefined;
  /** The line that those not told of are worth, if any. */
  rest(): string | undefined;
}

/** Tells of images one after the other, as a run comes upon them. */
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
