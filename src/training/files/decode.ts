/** Reading JSON that crosses a boundary: text in, a checked value or a reason out. */
import { createHash } from "node:crypto";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

/** A whole number from 0 that JSON and JavaScript hold exactly. */
export const Natural = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, "Natural");

/** A whole number from 1. */
export const Positive = t.refinement(Natural, (n) => n > 0, "Positive");

/** A stretch of time, in milliseconds. */
export const Duration = t.refinement(t.number, (n) => Number.isFinite(n) && n >= 0, "Duration");

const where = (error: t.ValidationError): string =>
  error.context
    .map(({ key }) => key)
    .filter((key) => key !== "")
    .join(".");

/** Objects without a prototype: many are keyed by names that users choose, `constructor` among them. */
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

/** The reason names the first field that does not fit, as the end of a sentence that begins with the file's name. */
export const decodeJson = <A>(codec: t.Decoder<unknown, A>, text: string): Either<string, A> => {
  const value = parse(text);
  return isLeft(value) ? value : decodeValue(codec, value.right);
};

/** `1, 2 and 3`. */
const listed = (numbers: readonly number[]): string =>
  numbers.length < 2 ? numbers.join() : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;

/** Of the formats that this version reads, the one that a file says it has; the reason says too what to do about a newer one. */
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

/** The format of a file of JSON, as `knownFormat` has it. */
export const decodeFormat = <F extends number>(
  text: string,
  readable: readonly F[],
): Either<string, F> => {
  const version = decodeJson(t.type({ format: t.number }), text);
  return isLeft(version) ? version : knownFormat(version.right.format, readable);
};

/** Over what JSON holds, not how it is laid out: hexadecimal SHA-256. */
const fingerprintOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");

/** The same fields, and last a fingerprint of them, which `decodeSealed` holds them to. */
export const seal = <A extends object>(value: A): A & { readonly fingerprint: string } => ({
  ...value,
  fingerprint: fingerprintOf(value),
});

/**
 * As `decodeJson`, of a file that stands under a fingerprint: what does not fit it was changed since it was written. Where
 * `mayLack`, a file without one is read too: earlier versions of ganc wrote none.
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
