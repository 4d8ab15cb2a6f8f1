/**
 * Generic losses on their own, where they are declared: a mistake in a body is one mistake, however
 * often it is used.
 */
import { nearest } from "../../base/suggest.js";
import { misspelt } from "../../diagnostics/diagnostic.js";
import type { Definition } from "../../names/scope.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import { refuseLoose } from "../inference/formals.js";
import { describeValue, intValue, realValue, unknown, type Value } from "../values/value.js";
import { type Evaluator, topScope } from "./evaluator.js";
import { refuseRoles } from "./roles.js";

/**
 * The value of a loss's body where its networks go between type variables and its numbers are
 * unknown.
 */
export const genericLoss = (evaluator: Evaluator, declaration: LossDeclaration): Value => {
  const { context } = evaluator;
  const env = new Map<Definition, Value>();
  const { types } = evaluator.formals.of(declaration);
  for (const formal of declaration.formals) {
    const definition = context.resolved.locals.get(formal.name);
    if (definition !== undefined)
      env.set(definition, genericFormal(evaluator, formal, types.get(formal)));
  }
  return evaluator.evaluate(declaration.value, { ...topScope, env });
};

const genericFormal = (
  evaluator: Evaluator,
  formal: ast.Formal,
  type: ast.TypeExpr | undefined,
): Value => {
  if (type?.kind === "arrow") {
    const from = evaluator.domainOf(type.from, new Map());
    const to = evaluator.domainOf(type.to, new Map());
    if (from === undefined || to === undefined) return unknown;
    const isInferred = formal.type === undefined;
    const { name, span } = formal;
    return { kind: "net", net: { name: name.text, from, to, formal: true, isInferred, span } };
  }
  if (type === undefined) return realValue();
  const name = type.kind === "named" ? type.name : "";
  if (name === "Int") return intValue();
  if (name === "Real") return realValue();
  const { fix, suggestion } = misspelt(type.span, nearest(name, ["Int", "Real"]));
  return evaluator.context.report(
    "GAN309",
    type.span,
    "a loss takes networks, such as `G : a -> b`, and numbers: an Int or a Real",
    { fix, suggestion },
  );
};

/** Whether the declaration is a loss; what is wrong with it is reported. */
export const isSoundLoss = (evaluator: Evaluator, declaration: LossDeclaration): boolean => {
  const { context } = evaluator;
  if (refuseLoose(context, evaluator.formals.of(declaration), declaration)) return false;
  const { types } = evaluator.formals.of(declaration);
  refuseRoles(
    context,
    declaration.formals.filter((formal) => types.get(formal)?.kind !== "arrow"),
  );
  const value = genericLoss(evaluator, declaration);
  const sound = value.kind === "term" && value.term.type.kind === "loss";
  if (!sound && value.kind !== "unknown") {
    const notes = ["Draw its values: `E[x ~ a] …`."];
    context.report(
      "GAN308",
      declaration.value.span,
      `a loss is an expectation, and \`${declaration.name.text}\` gives ${describeValue(value)}`,
      { notes },
    );
  }
  return sound;
};
