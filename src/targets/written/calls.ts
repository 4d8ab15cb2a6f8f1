/** Calls of a spec: what questions about networks are answered, and what formals are given. */
import type { Sides } from "../../base/sides.js";
import type { Expr, ExprOf } from "../../program/expression.js";
import type { Model } from "../../program/model.js";
import { measures } from "./dependencies.js";

/** The answer to `params(G)` and `receptive_field(G)`; undefined of any other call. */
export const measured = ({ callee, args }: ExprOf<"call">, model: Model): Sides | undefined => {
  if (callee.kind !== "builtin" || callee.name === "shape") return undefined;
  const subject = args[0]?.value;
  const net =
    subject?.kind === "network" && measures.has(callee.name)
      ? model.networks.find(({ name }) => name === subject.name)
      : undefined;
  return callee.name === "params" ? net?.size : net?.receptiveField;
};

/** Matches a call's arguments to formals; undefined where the default value is used. */
export const matched = (
  { args }: ExprOf<"call">,
  names: readonly string[],
): readonly (Expr | undefined)[] =>
  names.map((name, i) => {
    const argument = args.find((a) => a.name === name) ?? args[i];
    const fits = argument !== undefined && (argument.name === undefined || argument.name === name);
    return fits ? argument.value : undefined;
  });
