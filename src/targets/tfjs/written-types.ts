/** Types as TypeScript writes them. */
import { type Either, isLeft } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import type { Identifiers } from "../written/identifiers.js";
import type { Module } from "./module.js";
import type { Type } from "./types.js";

/** Unwraps a form that `Forms` has found sound. */
export const sound = <A>(found: Either<string, A>): A =>
  isLeft(found) ? impossible(`TypeScript has no form for ${found.left}`) : found.right;

/**
 * `number`, `(k: number, next?: Block) => Block`; `names` are those of the function that it stands
 * in.
 */
export const typeText = (module: Module, names: Identifiers, type: Type): string => {
  if (type === "Block" || type === "Sides") return module.runtime(type);
  if (typeof type === "string") return type;
  const inner = names.inner();
  const takes = type.takes.map(({ local, isOptional, type: taken }, i) => {
    const text = typeText(module, inner, taken);
    const name = local === undefined ? String.fromCharCode(97 + i) : inner.of(local);
    return `${name}${isOptional === true ? "?" : ""}: ${text}`;
  });
  return `(${takes.join(", ")}) => ${typeText(module, names, type.gives)}`;
};
