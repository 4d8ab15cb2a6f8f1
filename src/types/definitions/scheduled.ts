/** Params that follow a schedule, `schedule[lambda]`: numbers that move from epoch to epoch. */
import type { Declared } from "../../names/parts.js";
import { fieldKey, type Resolved } from "../../names/resolved.js";
import type { Definition } from "../../names/scope.js";
import { schedules } from "../../operators/schedules.js";
import { number } from "../../operators/signature.js";
import { sharesOf } from "../../program/schedule.js";
import type * as ast from "../../syntax/ast.js";
import type { Evaluator } from "../evaluate/evaluator.js";
import { recipeStages } from "../evaluate/fields.js";
import type { Share } from "../values/moving.js";
import { describeValue, type Value } from "../values/value.js";

/** Returns the field of the recipe that schedules a param, and the param's name in it. */
const fieldOf = (
  { train, nameUses }: Resolved,
  definition: Definition,
): readonly [ast.Field, ast.Name] | undefined => {
  for (const field of train.values()) {
    if (field.name.text !== "schedule") continue;
    const name = field.networks?.find((one) => nameUses.get(one) === definition);
    if (name !== undefined && train.get(fieldKey("schedule", name.text)) === field)
      return [field, name];
  }
  return undefined;
};

/** Returns a name that nothing of the spec has. */
const shareName = ({ definitions }: Resolved, param: string): string => {
  const taken = new Set(definitions.map(({ name }) => name));
  let name = `${param}_share`;
  while (taken.has(name)) name = `${name}_`;
  return name;
};

/**
 * Returns the shares that a scheduled param goes through, as a domain: ganc draws the share of the
 * epoch at hand for each sample. Nothing of a param without a schedule, or where a mistake was
 * reported.
 */
export const shareOf = (
  evaluator: Evaluator,
  definition: Declared,
  value: Value,
): Share | undefined => {
  const { context } = evaluator;
  const found = fieldOf(context.resolved, definition);
  if (found === undefined || value.kind === "unknown") return undefined;
  const [field, name] = found;
  if (value.kind !== "number") {
    context.report(
      "GAN305",
      name.span,
      `a schedule moves numbers, and \`${name.text}\` is ${describeValue(value)}`,
    );
    return undefined;
  }
  const { declaration } = definition;
  const type = declaration.kind === "param" ? declaration.type : undefined;
  if (type?.kind === "named" && type.name === "Int") {
    context.report(
      "GAN305",
      name.span,
      `a schedule makes fractions of a number, and \`${name.text}\` is an Int`,
      { labels: [{ span: type.span, text: "it is declared so here" }] },
    );
    return undefined;
  }
  const stages = recipeStages(evaluator, field, "schedule");
  if (stages === undefined) return undefined;
  const schedule = stages.map(({ word, options }) => ({
    kind: word.name,
    epochs: number(options, "epochs"),
    options,
  }));
  if (schedule.every(({ epochs }) => epochs === 0)) {
    context.report(
      "GAN403",
      field.value.span,
      `this schedule has no epochs, so \`${name.text}\` would never move`,
    );
    return undefined;
  }
  const waiting = stages.find(({ word }) => schedules.get(word.name)?.waits === true);
  if (waiting !== undefined) {
    context.report(
      "GAN305",
      waiting.span,
      `\`${waiting.word.name}\` goes by scores of held-out images, and is of the learning rate alone`,
      { notes: ["A param moves by epochs: `step_decay(100, factor: 0.5, every: 20)`."] },
    );
    return undefined;
  }
  return {
    kind: "domain",
    name: shareName(context.resolved, definition.name),
    shape: [1, 1, 1],
    range: sharesOf(schedule),
    sampler: "scheduled",
    param: definition.name,
    schedule,
    span: name.span,
  };
};
