/** Sources of images for training and evaluation, wherever they are kept. */
import type { Either } from "fp-ts/lib/Either.js";
import type { BrokenImage, PassedOver } from "../files/errors.js";
import type { Raster } from "../images/image.js";
import type { Part } from "../images/part.js";

/** A file on disk, as listed. */
export interface ImageFile {
  readonly path: string;
  /** Undefined if the file is gone. */
  readonly bytes: number | undefined;
  /** Whether its fractions are in [0, 1]. Otherwise they are in the domain's range. */
  readonly isUnit?: boolean;
  /** Which part of the picture is the image. Default: all of it. */
  readonly part?: Part | undefined;
  /**
   * Reads its content, if it lies in an archive. The left side completes a sentence that begins
   * with its name.
   */
  readonly read?: () => Promise<Either<string, Uint8Array>>;
}

/** What a resumed run remembers of its images since it began. */
export interface Remembered {
  /** By domain: ids in order. A missing image keeps its place; a new one gets none. */
  readonly images?: Readonly<Record<string, readonly string[]>>;
  /** By domain: ids of images held out of training. */
  readonly held?: Readonly<Record<string, readonly string[]>>;
  /** By domain: names of the classes in the order of the labels. */
  readonly classes?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Whether the run has no record of its images. Earlier versions of ganc knew fewer endings and
   * sorted differently.
   */
  readonly isOld: boolean;
}

/** A fixed, ordered collection of images. */
export interface ImageSource {
  /** Name for messages and manifests: a folder, or an icon set. */
  readonly name: string;
  /** Number of images, broken ones included. */
  readonly size: number;
  /**
   * Returns the id of image i in [0, size): unique within the source, the same on every machine.
   */
  id(i: number): string;
  /** Names of the classes in order, if images are filed by class. */
  readonly classes?: readonly string[];
  /** Returns the class of image i, from 0, if images are filed by class. */
  classOf?(i: number): number;
  /** Entries that look like images by their place but cannot be used, with reasons. */
  readonly passed?: readonly PassedOver[];
  /** Ids of images that were added since the run began and are not part of the source. */
  readonly since?: readonly string[];
  /** Returns the file of image i, if images are files. */
  file?(i: number): ImageFile;
  /** Phrases for people about other contents that are left out. */
  readonly beside?: readonly string[];
  /** Decodes image i. Repeated calls give the same result. */
  load(i: number): Promise<Either<BrokenImage, Raster>>;
}

export interface Dataset {
  readonly name: string;
  /** By domain name. */
  readonly train: Readonly<Record<string, ImageSource>>;
  /** By domain name: images held out of `train` for measuring. Absent if there are none. */
  readonly held?: Readonly<Record<string, ImageSource>>;
  /** By domain name. Absent if the data have no test split. */
  readonly test?: Readonly<Record<string, ImageSource>>;
  /**
   * The hidden pairing of the test split: for each pair, the index into `test` of each domain's
   * image. For evaluation only; training never sees it.
   */
  readonly pairs?: readonly Readonly<Record<string, number>>[];
  /** Notices about the data as a whole, a line each. */
  readonly notices?: readonly string[];
  /** Describes where the images are and how many, one line for each split. */
  describe(): string;
  /**
   * Hexadecimal SHA-256 that identifies the data in a run's manifest. For folders: over the names
   * and sizes in bytes of the files, not their pixels. For drawn sets: over the versions of the
   * packages and the names drawn.
   */
  readonly hash: string;
}
