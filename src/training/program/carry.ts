/** Checks whether another spec can continue a run: only if the form of the state stays the same. */
import { tensorsOf } from "../../engines/sessions/bookkeeping.js";
import type { CompiledSpec } from "./compiled.js";
import type { SpecProgram } from "./program.js";
import type { Position } from "./schedule.js";

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Lists the tensors of a spec's state with their shapes, without histories and counts. */
const shapesOf = ({ model, program }: CompiledSpec): Shapes =>
  model === undefined
    ? new Map(
        program.networks.flatMap(({ parameters }) =>
          parameters.map(({ name, shape }) => [`param/${name}`, shape] as const),
        ),
      )
    : tensorsOf(model);

const dims = (shape: readonly number[] = []): string => `[${shape.join(", ")}]`;

const others = (all: readonly unknown[]): string =>
  all.length < 2 ? "" : `, and ${all.length - 1} more ${all.length === 2 ? "tensor" : "tensors"}`;

/**
 * Words which tensors of the state would change, as a sentence without its stop. Undefined if none
 * would.
 */
export const stateChange = (own: CompiledSpec, next: CompiledSpec): string | undefined => {
  const [was, is] = [shapesOf(own), shapesOf(next)];
  const reshaped = [...is].filter(
    ([name, shape]) => was.has(name) && was.get(name)?.join() !== shape.join(),
  );
  const [changed] = reshaped;
  if (changed !== undefined)
    return `${changed[0]} is ${dims(was.get(changed[0]))}, and would be ${dims(changed[1])}${others(reshaped)}`;
  const come = [...is].filter(([name]) => !was.has(name));
  const gone = [...was].filter(([name]) => !is.has(name));
  const lost = gone[0] === undefined ? [] : [`${gone[0][0]}${others(gone)} would have no place`];
  const wanted =
    come[0] === undefined
      ? []
      : [
          `${come[0][0]} ${dims(come[0][1])}${others(come)} would be needed, but the run does not have it`,
        ];
  return [...lost, ...wanted].join("; ") || undefined;
};

/**
 * Words why the remaining images of an epoch could not be determined, as a sentence without its
 * stop: another batch size changes the count of steps. Undefined at the beginning of an epoch, or
 * if the sizes are equal.
 */
export const cursorChange = (
  own: Pick<SpecProgram, "recipe" | "repetitions">,
  next: Pick<SpecProgram, "recipe" | "repetitions">,
  { step, epoch, stepInEpoch }: Position,
): string | undefined => {
  const changes = [
    ...(own.recipe.batch === next.recipe.batch
      ? []
      : [`batch is ${own.recipe.batch}, and would be ${next.recipe.batch}`]),
    ...(own.repetitions === next.repetitions
      ? []
      : [`a step draws ${own.repetitions} times, and would draw ${next.repetitions} times`]),
  ];
  return stepInEpoch === 0 || changes.length === 0
    ? undefined
    : `${changes.join("; ")}, and step ${step} lies within epoch ${epoch + 1}, of which ${stepInEpoch} steps are made: such a change can be made where an epoch begins`;
};
