/** What training and evaluation draw images from, wherever these are kept. */
import type { Either } from "fp-ts/lib/Either.js";
import type { BrokenImage, PassedOver } from "../files/errors.js";
import type { Raster } from "../images/image.js";

/** A file on a disk, as it was listed. */
export interface ImageFile {
  readonly path: string;
  /** Undefined where it is not there any more. */
  readonly bytes: number | undefined;
  /** Whether fractions in it are of [0, 1]; else they are in the range of the domain. */
  readonly isUnit?: boolean;
  /** Its content, where it lies in an archive; the left side completes a sentence that begins with its name. */
  readonly read?: () => Promise<Either<string, Uint8Array>>;
}

/** What a run that goes on knows of its images since it began. */
export interface Remembered {
  /** By domain, ids in their order. An image that is gone keeps its place, one that has come since gets none. */
  readonly images?: Readonly<Record<string, readonly string[]>>;
  /** By domain, ids of images that it has held out of training. */
  readonly held?: Readonly<Record<string, readonly string[]>>;
  /** By domain, names of the classes in the order of the labels. */
  readonly classes?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whether the run keeps no account of its images: earlier versions of ganc knew fewer endings, and sorted otherwise. */
  readonly isOld: boolean;
}

/** A fixed, ordered collection of images. */
export interface ImageSource {
  /** For messages and manifests: a folder, or the name of an icon set. */
  readonly name: string;
  /** How many images, broken ones included. */
  readonly size: number;
  /** Of image i in [0, size): unique within the source, the same on every machine. */
  id(i: number): string;
  /** Names of the classes in their order, where images are filed by class. */
  readonly classes?: readonly string[];
  /** Which class image i is of, from 0, where images are filed by class. */
  classOf?(i: number): number;
  /** What was meant as an image, as its place says, and cannot be one, each with its reason. */
  readonly passed?: readonly PassedOver[];
  /** Ids of images that lie there too, and are none of this source: they have come since the run began. */
  readonly since?: readonly string[];
  /** The file of image i, where images are files. */
  file?(i: number): ImageFile;
  /** What else lies there and is left out, a phrase each, for people. */
  readonly beside?: readonly string[];
  /** Decodes image i. May be asked again; what it gives does not change. */
  load(i: number): Promise<Either<BrokenImage, Raster>>;
}

export interface Dataset {
  readonly name: string;
  /** By domain name. */
  readonly train: Readonly<Record<string, ImageSource>>;
  /** By domain name: what was kept out of `train`, to measure by; absent where nothing was. */
  readonly held?: Readonly<Record<string, ImageSource>>;
  /** By domain name; absent where the data have no test split. */
  readonly test?: Readonly<Record<string, ImageSource>>;
  /**
   * The hidden pairing of the test split: which image of each domain shows the same thing, as indices into `test`.
   * For evaluation alone, training never sees it.
   */
  readonly pairs?: readonly Readonly<Record<string, number>>[];
  /** What is to be known of the data as a whole, a line each. */
  readonly notices?: readonly string[];
  /** Where the images are and how many, for people: one line for each split. */
  describe(): string;
  /**
   * Hexadecimal SHA-256 that names the data in a run's manifest. For folders: over the names and sizes in bytes of the
   * files, not their pixels; for drawn sets: over the versions of the packages and the names drawn.
   */
  readonly hash: string;
}
