/** What can go wrong between a disk and a batch, as values. Each error says where, why, and what to do. */
import { printable } from "../../base/printable.js";

/** One image that cannot be used; the data set goes on without it. */
export interface BrokenImage {
  readonly kind: "broken-image";
  /** The image's id in its source. */
  readonly id: string;
  /** Its file, or where else it came from. */
  readonly path: string;
  readonly reason: string;
}

/** Something in a folder that is not counted among its images. */
export interface PassedOver {
  /** In its folder; a name that is no text has its odd bytes written out. */
  readonly name: string;
  readonly reason: string;
}

export interface DataError {
  readonly kind:
    | "missing-folder"
    | "not-a-folder"
    | "unreadable-folder"
    | "empty-folder"
    | "no-readable-image"
    | "unpaired-images"
    | "wrong-domains"
    | "wrong-classes"
    | "bad-list"
    | "bad-package"
    | "augment-mismatch"
    | "unreadable-image";
  /** The folder, file or domain that the error is about. */
  readonly path: string;
  readonly reason: string;
  /** What the user can do about it, one sentence. */
  readonly hint: string;
}

/** `path: reason. hint`, on one line. */
export const describeDataError = (error: DataError): string =>
  printable(`${error.path}: ${error.reason}. ${error.hint}`);

/** The message of whatever was thrown, on one line. */
export const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Error || (typeof thrown === "object" && thrown !== null && "message" in thrown)
    ? String(thrown.message)
    : String(thrown)
  )
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ");

/**
 * Thrown where images vanish in the middle of a run and nothing is left to draw from: opening a data set has already
 * checked that there is something to read, so this is a fault of the machine and not an answer.
 */
export class DataFault extends Error {
  override readonly name = "DataFault";
  constructor(readonly error: DataError) {
    super(describeDataError(error));
  }
}
