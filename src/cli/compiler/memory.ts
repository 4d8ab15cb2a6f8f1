/** Tells whether a spec fits into this machine's memory before anything is allocated. */
import { freemem } from "node:os";
import { bytesText } from "../../base/bytes.js";
import type { MemoryLimit, MemoryPlan } from "../../contracts/memory.js";
import { isPlanned, type PlannedEngine, planCode, planMemory } from "../../engines/memory-plan.js";
import { memoryLimit } from "../../engines/sessions/memory-limit.js";
import type { Places } from "../../engines/sessions/places.js";
import { fittingLine, isRefused, memoryLine, refusal } from "../../report/specs/plan-text.js";
import type { MemoryWords, Purpose } from "../../training/program/compiled.js";
import { fittingOf, type Variant } from "./fitting.js";

/** Words a warning for a step that is tried nevertheless. */
const cautionOf = ({ peak }: MemoryPlan, { bytes, of }: MemoryLimit, free: number) => {
  const risk = "the system may kill it without a message.";
  if (peak > bytes)
    return `a step needs about ${bytesText(peak)} of memory, and ${of} has ${bytesText(bytes)}: ${risk}`;
  return peak > free
    ? `a step needs about ${bytesText(peak)} of memory, and ${bytesText(free)} are free now: ${risk}`
    : undefined;
};

/** Words the memory of a step. Undefined for a graphics card and for PyTorch, whose memory
 * ganc does not plan. */
export const memoryWords = (
  places: Places,
  variant: Variant,
  engine: PlannedEngine,
  purpose: Purpose = "train",
  limit: MemoryLimit = memoryLimit(),
  free: number = freemem(),
): MemoryWords | undefined => {
  if (!isPlanned(engine)) return undefined;
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
