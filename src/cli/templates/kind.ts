/** What a spec to begin with is made for. */

export interface Start {
  /** The domains of images, as many as the kind has; names that a spec can give. */
  readonly domains: readonly string[];
  /** Side of the square images that are trained on, of the kind's sizes. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** How many classes the images are filed by; 0 where they are not. */
  readonly classes: number;
}

/** Sides of square images, in pixels. */
export interface Sizes {
  readonly allows: (side: number) => boolean;
  /** Those that are allowed, in words. */
  readonly words: string;
  /** What `ganc init` chooses from, the largest first. */
  readonly offered: readonly number[];
}

export const multiplesOf = (step: number, least: number, offered: readonly number[]): Sizes => ({
  allows: (side) => side % step === 0 && side >= least,
  words: `a multiple of ${step} that is at least ${least}`,
  offered,
});

export interface Kind {
  readonly name: string;
  /** What it is for, a few words. */
  readonly title: string;
  /** How many folders of images it learns from. */
  readonly domains: 1 | 2;
  /** Whether the images are filed in a folder for each class. */
  readonly isOfClasses?: true;
  /** Sides that its networks take. */
  readonly sizes: Sizes;
  /** The text, which need not be laid out. */
  readonly spec: (start: Start) => string;
}

/** Smaller images have less in them to be learnt: so many filters and residual blocks. */
export const capacity = (size: number): { readonly filters: number; readonly blocks: number } => {
  if (size <= 64) return { filters: 24, blocks: 4 };
  return size <= 128 ? { filters: 32, blocks: 6 } : { filters: 64, blocks: 9 };
};

/** `wanted`, or with a mark where a domain is called so already. */
export const unused = (wanted: string, domains: readonly string[]): string =>
  domains.includes(wanted) ? `${wanted}_` : wanted;
