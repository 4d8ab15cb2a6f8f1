/** Whether a spec fits into the memory of this machine, before anything is allocated for it. */
import { freemem } from "node:os";
import { bytesText } from "../../base/bytes.js";
import type { MemoryLimit, MemoryPlan } from "../../contracts/memory.js";
import { type PlannedEngine, planCode, planMemory } from "../../engines/plan.js";
import { memoryLimit } from "../../engines/sessions/memory-limit.js";
import type { Places } from "../../engines/sessions/places.js";
import { fittingLine, isRefused, memoryLine, refusal } from "../../report/specs/plan.js";
import type { MemoryWords, Purpose } from "../../training/program/compiled.js";
import { fittingOf, type Variant } from "./fitting.js";

/** What is worth a word though it is tried. */
const cautionOf = ({ peak }: MemoryPlan, { bytes, of }: MemoryLimit, free: number) => {
  const risk = "the system may end it without a word.";
  if (peak > bytes)
    return `a step needs about ${bytesText(peak)} of memory, and ${of} has ${bytesText(bytes)}: ${risk}`;
  return peak > free
    ? `a step needs about ${bytesText(peak)} of memory, and ${bytesText(free)} are free now: ${risk}`
    : undefined;
};

/** Nothing where the step is computed in the memory of a graphics card, of which ganc knows nothing. */
export const memoryWords = (
  places: Places,
  variant: Variant,
  engine: PlannedEngine,
  purpose: Purpose = "train",
  limit: MemoryLimit = memoryLimit(),
  free: number = freemem(),
): MemoryWords | undefined => {
  if (engine === "cuda" || engine === "webgpu") return undefined;
  const { model } = places;
  const plan =
    purpose === "code"
      ? planCode(model, engine === "cpu" ? "cpu" : "tensorflow", places)
      : planMemory(model, engine, places);
  const line = memoryLine(plan, limit);
  if (!isRefused(plan, limit)) return { line, caution: cautionOf(plan, limit, free) };
  const fitting = fittingOf(model, variant, engine, limit.bytes);
  const text = refusal(plan, limit, fittingLine(fitting, model.recipe));
  return { line, refusal: text, caution: cautionOf(plan, limit, free) };
};
