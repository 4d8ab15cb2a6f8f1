/** Reads JSON from outside: text in, a checked value or a reason out. */
import { createHash } from "node:crypto";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

/** An integer from 0 that JSON and JavaScript hold exactly. */
export const Natural = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, "Natural");

/** An integer from 1. */
export const Positive = t.refinement(Natural, (n) => n > 0, "Positive");

/** A duration in milliseconds. */
export const Duration = t.refinement(t.number, (n) => Number.isFinite(n) && n >= 0, "Duration");

const where = (error: t.ValidationError): string =>
  error.context
    .map(({ key }) => key)
    .filter((key) => key !== "")
    .join(".");

/**
 * Makes objects without a prototype: keys may be names that users choose, such as `constructor`.
 */
const bare = (_: string, value: unknown): unknown =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.setPrototypeOf(value, null)
    : value;

const parse = (text: string): Either<string, unknown> => {
  try {
    return right(JSON.parse(text, bare));
  } catch {
    return left("is not JSON, or is cut off");
  }
};

const decodeValue = <A>(codec: t.Decoder<unknown, A>, value: unknown): Either<string, A> => {
  const decoded = codec.decode(value);
  if (!isLeft(decoded)) return right(decoded.right);
  const [first] = decoded.left;
  const field = first === undefined ? "" : where(first);
  return left(field === "" ? "is malformed" : `is malformed at "${field}"`);
};

/**
 * Decodes JSON. The reason names the first field that does not fit, as the end of a sentence that
 * begins with the file's name.
 */
export const decodeJson = <A>(codec: t.Decoder<unknown, A>, text: string): Either<string, A> => {
  const value = parse(text);
  return isLeft(value) ? value : decodeValue(codec, value.right);
};

/** Writes `1, 2 and 3`. */
const listed = (numbers: readonly number[]): string =>
  numbers.length < 2 ? numbers.join() : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;

/**
 * Checks that a file's format is one of `readable`. The reason also says what to do about a newer
 * one.
 */
export const knownFormat = <F extends number>(
  format: number,
  readable: readonly F[],
): Either<string, F> => {
  const found = readable.find((one) => one === format);
  if (found !== undefined) return right(found);
  const formats = `${readable.length === 1 ? "format" : "formats"} ${listed(readable)}`;
  const isNewer = Number.isSafeInteger(format) && readable.every((one) => one < format);
  const cure = isNewer ? " (a newer version wrote it: update ganc)" : "";
  return left(`has format ${format}, and this version of ganc reads ${formats}${cure}`);
};

/** Reads the format of a JSON file and checks it as `knownFormat` does. */
export const decodeFormat = <F extends number>(
  text: string,
  readable: readonly F[],
): Either<string, F> => {
  const version = decodeJson(t.type({ format: t.number }), text);
  return isLeft(version) ? version : knownFormat(version.right.format, readable);
};

/** Computes a fingerprint of a JSON value, independent of its layout: hexadecimal SHA-256. */
const fingerprintOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");

/** Appends a fingerprint of all fields, which `decodeSealed` checks. */
export const seal = <A extends object>(value: A): A & { readonly fingerprint: string } => ({
  ...value,
  fingerprint: fingerprintOf(value),
});

/**
 * Decodes JSON with a fingerprint; a value that does not match it was changed after it was written.
 * `mayLack` also accepts files without one, as earlier versions of ganc wrote.
 */
export const decodeSealed = <A>(
  codec: t.Decoder<unknown, A>,
  text: string,
  mayLack: boolean,
): Either<string, A> => {
  const record = decodeJson(t.UnknownRecord, text);
  if (isLeft(record)) return record;
  const { fingerprint, ...value } = record.right;
  if (fingerprint === undefined && !mayLack) return left("has lost its fingerprint");
  const isWhole = fingerprint === undefined || fingerprint === fingerprintOf(value);
  return isWhole
    ? decodeValue(codec, value)
    : left("was changed: its contents do not fit its fingerprint");
};
