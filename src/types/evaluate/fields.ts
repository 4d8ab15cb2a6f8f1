/** The fields of a `train` block, and those that are stages of a kind. */
import { nearest } from "../../base/suggest.js";
import { type Diagnostic, diagnostic, misspelt } from "../../diagnostics/diagnostic.js";
import { settingElsewhere } from "../../operators/elsewhere.js";
import type { RecipeKind } from "../../operators/recipe.js";
import type * as ast from "../../syntax/ast.js";
import { describeValue, type RecipeStage } from "../values/value.js";
import { asRecipe } from "./composition.js";
import { type Evaluator, topScope } from "./evaluator.js";

export type Fields = ReadonlyMap<string, ast.Field>;

interface FieldRule {
  /** How it is written where it is missing. */
  readonly example: string;
  /** Fields with a default may be missing. */
  readonly required: boolean;
  /**
   * Whether networks, domains or params may have their own: `optimizer[D]`, `augment[X]`,
   * `schedule[lambda]`.
   */
  readonly each?: "network" | "domain" | "param";
  /** Whether it is of networks that nobody trains, too. */
  readonly ofFrozen?: true;
}

export const fields: Readonly<Record<string, FieldRule>> = {
  optimizer: { example: "adam(2e-4, beta1: 0.5)", required: true, each: "network" },
  schedule: { example: "constant(100) >> linear_to_zero(100)", required: true, each: "param" },
  batch: { example: "1", required: false },
  init: { example: "normal(0, 0.02)", required: false, each: "network", ofFrozen: true },
  augment: {
    example: "resize(286) >> random_crop(256) >> random_flip",
    required: false,
    each: "domain",
  },
  average: { example: "0.999", required: false },
  checkpoint_activations: { example: "true", required: false },
  accumulate: { example: "4", required: false },
  clip_gradient: { example: "by_norm(1)", required: false, each: "network" },
  clip: { example: "0.01", required: false, each: "network" },
  stop: { example: "(explosion, collapse)", required: false },
};

/**
 * The diagnostic for a field that does not exist, and the field that was probably meant. Nothing
 * where the field exists.
 */
export const unknownField = ({
  name: { text, span },
}: ast.Field):
  | { readonly diagnostic: Diagnostic; readonly meant: string | undefined }
  | undefined => {
  if (text === "" || Object.hasOwn(fields, text)) return undefined;
  const instead = settingElsewhere(text);
  const meant = instead === undefined ? nearest(text, Object.keys(fields), "option") : undefined;
  const { notes = [], ...edit } = misspelt(span, meant);
  const said = diagnostic("GAN401", span, `\`train\` has no field \`${text}\``, {
    ...edit,
    notes: [
      ...(instead === undefined ? notes : [instead]),
      `Its fields are ${Object.keys(fields).join(", ")}.`,
    ],
  });
  return { diagnostic: said, meant: meant?.name };
};

/**
 * The fields of a recipe that there are not: a mistake of no other, so that it can be told beside
 * mistakes of names.
 */
export const unknownFields = (train: Fields): readonly Diagnostic[] =>
  [...new Set(train.values())].flatMap((field) => unknownField(field)?.diagnostic ?? []);

export const recipeStages = (
  evaluator: Evaluator,
  field: ast.Field | undefined,
  kind: RecipeKind,
): readonly RecipeStage[] | undefined => {
  if (field === undefined) return undefined;
  const value = asRecipe(evaluator, evaluator.evaluate(field.value, topScope), field.value);
  if (value.kind === "unknown") return undefined;
  if (value.kind === "recipe" && value.of === kind) return value.stages;
  evaluator.context.report(
    "GAN305",
    field.value.span,
    `\`${field.name.text}\` takes ${kind === "init" ? "an initialisation" : `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`}, not ${describeValue(value)}`,
    {
      notes: [`For example: \`${field.name.text}: ${fields[field.name.text]?.example}\`.`],
    },
  );
  return undefined;
};
