/** Errors between disk and batch, as values. Each says where, why, and what to do. */
import { printable } from "../../base/printable.js";

/** One image that cannot be used. The data set goes on without it. */
export interface BrokenImage {
  readonly kind: "broken-image";
  /** The image's id in its source. */
  readonly id: string;
  /** Its file, or another description of where it came from. */
  readonly path: string;
  readonly reason: string;
}

/** A folder entry that does not count as an image. */
export interface PassedOver {
  /** Name in its folder. Bytes that are not UTF-8 are written as escapes. */
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
  /** What the user can do, in one sentence. */
  readonly hint: string;
}

/** Writes an error on one line: `path: reason. hint`. */
export const describeDataError = (error: DataError): string =>
  printable(`${error.path}: ${error.reason}. ${error.hint}`);

/** Returns the message of anything thrown, on one line. */
export const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Error || (typeof thrown === "object" && thrown !== null && "message" in thrown)
    ? String(thrown.message)
    : String(thrown)
  )
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ");

/**
 * Thrown if images vanish during a run and none is left to draw. Opening a data set already checks
 * that it can be read, so this is a fault of the machine, not a normal result.
 */
export class DataFault extends Error {
  override readonly name = "DataFault";
  constructor(readonly error: DataError) {
    super(describeDataError(error));
  }
}
