/** Reading JSON that crosses a boundary: text in, a checked value or a reason out. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type * as t from "io-ts";

const where = (error: t.ValidationError): string =>
  error.context
    .map(({ key }) => key)
    .filter((key) => key !== "")
    .join(".");

/** The reason names the first field that does not fit, as the end of a sentence that begins with the file's name. */
export const decodeJson = <A>(codec: t.Decoder<unknown, A>, text: string): Either<string, A> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return left("is not JSON, or is cut off");
  }
  const decoded = codec.decode(value);
  if (!isLeft(decoded)) return right(decoded.right);
  const [first] = decoded.left;
  const field = first === undefined ? "" : where(first);
  return left(field === "" ? "is malformed" : `is malformed at "${field}"`);
};
