/** Roles of formals: `min` and `max` say what a network does to a loss. */
import type * as ast from "../../syntax/ast.js";
import type { Context } from "../values/context.js";

/** Reports roles that say nothing: only networks of a loss have one. */
export const refuseRoles = (context: Context, formals: readonly ast.Formal[]): void => {
  for (const { role, name, span } of formals) {
    if (role === undefined) continue;
    context.report(
      "GAN305",
      span,
      `\`${role}\` says what a network does to a loss, and \`${name.text}\` is no network of a loss`,
      { notes: ["For example: `loss fool(min G : a -> b, max D : b -> Scores) = …`."] },
    );
  }
};
