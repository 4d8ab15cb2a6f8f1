/** Formals of losses: how they are shown, and type variables that none of them fixes. */
import { nearest } from "../../base/suggest.js";
import { misspelt } from "../../diagnostics/diagnostic.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import type { Context } from "../values/context.js";
import type { FormalTypes } from "./inference.js";

const showType = (type: ast.TypeExpr): string => {
  switch (type.kind) {
    case "named":
      return type.name;
    case "product":
      return `(${type.items.map(showType).join(", ")})`;
    case "arrow":
      return `${showType(type.from)} -> ${showType(type.to)}`;
  }
};

/** As it was written, or with the type that follows from the loss's body. */
export const showFormal = (
  context: Context,
  types: FormalTypes["types"],
  formal: ast.Formal,
): string => {
  const type = formal.type === undefined ? types.get(formal) : undefined;
  return type === undefined
    ? context.quote(formal.span)
    : `${formal.name.text} : ${showType(type)}`;
};

/**
 * Reports what the body draws from and no network of the loss takes or gives: no use could say what
 * it is.
 */
export const refuseLoose = (
  context: Context,
  { loose, fixed }: FormalTypes,
  declaration: LossDeclaration,
): boolean => {
  for (const { name, span } of loose) {
    context.report("GAN201", span, `there is no domain \`${name}\``, {
      ...misspelt(span, nearest(name, fixed)),
      notes: [
        `No network of \`${declaration.name.text}\` takes or gives a value of it, so that no use of the loss could say which it is.`,
      ],
    });
  }
  return loose.length > 0;
};
