/**
 * The data sets that the authors of CycleGAN publish, as their `download_cyclegan_dataset.sh` lists
 * them.
 */

export interface PublishedSet {
  readonly name: string;
  /** The contents of `trainA` and of `trainB`. */
  readonly a: string;
  readonly b: string;
}

export const publishedSets: readonly PublishedSet[] = [
  { name: "apple2orange", a: "apples", b: "oranges" },
  { name: "summer2winter_yosemite", a: "Yosemite in summer", b: "Yosemite in winter" },
  { name: "horse2zebra", a: "horses", b: "zebras" },
  { name: "monet2photo", a: "paintings by Monet", b: "photographs of landscapes" },
  { name: "cezanne2photo", a: "paintings by Cezanne", b: "photographs of landscapes" },
  { name: "ukiyoe2photo", a: "Japanese woodblock prints", b: "photographs of landscapes" },
  { name: "vangogh2photo", a: "paintings by Van Gogh", b: "photographs of landscapes" },
  { name: "maps", a: "aerial photographs", b: "maps of the same places" },
  { name: "facades", a: "photographs of facades", b: "their labels" },
  { name: "iphone2dslr_flower", a: "flowers, by a telephone", b: "flowers, by a camera" },
  {
    name: "ae_photos",
    a: "photographs to translate (testA)",
    b: "nothing: it has test images only",
  },
];

/** Returns the URL of a set. Neither hashes nor sizes are published. */
export const urlOf = ({ name }: PublishedSet): string =>
  `http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/${name}.zip`;

/** Sets that the same script names but that are not available, with the reason. */
export const withdrawn: Readonly<Record<string, string>> = {
  cityscapes:
    "its licence forbids redistribution: get it from cityscapes-dataset.com, and name its folders with --data",
};
