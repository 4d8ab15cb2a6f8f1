/** Domains and objectives as they are declared. */
import type * as ast from "../../syntax/ast.js";
import { asRecipe } from "../evaluate/composition.js";
import { type Evaluator, topScope } from "../evaluate/evaluator.js";
import { domainOfStage } from "../values/domains.js";
import { describeValue, unknown, type Value } from "../values/value.js";

export const objectiveOf = (
  evaluator: Evaluator,
  declaration: Extract<ast.Declaration, { kind: "objective" }>,
): Value => {
  const value = evaluator.evaluate(declaration.value, topScope);
  if (value.kind === "unknown") return unknown;
  if (value.kind !== "term" || value.term.type.kind !== "loss") {
    return evaluator.context.report(
      "GAN308",
      declaration.value.span,
      `an objective is a loss, and this is ${describeValue(value)}`,
    );
  }
  const { term } = value;
  return {
    kind: "term",
    term: {
      kind: "objective",
      name: declaration.name.text,
      body: term,
      type: term.type,
      span: declaration.name.span,
    },
  };
};

export const domainOf = (
  evaluator: Evaluator,
  declaration: Extract<ast.Declaration, { kind: "domain" }>,
): Value => {
  const value = asRecipe(
    evaluator,
    evaluator.evaluate(declaration.value, topScope),
    declaration.value,
  );
  if (value.kind === "unknown") return unknown;
  const stage = value.kind === "recipe" && value.of === "domain" ? value.stages[0] : undefined;
  if (stage === undefined) {
    return evaluator.context.report(
      "GAN305",
      declaration.value.span,
      `a domain is made by \`image(height, width, channels)\`, and this is ${describeValue(value)}`,
      {
        notes: [
          "Or by `noise(n)`, `uniform(n, low, high)`, `labels(classes)` or `features(height, width, channels)`.",
        ],
      },
    );
  }
  const { text: name, span } = declaration.name;
  const at = declaration.value.span;
  const domain = domainOfStage(evaluator.context, stage, name, span, at);
  return domain === undefined ? unknown : { kind: "domain", domain };
};
