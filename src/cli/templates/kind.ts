/** The parameters of a first spec. */

export interface Start {
  /** Image domains, as many as the kind has; valid names in a spec. */
  readonly domains: readonly string[];
  /** Side of the square training images, one of the kind's sizes. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** Number of classes by which the images are filed; 0 if they are not. */
  readonly classes: number;
}

/** Sides of square images, in pixels. */
export interface Sizes {
  readonly allows: (side: number) => boolean;
  /** The allowed sides, in words. */
  readonly words: string;
  /** Sides that `ganc init` chooses from, the largest first. */
  readonly offered: readonly number[];
}

export const multiplesOf = (step: number, least: number, offered: readonly number[]): Sizes => ({
  allows: (side) => side % step === 0 && side >= least,
  words: `a multiple of ${step} that is at least ${least}`,
  offered,
});

export interface Kind {
  readonly name: string;
  /** Its purpose in a few words. */
  readonly title: string;
  /** Number of image folders that it learns from. */
  readonly domains: 1 | 2;
  /** Whether images are filed in a folder for each class. */
  readonly isOfClasses?: true;
  /** Sides that its networks accept. */
  readonly sizes: Sizes;
  /** Writes the text, which need not be formatted. */
  readonly spec: (start: Start) => string;
}

/** Returns the filters and residual blocks for a size. Smaller images have less to learn. */
export const capacity = (size: number): { readonly filters: number; readonly blocks: number } => {
  if (size <= 64) return { filters: 24, blocks: 4 };
  return size <= 128 ? { filters: 32, blocks: 6 } : { filters: 64, blocks: 9 };
};

/** Returns `wanted`, with an underscore if a domain has that name. */
export const unused = (wanted: string, domains: readonly string[]): string =>
  domains.includes(wanted) ? `${wanted}_` : wanted;
