/**
 * Finds the largest size and batch of a spec that fit into memory, by the checker, which decides on
 * sizes, and by plans of a step.
 */
import { largestThatFits } from "../../engines/largest.js";
import type { PlannedEngine } from "../../engines/memory-plan.js";
import { planMemory } from "../../engines/memory-plan.js";
import type { Model } from "../../program/model.js";
import type { Fitting } from "../../report/specs/plan-text.js";

/** Compiles the spec with another value for a param. Undefined if it is refused. */
export type Variant = (param: string, value: number) => Model | undefined;

/** Usual greatest distance between valid sizes, which are multiples of what networks halve. */
const NEAR = 64;
const LARGEST_SIZE = 16_384;
const LARGEST_BATCH = 4096;

const sidesOf = ({ domains }: Model): string =>
  JSON.stringify(domains.filter(({ kind }) => kind === "image").map(({ shape }) => shape));

/** Finds the greatest valid value at or below `value`. */
const nearest =
  (of: (value: number) => Model | undefined) =>
  (value: number, above: number): number | undefined => {
    for (let tried = value; tried > Math.max(above, value - NEAR); tried--)
      if (of(tried) !== undefined) return tried;
    return undefined;
  };

const remembered = (of: (value: number) => Model | undefined) => {
  const known = new Map<number, Model | undefined>();
  return (value: number): Model | undefined => {
    if (!known.has(value)) known.set(value, of(value));
    return known.get(value);
  };
};

/** Finds the param that sets the sides of images, with its value. */
const sizeParam = (model: Model, variant: Variant) => {
  for (const { name, type, value } of model.params) {
    if (type !== "Int" || typeof value !== "number") continue;
    const of = remembered((other) => variant(name, other));
    const other = nearest(of)(value + NEAR, value) ?? nearest(of)(value - 1, 0);
    const changed = other === undefined ? undefined : of(other);
    if (changed !== undefined && sidesOf(changed) !== sidesOf(model)) return { name, value, of };
  }
  return undefined;
};

const withBatch = (model: Model, batch: number): Model => ({
  ...model,
  recipe: { ...model.recipe, batch },
});

export const fittingOf = (
  model: Model,
  variant: Variant,
  engine: PlannedEngine,
  memory: number,
): Fitting => {
  const size = sizeParam(model, variant);
  const largest =
    size &&
    largestThatFits({
      from: size.value,
      memory,
      power: 2,
      most: LARGEST_SIZE,
      admitted: nearest(size.of),
      weigh: (value) =>
        planMemory(value === size.value ? model : (size.of(value) ?? model), engine),
    });
  const batch = largestThatFits({
    from: model.recipe.batch,
    memory,
    power: 1,
    most: LARGEST_BATCH,
    admitted: (value) => value,
    weigh: (value) => planMemory(withBatch(model, value), engine),
  });
  return {
    size: size && largest !== undefined ? { param: size.name, value: largest } : undefined,
    batch,
  };
};
